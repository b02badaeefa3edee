"""Announcements at the desk: the folder as a list, files that come in, and nobody's file lost."""

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from desk_samples import Caller, Reply, desk_of, with_rights
from PIL import Image
from web_samples import MEETING, change

from newsletter.ledger.roles import Role, rights_of
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk

AT = "/announcements/annual-meeting-2027.md"
OUTSIDE = (
    "..%2fnewsletter.toml",
    "../newsletter.toml",
    "%2e%2e/newsletter.toml",
    "..%5cnewsletter.toml",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    ".hidden.md",
    "newsletter.toml",
    "images",
    "a.md%00.txt",
    "~lock.md",
    "C:a.md",
    "outside.md",
)
"""Names that lead to no announcement; the last is a link out of the folder."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path / "society") as desk:
        (tmp_path / "secret.md").write_text("---\ntitle: Secret\n---\n\nSecret words\n")
        (desk.root / "announcements/outside.md").symlink_to(tmp_path / "secret.md")
        yield desk


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)


def send(caller: Caller, path: str, body: bytes) -> Reply:
    headers = {"x-desk-token": caller.token, "content-type": "application/octet-stream"}
    return caller.send("POST", path, body=body, headers=headers)


def picture(kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(made, kind)
    return made.getvalue()


def mark_of(caller: Caller) -> str:
    return str(json.loads(caller.get(f"{AT}/file").body)["mark"])


# --- the list -------------------------------------------------------------------------------------


def test_every_announcement_of_the_folder_is_listed_with_its_facts(caller: Caller) -> None:
    page = caller.get("/announcements").body
    assert page.count('<td><a href="/announcements/') == 17
    for words in ("Meet us at the harbour", "Inês Marques", "9 Feb 2027", "Annual meeting"):
        assert words in page
    assert "Secret" not in page


def test_the_list_counts_what_is_wrong_with_a_text(caller: Caller, desk: Desk) -> None:
    assert "error" not in caller.get("/announcements?q=annual-meeting").body
    change(desk.root / MEETING, "home to Baltimore", "home to {{ town }} {{ land }}")
    assert "2 errors" in caller.get("/announcements?q=annual-meeting").body


def test_a_file_that_cannot_be_read_stands_in_the_list_too(caller: Caller, desk: Desk) -> None:
    (desk.root / "announcements/broken.md").write_bytes(b"\x00\xff\x00")
    assert "cannot be read" in caller.get("/announcements").body


def test_what_is_looked_for_is_found_by_title_file_and_author(caller: Caller) -> None:
    for wanted in ("harbour", "annual-meeting", "in%C3%AAs"):
        assert "Meet us at the harbour" in caller.get(f"/announcements?q={wanted}").body
    assert "No announcement has" in caller.get("/announcements?q=%3Cscript%3E").body


def test_a_file_may_have_any_name_that_people_give_files(caller: Caller, desk: Desk) -> None:
    name = "Our letter #2, 50% <b>done é.md"
    (desk.root / "announcements" / name).write_text("---\ntitle: Odd\n---\n\nWords.\n")
    page = caller.get("/announcements?q=odd").body
    written = html.unescape(re.findall(r'<td><a href="([^"]+)"', page)[0])
    path = unquote(written)  # as a server hands it on
    assert written == f"/announcements/{quote(name)}"
    for way in ("", "/write", "/proof", "/message"):
        reply = caller.get(path + way)
        assert reply.status == 200, way
        assert "<b>done" not in reply.body
    base = re.search(r'data-base="([^"]+)"', caller.get(path).body)
    assert base
    assert html.unescape(base[1]) == f"/announcements/{quote(name)}/"


# --- a new one ------------------------------------------------------------------------------------


def test_a_new_announcement_is_a_file_that_the_commands_read(caller: Caller, desk: Desk) -> None:
    fields = {
        "title": 'A "new" <b>dawn</b>: {{ first_name }}',
        "byline": "Ada, President",
        "section": "Policy",
        "topic": "events",
        "segments": ["students", "board"],
    }
    reply = caller.post("/announcements/new", fields)
    assert reply.headers["location"] == "/announcements/a-new-b-dawn-b-first-name.md/write"
    from newsletter.announcement.parse import read

    found = read(str(desk.root / "announcements/a-new-b-dawn-b-first-name.md"))
    assert found.title == fields["title"]
    assert (found.section, found.topic, found.segments) == (
        "Policy",
        "events",
        ("students", "board"),
    )
    again = caller.post("/announcements/new", fields)
    assert again.headers["location"].endswith("first-name-2.md/write"), "nothing is overwritten"


def test_a_line_break_in_a_field_cannot_begin_another_key(caller: Caller, desk: Desk) -> None:
    caller.post("/announcements/new", {"title": "One", "section": "a\ntheme: evil\n---\nbody"})
    text = (desk.root / "announcements/one.md").read_text(encoding="utf-8")
    assert 'section: "a theme: evil --- body"' in text


def test_without_a_title_the_form_asks_for_one(caller: Caller) -> None:
    reply = caller.post("/announcements/new", {"title": "  ", "byline": "Ada"})
    assert reply.status == 409
    assert "Give it a title" in reply.body
    assert 'value="Ada"' in reply.body


# --- saving ---------------------------------------------------------------------------------------


def test_what_is_saved_is_the_file(caller: Caller, desk: Desk) -> None:
    text = (desk.root / MEETING).read_text(encoding="utf-8").replace("Baltimore", "Lisbon")
    reply = send(caller, f"{AT}/save?mark={mark_of(caller)}", text.encode())
    assert reply.status == 200
    assert (desk.root / MEETING).read_text(encoding="utf-8") == text
    assert json.loads(reply.body)["mark"] == mark_of(caller)
    assert not list((desk.root / "announcements").glob(".*.part"))


def test_a_newer_file_is_never_overwritten_and_both_are_shown(caller: Caller, desk: Desk) -> None:
    mark = mark_of(caller)
    change(desk.root / MEETING, "Baltimore", "Nairobi")
    theirs = (desk.root / MEETING).read_bytes()
    reply = send(caller, f"{AT}/save?mark={mark}", b"mine")
    assert reply.status == 409
    assert "Nairobi" in json.loads(reply.body)["text"]
    form = caller.post(f"{AT}/save", {"text": "mine <script>", "mark": mark})
    assert form.status == 409
    assert "mine &lt;script&gt;" in form.body
    assert "Nairobi" in form.body
    assert (desk.root / MEETING).read_bytes() == theirs
    # Whoever has looked at both may decide.
    kept = caller.post(f"{AT}/save", {"text": "mine", "mark": json.loads(reply.body)["mark"]})
    assert kept.status == 303
    assert (desk.root / MEETING).read_bytes() == b"mine"


def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(desk: Desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from newsletter.workspace.folder import Folder, NewerOnDisk

    folder = Folder(desk.root)
    mark = folder.read("annual-meeting-2027.md").mark

    def attempt(number: int) -> bool:
        try:
            folder.save("annual-meeting-2027.md", f"text {number}", mark)
        except NewerOnDisk:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, range(40)))
    assert won.count(True) == 1
    assert folder.read("annual-meeting-2027.md").text == f"text {won.index(True)}"


def test_the_ends_of_lines_stay_those_of_the_file(caller: Caller, desk: Desk) -> None:
    path = desk.root / MEETING
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    text = json.loads(caller.get(f"{AT}/file").body)["text"]
    assert "\r" not in text
    send(caller, f"{AT}/save?mark={mark_of(caller)}", text.replace("Baltimore", "Oslo").encode())
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") > 30


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folder(caller: Caller, desk: Desk, name: str) -> None:
    before = (desk.root / "newsletter.toml").read_bytes()
    for way in ("", "/write", "/file", "/message", "/text", "/proof", "/people"):
        reply = caller.get(f"/announcements/{name}{way}")
        assert reply.status in (303, 404), (way, reply.status)
        assert "Secret words" not in reply.body
        assert "root:" not in reply.body
    reply = send(caller, f"/announcements/{name}/save?mark=", b"evil")
    assert reply.status in (404, 405, 409)
    assert (desk.root / "newsletter.toml").read_bytes() == before
    assert "Secret words" in (desk.root.parent / "secret.md").read_text()


# --- files that come in ---------------------------------------------------------------------------


def word(text: str = "Dear all, come to Lisbon.") -> bytes:
    from docx import Document

    made = io.BytesIO()
    document = Document()
    document.add_heading("News from Lisbon", 0)
    document.add_paragraph(text)
    document.sections[0].header.paragraphs[0].text = "Letterhead"
    document.save(made)
    return made.getvalue()


def test_a_word_document_becomes_markdown_and_what_was_dropped_is_told(
    caller: Caller, desk: Desk
) -> None:
    reply = send(caller, f"/announcements/upload?name={quote('Nächste News.docx')}", word())
    told = json.loads(reply.body)
    assert told["path"] == "/announcements/nachste-news.md/write"
    assert "header and footer" in told["told"][0]
    text = (desk.root / "announcements/nachste-news.md").read_text(encoding="utf-8")
    assert "come to Lisbon" in text
    assert not list((desk.root / "announcements").glob("*.docx"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.md", "evil.md"),
        ("..\\..\\evil.md", "evil.md"),
        ("/etc/cron.d/evil.txt", "evil.txt"),
        ("annual-meeting-2027.md", "annual-meeting-2027-2.md"),
        ("<img src=x onerror=alert(1)>.md", "img-src-x-onerror-alert-1.md"),
        ("نشرة.md", "issue-d986d8b4d8b1d8a9.md"),
    ],
)
def test_an_uploaded_file_has_a_safe_name_and_overwrites_nothing(
    caller: Caller, desk: Desk, name: str, kept: str
) -> None:
    before = (desk.root / MEETING).read_bytes()
    reply = send(
        caller, f"/announcements/upload?name={quote(name, safe='')}", b"---\ntitle: X\n---\nY"
    )
    assert json.loads(reply.body)["path"] == f"/announcements/{kept}/write"
    assert (desk.root / "announcements" / kept).is_file()
    assert (desk.root / MEETING).read_bytes() == before


@pytest.mark.parametrize("name", ["evil.html", "evil", "evil.md.exe", "newsletter.toml", ""])
def test_a_file_of_another_kind_is_refused(caller: Caller, desk: Desk, name: str) -> None:
    before = sorted(path.name for path in (desk.root / "announcements").iterdir())
    reply = send(caller, f"/announcements/upload?name={name}", b"x")
    assert reply.status == 409
    assert "are no announcements" in json.loads(reply.body)["problem"]
    assert sorted(path.name for path in (desk.root / "announcements").iterdir()) == before


def bomb() -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as document,
    ):
        for _ in range(90):
            document.write(b" " * 1_000_000)
    return made.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"%PDF-1.4", bomb()])
def test_what_is_no_word_document_leaves_nothing_behind(
    caller: Caller, desk: Desk, content: bytes
) -> None:
    before = sorted(path.name for path in (desk.root / "announcements").iterdir())
    reply = send(caller, "/announcements/upload?name=a.docx", content)
    assert reply.status == 409
    assert "not a Word document" in json.loads(reply.body)["problem"]
    assert sorted(path.name for path in (desk.root / "announcements").iterdir()) == before


def test_fifty_megabytes_are_not_taken(caller: Caller, desk: Desk) -> None:
    for way in ("/announcements/upload?name=a.docx", f"{AT}/picture?as=a.png"):
        reply = send(caller, way, b"x" * 50_000_000)
        assert reply.status == 413
    assert not list((desk.root / "announcements").rglob("a.*"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Harbour at night.PNG", "images/harbour-at-night.png"),
        ("../../x.png", "images/x.png"),
        ("harbour.jpg", "images/harbour-2.jpg"),
        ("evil.html", "images/evil.png"),
        ("", "images/picture.png"),
    ],
)
def test_a_picture_lies_beside_the_announcement_under_a_safe_name(
    caller: Caller, desk: Desk, name: str, kept: str
) -> None:
    reply = send(caller, f"{AT}/picture?as={quote(name, safe='')}", picture())
    assert json.loads(reply.body)["path"] == kept
    assert (desk.root / "announcements" / kept).read_bytes() == picture()


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)", b"<?php evil", b"\x89PNG\r\n"])
def test_what_is_no_picture_is_refused(caller: Caller, desk: Desk, content: bytes) -> None:
    before = sorted((desk.root / "announcements/images").iterdir())
    assert send(caller, f"{AT}/picture?as=a.png", content).status == 409
    assert sorted((desk.root / "announcements/images").iterdir()) == before


def test_the_folder_of_announcements_may_lie_elsewhere(caller: Caller, desk: Desk) -> None:
    folder = desk.root / "announcements"
    folder.rename(desk.root.parent / "shared")
    folder.symlink_to(desk.root.parent / "shared")
    assert caller.get(AT).status == 200
    assert caller.post("/announcements/new", {"title": "New here"}).status == 303
    assert send(caller, f"{AT}/picture?as=a.png", picture()).status == 200
    assert (desk.root.parent / "shared/images/a.png").is_file()


def test_an_images_folder_that_leads_elsewhere_takes_nothing(caller: Caller, desk: Desk) -> None:
    images = desk.root / "announcements/images"
    images.rename(desk.root.parent / "elsewhere")
    images.symlink_to(desk.root.parent / "elsewhere")
    assert send(caller, f"{AT}/picture?as=a.png", picture()).status == 409
    assert not (desk.root.parent / "elsewhere/a.png").exists()


def test_what_is_pasted_comes_back_as_markdown(caller: Caller) -> None:
    reply = send(caller, "/announcements/paste", b"<p>A <b>bold</b> <script>x</script>word</p>")
    assert reply.body == "A **bold** word"
    assert reply.headers["content-type"].startswith("text/plain")


# --- who may --------------------------------------------------------------------------------------


def test_who_may_only_look_writes_nothing(desk: Desk) -> None:
    looker = Visitor(name="Lou", rights=rights_of([Role.APPROVER]), colleague=1)
    caller = Caller(with_rights(desk, looker))
    assert caller.get(AT).status == 200
    assert "New announcement" not in caller.get("/announcements").body
    for way in ("/write", "/file", "/proof"):
        assert caller.get(AT + way).status == 403
    for path in ("/announcements/new", "/announcements/upload", f"{AT}/save", f"{AT}/picture"):
        assert caller.post(path, {"title": "x"}).status == 403


# --- the preview within the desk ------------------------------------------------------------------


def test_the_frame_has_no_script_no_origin_and_nothing_of_the_desk(caller: Caller) -> None:
    page = caller.get(AT)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.body
    frame = caller.get(f"{AT}/message?as=M10022")
    policy = frame.headers["content-security-policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "img-src data: https:;" in policy
    assert "'self'" not in policy.replace("frame-ancestors 'self'", "")
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    assert not re.search(r'(?:src|href)="/', frame.body)


def test_the_preview_follows_the_member_and_the_look(caller: Caller) -> None:
    assert "Dear Olivia" in caller.get(f"{AT}/message?as=M10015").body
    assert json.loads(caller.get(f"{AT}/people?q=olivia").body)[0]["id"] == "M10015"
    assert "data-ogsc" in caller.get(f"{AT}/message?look=outlook-dark").body
    assert "Dear 민준" in caller.get(f"{AT}/text?as=M10022").body
