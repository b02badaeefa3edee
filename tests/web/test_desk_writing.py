"""Writing at the desk, in a real browser: nothing typed is lost, nothing newer is overwritten."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import faults
from PIL import Image
from web_samples import MEETING, Program, change, emails, running, society, wait_for_email

pytestmark = pytest.mark.browser

WRITE = "announcements/annual-meeting-2027.md/write"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = society(tmp_path_factory.mktemp("written") / "society")
    with running(folder, "desk", "--no-open") as program:
        yield program


@pytest.fixture
def desk(serving: Program) -> Iterator[Program]:
    path = serving.folder / MEETING
    before = path.read_bytes()
    yield serving
    path.write_bytes(before)


def open_editor(page: Any, desk: Program, width: int = 1280) -> Any:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(desk.url + WRITE)
    page.locator("#paint > div").nth(10).wait_for(state="attached")
    wait_for_email(page, "comes home to Baltimore")
    return page.locator("#text")


def on_disk(desk: Program) -> str:
    return (desk.folder / MEETING).read_text(encoding="utf-8")


def put_cursor(page: Any, before: str) -> None:
    page.evaluate(
        """words => { const area = document.getElementById('text');
        const at = area.value.indexOf(words); area.focus(); area.setSelectionRange(at, at); }""",
        before,
    )


def select(page: Any, words: str) -> None:
    page.evaluate(
        """words => { const area = document.getElementById('text');
        const at = area.value.indexOf(words); area.focus();
        area.setSelectionRange(at, at + words.length); }""",
        words,
    )


def saved(page: Any) -> None:
    page.wait_for_function("() => /^Saved at/.test(document.getElementById('saved').textContent)")


def test_what_is_typed_is_in_the_file_and_in_the_email_beside_it(page: Any, desk: Program) -> None:
    open_editor(page, desk)
    put_cursor(page, "comes home to Baltimore")
    page.keyboard.type("gladly ")
    wait_for_email(page, "gladly comes home to Baltimore")
    saved(page)
    assert "gladly comes home" in on_disk(desk)


def test_what_changes_on_disk_shows_in_the_open_editor(page: Any, desk: Program) -> None:
    area = open_editor(page, desk)
    change(desk.folder / MEETING, "home to Baltimore", "home to Lisbon")
    page.wait_for_function("() => document.getElementById('text').value.includes('to Lisbon')")
    wait_for_email(page, "home to Lisbon")
    assert "newest" in page.locator("#saved").inner_text()
    assert "Lisbon" in area.input_value()


@pytest.mark.parametrize(("press", "wins"), [("Keep mine", "mine"), ("Take theirs", "Lisbon")])
def test_two_who_write_at_once_both_keep_their_text_until_somebody_decides(
    page: Any, desk: Program, press: str, wins: str
) -> None:
    area = open_editor(page, desk)
    page.route("**/save?*", lambda route: route.abort())
    put_cursor(page, "comes home to Baltimore")
    page.keyboard.type("mine ")
    page.wait_for_function(
        "() => /Trying again/.test(document.getElementById('saved').textContent)"
    )
    change(desk.folder / MEETING, "home to Baltimore", "home to Lisbon")
    page.unroute("**/save?*")
    both = page.locator("#both")
    both.wait_for()
    assert "Lisbon" in page.locator("#theirs").inner_text()
    assert "mine comes home to Baltimore" in area.input_value()
    page.keyboard.type("still ")
    page.wait_for_timeout(900)
    assert "mine" not in on_disk(desk), "nothing is overwritten meanwhile"
    page.get_by_role("button", name=press).click()
    both.wait_for(state="hidden")
    page.wait_for_function(
        "words => document.getElementById('text').value.includes(words)", arg=wins
    )
    if press == "Keep mine":
        saved(page)
    assert wins in on_disk(desk)


def test_tools_and_keys_write_markdown_that_ctrl_z_takes_back(page: Any, desk: Program) -> None:
    area = open_editor(page, desk)
    before = area.input_value()
    for words, keys, wanted in (
        ("population genomics", "Control+b", "**population genomics**"),
        ("Abstracts are due", "Control+i", "*Abstracts are due*"),
        ("quiet room", "Control+k", "[quiet room](https://)"),
    ):
        select(page, words)
        page.keyboard.press(keys)
        assert wanted in area.input_value()
        page.keyboard.press("Control+z")
        assert area.input_value() == before
    select(page, "We look forward")
    page.get_by_role("button", name="Quote").click()
    assert "> We look forward" in area.input_value()
    put_cursor(page, "We look forward")
    page.get_by_role("button", name="First name").click()
    assert '{{ first_name or "colleague" }}We look' in area.input_value()


def test_enter_goes_on_with_a_list_and_ends_it(page: Any, desk: Program) -> None:
    area = open_editor(page, desk)
    put_cursor(page, "We look forward")
    page.keyboard.type("1. one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert "1. one\n2. two\n\nWe look" in area.input_value()


PASTE = """([kind, text]) => {
    const data = new DataTransfer(); data.setData(kind, text); data.setData('text/plain', 'plain');
    document.getElementById('text').dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_what_is_pasted_from_word_becomes_markdown(page: Any, desk: Program) -> None:
    area = open_editor(page, desk)
    put_cursor(page, "We look forward")
    html = "<h2>Travel <b>fund</b></h2><p onclick=x>Apply <script>evil()</script>now</p>"
    page.evaluate(PASTE, ["text/html", html])
    page.wait_for_function("() => /Travel \\*\\*fund/.test(document.getElementById('text').value)")
    assert "## Travel **fund**\n\nApply now" in area.input_value()
    assert "evil" not in area.input_value()


def test_a_dropped_picture_lies_beside_the_announcement(
    page: Any, desk: Program, tmp_path: Path
) -> None:
    area = open_editor(page, desk)
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "Our Harbour.png")
    put_cursor(page, "We look forward")
    page.locator("#picture").set_input_files(tmp_path / "Our Harbour.png")
    page.wait_for_function("() => /our-harbour/.test(document.getElementById('text').value)")
    assert "![what it shows](images/our-harbour" in area.input_value()
    chosen = "() => { const a = document.getElementById('text');"
    chosen += " return a.value.slice(a.selectionStart, a.selectionEnd); }"
    assert page.evaluate(chosen) == "what it shows", "the words are asked for at once"
    assert list((desk.folder / "announcements/images").glob("our-harbour*.png"))


def test_findings_stand_beside_their_lines_and_lead_there(page: Any, desk: Program) -> None:
    area = open_editor(page, desk)
    put_cursor(page, "We look forward")
    page.keyboard.type("{{ town }} ")
    page.locator("#paint > .error").wait_for()
    line = on_disk(desk).split("{{ town }}")[0].count("\n")
    marked = page.locator("#paint > div").nth(line)
    assert "error" in marked.get_attribute("class")
    page.get_by_role("tab", name="Findings").click()
    page.locator("a.place").first.click()
    at = "() => { const a = document.getElementById('text');"
    at += " return a.value.slice(a.selectionStart, a.selectionEnd); }"
    assert "{{ town }}" in page.evaluate(at)
    assert page.evaluate("document.activeElement.id") == "text"
    assert "town" in area.input_value()


def test_the_text_is_seen_where_it_is_typed(page: Any, desk: Program) -> None:
    for width in (375, 1280):
        open_editor(page, desk, width)
        sizes = page.evaluate(
            """() => ['paint', 'text'].map(id => { const e = document.getElementById(id);
            const s = getComputedStyle(e); return [e.clientWidth, e.scrollHeight, s.font,
            s.lineHeight, s.paddingLeft, s.paddingTop]; })"""
        )
        assert sizes[0][0] == sizes[1][0]
        assert abs(sizes[0][1] - sizes[1][1]) <= 2
        assert sizes[0][2:] == sizes[1][2:]


def test_a_hostile_announcement_runs_nothing_in_the_editor_or_its_preview(
    page: Any, desk: Program
) -> None:
    evil = (
        '---\ntitle: "<img src=x onerror=parent.__hit=1>"\n---\n\n<script>parent.__hit=1</script>\n'
        "</textarea><script>window.__hit=1</script><img src=x onerror=window.__hit=1>\n"
        "[x](javascript:window.__hit=1) {{ first_name }}\n"
    )
    (desk.folder / "announcements/evil.md").write_text(evil, encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for way in ("", "/write", "/proof"):
        page.goto(f"{desk.url}announcements/evil.md{way}")
        page.wait_for_timeout(600)
        assert page.evaluate("() => window.__hit") is None
    page.goto(f"{desk.url}announcements/evil.md/write")
    assert page.locator("#text").input_value() == evil
    page.goto(f"{desk.url}announcements")
    assert page.evaluate("() => window.__hit") is None
    assert [url for url in asked if not url.startswith((desk.url, "data:"))] == []
    for frame in emails(page):
        assert frame.locator("script").count() == 0
    (desk.folder / "announcements/evil.md").unlink()


def test_from_a_word_document_to_the_editor(page: Any, desk: Program, tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_heading("News from Lisbon", 0)
    document.add_paragraph("Dear all, come and see.")
    document.sections[0].header.paragraphs[0].text = "Letterhead"
    document.save(str(tmp_path / "News.docx"))
    page.goto(f"{desk.url}announcements")
    page.locator("#upload").set_input_files(tmp_path / "News.docx")
    page.wait_for_url("**/announcements/news.md/write")
    assert "Dear all, come and see." in page.locator("#text").input_value()
    assert "header and footer" in page.locator(".editor > .notice").first.inner_text()
    wait_for_email(page, "come and see")
    (desk.folder / "announcements/news.md").unlink()


def test_a_segment_is_built_with_a_live_count_by_keyboard_alone(page: Any, desk: Program) -> None:
    page.goto(f"{desk.url}audience/new")
    page.get_by_label("Title").fill("Young students")
    page.get_by_label("Name").fill("young-students")
    page.get_by_label("Attribute 1").focus()
    page.keyboard.type("membership")
    page.get_by_label("Value 1").focus()
    page.keyboard.type("student")
    page.get_by_text("71 members today").wait_for()
    rule = page.locator(".rule-row .rule")
    assert rule.inner_text() == "membership = 'student'"
    page.get_by_role("button", name="One more condition").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Attribute 2").wait_for()
    page.get_by_label("Attribute 2").select_option("country")
    page.get_by_label("Value 2").fill("US")
    page.wait_for_function("() => /country = 'US'/.test(document.body.innerText)")
    page.get_by_role("button", name="Save the segment").click()
    page.wait_for_url("**/audience/segment?name=young-students")
    text = (desk.folder / "recipients/segments.toml").read_text(encoding="utf-8")
    assert "rule = \"membership = 'student' AND country = 'US'\"" in text


PAGES = (
    "announcements",
    "announcements?q=nothing-has-this",
    "announcements/new",
    "announcements/annual-meeting-2027.md",
    WRITE,
    "announcements/annual-meeting-2027.md/proof",
    "audience",
    "audience/segment?name=students",
    "audience/edit?name=early-career",
    "audience/new?as=text&rule=town+%3D+1",
)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Any, desk: Program, path: str
) -> None:
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(desk.url + path)
        page.wait_for_timeout(300)
        assert faults(page, width, frames=False) == []


def test_a_review_link_is_read_without_an_account_in_light_and_dark(
    browser: Any, page: Any, desk: Program
) -> None:
    page.goto(f"{desk.url}announcements/annual-meeting-2027.md/proof")
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("input[readonly]").input_value()
    assert re.fullmatch(re.escape(desk.url) + r"review/[0-9a-f]{64}", address)
    other = browser.new_page(viewport={"width": 1280, "height": 900})
    other.goto(address)
    frame = other.frame_locator(".desktop iframe")
    frame.locator("h1").wait_for()
    other.get_by_role("link", name="Gmail, iPhone").click()
    frame.locator("h1").wait_for()
    found = faults(other, 1280, frames=False)
    other.close()
    assert found == []
