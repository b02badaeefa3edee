"""What the preview shows, and what nothing in an email can do to it, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import faults
from web_samples import MEETING, Program, change, emails, running, society

pytestmark = pytest.mark.browser


def email(page: Any, frame: str = ".desktop") -> Any:
    return page.frame_locator(f"{frame} iframe:not(.coming)")


def loaded(page: Any, url: str) -> None:
    page.goto(url)
    email(page).locator("body").wait_for()


def tab(page: Any, name: str) -> Any:
    """Open one of the panels beside the email."""
    page.get_by_role("tab", name=name).click()
    return page.locator("[role=tabpanel]:visible")


@pytest.mark.parametrize(
    ("device", "frame", "width"),
    [("Phone", ".phone", 375), ("Tablet", ".tablet", 768), ("Desktop", ".desktop", 700)],
)
def test_the_email_is_shown_as_wide_as_each_device(
    page: Any, preview: Program, device: str, frame: str, width: int
) -> None:
    loaded(page, preview.url)
    page.get_by_label(device, exact=True).check()
    assert page.locator(f"{frame} iframe").bounding_box()["width"] == width
    shown = email(page, frame)
    assert shown.locator("h1").inner_text().startswith("Meet us at the harbour")
    assert shown.locator("html").evaluate("html => html.clientWidth") == width
    assert shown.locator("img").first.evaluate("image => image.naturalWidth") > 0


def test_a_wide_screen_shows_phone_and_desktop_beside_each_other(
    browser: Any, preview: Program
) -> None:
    page = browser.new_page(viewport={"width": 1680, "height": 900})
    loaded(page, preview.url)
    boxes = [page.locator(f"{each} iframe").bounding_box() for each in (".phone", ".desktop")]
    page.close()
    assert [box["width"] for box in boxes] == [375, 700]
    assert boxes[0]["x"] + 375 < boxes[1]["x"]


GROUNDS = {
    "Light": "rgb(238, 240, 242)",
    "Dark": "rgb(15, 19, 23)",
    "Gmail, iPhone": "rgb(",
    "Gmail, Android": "rgb(",
    "Outlook.com": "rgb(",
}


@pytest.mark.parametrize("device", ["light", "dark"])
def test_each_look_colours_the_email_whatever_the_device_prefers(
    browser: Any, preview: Program, device: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=device)
    loaded(page, preview.url)
    seen = {}
    for look in (*GROUNDS, "Light"):
        page.get_by_label(look, exact=True).check()
        page.wait_for_function("() => !document.querySelector('.coming')")
        style = "body => getComputedStyle(body).backgroundColor"
        seen[look] = email(page).locator("body").evaluate(style)
    page.close()
    assert seen["Light"] == GROUNDS["Light"]
    assert seen["Dark"] == GROUNDS["Dark"]
    for look in ("Gmail, iPhone", "Gmail, Android", "Outlook.com"):
        assert max(map(int, re.findall(r"\d+", seen[look]))) < 60, look


def test_what_is_a_guess_says_so(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    for look in ("Gmail, iPhone", "Gmail, Android", "Outlook.com", "Outlook, Windows"):
        page.get_by_label(look, exact=True).check()
        assert "approximation" in page.locator(".about:visible").inner_text()


def test_without_images_their_words_stand_in(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    page.get_by_label("No images").check()
    page.wait_for_function("() => !document.querySelector('.coming')")
    picture = email(page).locator("img").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") == 0
    assert "city skyline" in picture.get_attribute("alt")


def test_the_email_is_read_out_in_order_without_its_layout(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    lines = [
        " ".join(each.split())
        for each in tab(page, "Reading order").locator("li").all_inner_texts()
    ]
    for first, second in (
        ("heading 1 Meet us at the harbour", "image A city skyline"),
        ("image A city skyline", "heading 2 What to look forward to"),
        ("list, 4 items", "item Opening lecture"),
        ("table, 5 rows, 3 columns", "Membership"),
        ("link Register for the meeting", "link Unsubscribe"),
    ):
        places = [
            next(at for at, line in enumerate(lines) if line.startswith(each))
            for each in (first, second)
        ]
        assert places == sorted(places), (first, second)


def test_what_outlook_alone_gets_is_listed_and_applied(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    panel = tab(page, "Outlook").inner_text()
    assert "only Outlook mso | IE" in " ".join(panel.split())
    assert "not Outlook !mso" in " ".join(panel.split())
    page.get_by_label("Outlook, Windows").check()
    page.wait_for_function("() => !document.querySelector('.coming')")
    assert email(page).locator("table[width='600']").count() > 0


def test_what_an_inbox_shows_stands_in_one_row(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    rows = tab(page, "Inbox").locator(".inbox")
    assert rows.count() == 6
    for row in rows.all_inner_texts():
        assert "Meridian Society of Genetics" in row
        assert "민준, registration for Baltimore is open" in row
        assert "Four days, 1,900 abstracts" in row
    assert page.title().startswith("민준, registration for Baltimore is open")


def test_plain_text_headers_and_size_are_those_of_the_message(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    text = tab(page, "Plain text").locator("pre").inner_text()
    assert "Dear 민준," in text
    assert text.strip() == preview.ask("/text?as=M10022").body.strip()
    headers = tab(page, "Headers").locator("dl").inner_text()
    for expected in (
        *("From", "Meridian Society of Genetics <news@meridian.example.org>"),
        *("민준 김 <lab-rna3@mail.example.com>", "Reply-To", "List-Unsubscribe-Post", "Message-ID"),
    ):
        assert expected in headers
    size = int(page.locator("meter").get_attribute("value"))
    assert 20_000 < size < 102_000
    assert f"{size:,} bytes" in tab(page, "Headers").inner_text()


def test_who_gets_it_and_who_does_not_adds_up(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    words = page.locator(".reach p").inner_text()
    assert "296 members get this: the whole list." in words
    assert "Of 300 listed, 4 are excluded (2 duplicate, 2 malformed address)." in words


def test_each_variant_says_how_many_get_it_and_is_one_click_away(
    page: Any, preview: Program
) -> None:
    loaded(page, preview.url)
    variants = page.locator("nav.variants a")
    assert [" ".join(each.split()) for each in variants.all_inner_texts()] == [
        "169 only the text for everybody such as 민준 김",
        "127 with the part for Students or Early career such as Sjöberg",
    ]
    assert "Help with the cost of coming" not in email(page).locator("body").inner_text()
    variants.last.click()
    email(page).get_by_text("Help with the cost of coming").wait_for()
    assert variants.last.get_attribute("aria-current") == "true"
    assert page.locator("#as").input_value() == "M10001"


@pytest.mark.parametrize("who", ["M10015", "olivia.oshea@genetics.example.org", "Olivia O"])
def test_a_member_is_found_by_id_and_by_address(page: Any, preview: Program, who: str) -> None:
    loaded(page, preview.url)
    page.locator("#as").fill(who)
    page.locator("#as").press("Enter")
    email(page).get_by_text("Dear Olivia,").wait_for()
    assert page.locator(".person").inner_text() == "Olivia O'Shea"
    assert page.locator("#as").input_value() == "M10015"
    headers = tab(page, "Headers").locator("dl").inner_text()
    assert "Olivia O'Shea <olivia.oshea@genetics.example.org>" in headers


def test_members_are_suggested_while_a_name_is_typed(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    page.locator("#as").fill("o'she")
    page.wait_for_function("() => document.querySelector('#people option')?.value === 'M10015'")
    assert "Olivia O'Shea olivia.oshea@" in page.locator("#people option").first.text_content()


def test_somebody_who_does_not_get_it_is_said_to_be_unknown(page: Any, preview: Program) -> None:
    loaded(page, f"{preview.url}?as=%3Cb%3Enobody%3C/b%3E")
    notice = page.locator(".unknown[role=alert]:visible").inner_text()
    assert "<b>nobody</b> is not among those who get this" in notice
    assert "here is how 민준 김 gets it" in notice
    # It is no fault of the announcement.
    assert "No errors" in page.locator(".verdict").inner_text()


def test_everything_can_be_done_by_keyboard(page: Any, preview: Program) -> None:
    loaded(page, preview.url)
    reached = []
    for _ in range(30):  # the links of the email among them
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.id || 'other'")
        )
    assert [each for each in reached if each not in ("other", "")][:4] == [
        *("as", "device", "look", "tab-findings"),
    ]
    page.get_by_label("Light").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Dark", exact=True).is_checked()
    page.get_by_role("tab", name="Findings").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-inbox"
    assert page.locator("#panel-inbox").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "panel-inbox"


def test_a_finding_leads_to_its_line(page: Any, tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    change(folder / MEETING, '{{ first_name or "colleague" }}', "{{ first_name }}")
    with running(folder, "preview", MEETING, "--no-open") as program:
        loaded(page, program.url)
        page.locator("a.place").first.click()
        line = page.locator(".numbered li.here")
        assert line.get_attribute("id") == "line-17"
        assert "Dear {{ first_name }}," in line.inner_text()
        assert "no first_name" in line.inner_text()


@pytest.mark.parametrize("width", [320, 375, 768, 1240, 1920])
def test_nothing_of_the_page_has_to_be_scrolled_sideways(
    browser: Any, preview: Program, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(preview.url)
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for control in ("#as", ".who button", ".pick"):
            box = page.locator(control).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["height"] >= (44 if width <= 375 else 36)
    finally:
        page.close()


@pytest.mark.parametrize("width", [375, 1240])
@pytest.mark.parametrize("path", ["", "?as=nobody"])
def test_axe_finds_nothing_in_the_page(page: Any, preview: Program, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(preview.url + path)
    # The email in the frames has tests of its own.
    found = faults(page, width, frames=False)
    for panel in page.get_by_role("tab").all() if not path else ():
        panel.click()
        found += faults(page, width, frames=False)
    assert found == []


HOSTILE = """---
title: "Hostile {{ first_name }}"
preheader: "<img src=x onerror=parent.__hit=1>"
---
Dear {{ first_name }}, {{ city }}

<script>parent.__hit = 1; window.__hit = 1</script>
<img src="x" onerror="parent.__hit=1">
<a href="javascript:parent.__hit=1" id="js">press</a>
<iframe src="https://example.org/"></iframe>
<form action="https://example.org/"><input name="a"></form>
<svg onload="parent.__hit=1"></svg>
<style>body { background: url(http://127.0.0.1:9/leak) }</style>

[also](javascript:parent.__hit=1) and [a link](https://meridian.example.org/)
"""
NAMES = {
    "markup": "<b>Bold</b><script>parent.__hit=1</script>",
    "braces": "{{ 7*7 }}{% if %}",
    "quotes": "\"O'Neil\" onload='parent.__hit=1'",
    "emoji": "👩🏽‍🔬 Zoë",
    "rtl": "نور \u202eevil",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A preview of the worst announcement, for the worst names."""
    folder = society(tmp_path_factory.mktemp("hostile") / "society")
    rows = "".join(
        f'{key},{key}@example.org,"{name.replace(chr(34), chr(34) * 2)}",X,<i>Town</i>\n'
        for key, name in NAMES.items()
    )
    (folder / "recipients/members.csv").write_text(
        f"member_id,email,first_name,last_name,city\n{rows}", encoding="utf-8"
    )
    (folder / "recipients/segments.toml").write_text("")
    (folder / "announcements/hostile.md").write_text(HOSTILE, encoding="utf-8")
    with running(folder, "preview", "announcements/hostile.md", "--no-open") as program:
        yield program


@pytest.mark.parametrize("who", NAMES)
def test_neither_author_nor_member_can_run_anything_or_reach_anybody(
    page: Any, hostile: Program, who: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    loaded(page, f"{hostile.url}?as={who}")
    page.wait_for_timeout(100)
    assert page.evaluate("window.__hit") is None
    assert [url for url in asked if not url.startswith(hostile.url)] == []
    shown = email(page).locator("h1").inner_text()
    assert NAMES[who].replace("\u202e", "") in shown.replace("\u202e", "")
    assert "<i>Town</i>" in email(page).locator("body").inner_text()
    for scripts in emails(page):
        assert scripts.locator("script, iframe, form, [onerror], [onload]").count() == 0
        assert scripts.locator("a[href^=javascript]").count() == 0


def test_even_markup_that_a_theme_lets_through_runs_nothing(
    browser: Any, page: Any, tmp_path: Path
) -> None:
    folder = society(tmp_path / "society")
    evil = (
        '<mj-text><p id="evil">x'
        '<img src="https://127.0.0.1:9/x" alt="" onerror="parent.__hit=1" /></p></mj-text>'
    )
    template = folder / "templates/shared/email.mjml.j2"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("</mj-column>", f"{evil}</mj-column>", 1), encoding="utf-8")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    with running(folder, "preview", MEETING, "--no-open") as program:
        answer = program.ask("/message")
        page.goto(program.url)
        email(page).locator("body").wait_for()
        page.wait_for_timeout(200)
        direct = browser.new_page()
        direct.goto(f"{program.url}message")
        hit = direct.evaluate("[window.__hit, window.origin]")
        direct.close()
    assert "onerror" in answer.body, "the theme carries it, so it is for the browser to refuse"
    assert page.evaluate("window.__hit") is None
    assert hit == [None, "null"]


def test_a_link_in_the_email_opens_beside_the_preview(page: Any, preview: Program) -> None:
    page.context.route(
        "https://meridian.example.org/**",
        lambda route: route.fulfill(
            body="<p id=o></p><script>o.textContent = String(window.opener)</script>",
            content_type="text/html",
        ),
    )
    loaded(page, preview.url)
    with page.context.expect_page() as opened:
        email(page).get_by_role("link", name="Register for the meeting").click()
    other = opened.value
    other.wait_for_load_state()
    assert other.url == "https://meridian.example.org/meeting/2027"
    # It works as a page of its own, and knows nothing of where it was opened.
    assert other.locator("#o").inner_text() == "null"
    assert other.evaluate("document.referrer") == ""
    other.close()
    assert page.locator(".desktop iframe").count() == 1


def test_members_without_a_value_are_counted_and_marked(page: Any, tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    change(folder / MEETING, '{{ first_name or "colleague" }}', "{{ first_name }}")
    with running(folder, "preview", MEETING, "--no-open") as program:
        loaded(page, f"{program.url}?as=M10001")
        finding = page.locator(".findings li.error").inner_text()
        assert "no first_name, and the slot has no fallback" in finding
        assert "Line 17" in finding
        email(page).get_by_text("Dear [no first_name],").wait_for()


def test_where_nobody_gets_it_the_author_can_still_look(page: Any, tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    with (folder / "recipients/segments.toml").open("a") as file:
        file.write("\n[nowhere]\nrule = \"country = 'XX'\"\n")
    with running(folder, "preview", MEETING, "--segment", "nowhere", "--no-open") as program:
        page.goto(program.url)
        email(page).get_by_text("Dear colleague,").wait_for()
        assert "Nobody gets this: no member is in Nowhere" in page.locator(".reach").inner_text()
        assert page.locator("#as").count() == 0
