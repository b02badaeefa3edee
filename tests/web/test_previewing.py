"""The sheet, made in this process: large lists, and which files matter."""

import re
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_samples import MEETING, change, society

from newsletter.web.desk.paper import Paper
from newsletter.web.looks import Look, in_scheme
from newsletter.web.preview import write_page
from newsletter.web.previewing import Previewing
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

HEADER = "member_id,email,first_name,last_name,country,membership,career_stage,interests\n"
MANY = 100_000


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = society(tmp_path / "society")
    monkeypatch.chdir(folder)
    for name in ("NEWSLETTER_LEDGER", "NEWSLETTER_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def previewing(workspace: Path) -> Iterator[Previewing]:
    with open_workspace(str(workspace)) as opened:
        yield Previewing(opened, Task(file=MEETING))


def many_members(folder: Path, count: int) -> None:
    kinds = ("student", "regular", "postdoc")
    with (folder / "recipients/members.csv").open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(
            f"M{n},m{n}@example.org,Name{n},Of{n},US,{kinds[n % 3]},early,policy\n"
            for n in range(count)
        )


def seconds(what: Callable[[], object]) -> float:
    # Of the processor, not of the clock: others may be at work on the same machine.
    begun = process_time()
    what()
    return process_time() - begun


def test_a_save_with_a_hundred_thousand_members_costs_what_it_costs_with_few(
    workspace: Path,
) -> None:
    took = {}
    for count in (300, MANY):
        many_members(workspace, count)
        with open_workspace(str(workspace)) as opened:
            previewing = Previewing(opened, Task(file=MEETING))
            asked = f"M{count - 1}"
            assert previewing.sheet(asked).reach.recipients == count
            tries = []
            for n in range(4):
                change(workspace / MEETING, "home to Baltimore", f"home to Baltimore{n}")
                tries.append(seconds(partial(previewing.sheet, asked)))
                change(workspace / MEETING, f"home to Baltimore{n}", "home to Baltimore")
            took[count] = min(tries)
    assert took[MANY] < 2 * took[300]


def test_the_preview_of_a_large_list_keeps_few_of_its_members(workspace: Path) -> None:
    many_members(workspace, 20_000)
    change(workspace / MEETING, '{{ first_name or "colleague" }}', "{{ first_name }}")
    with open_workspace(str(workspace)) as opened:
        previewing = Previewing(opened, Task(file=MEETING))
        previewing.sheet(None)
        tracemalloc.start()
        for n in range(3):
            change(workspace / MEETING, "home to Baltimore", f"home to Baltimore {n}")
            previewing.sheet("M5")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30_000_000


def test_members_who_lack_a_value_are_counted_where_it_is_needed(
    workspace: Path, previewing: Previewing
) -> None:
    rows = "1,a@example.org,,A,US,student,early,x\n2,b@example.org,,B,US,regular,senior,x\n"
    (workspace / "recipients/members.csv").write_text(f"{HEADER}{rows}", encoding="utf-8")
    path = workspace / MEETING
    change(path, "We have doubled", "{{ first_name }}, we have doubled")
    findings = {each.code: each for each in previewing.sheet(None).findings}
    # Only students see that block, and one of the two is a student.
    assert findings["value-missing"].message.startswith("1 member has no first_name")
    line = path.read_text(encoding="utf-8").split("{{ first_name }}")[0].count("\n") + 1
    assert findings["value-missing"].at.line == line


def test_somebody_who_subscribes_again_while_one_looks_breaks_nothing(
    workspace: Path, previewing: Previewing
) -> None:
    from datetime import UTC, datetime

    from newsletter.audience.consent import Circumstance, Person
    from newsletter.audience.exclusion import SuppressionReason
    from newsletter.ledger.consent import come_back
    from newsletter.ledger.database import open_ledger
    from newsletter.ledger.suppressions import suppress

    rows = "1,a@example.org,A,A,US,student,early,x\n2,b@example.org,B,B,US,regular,senior,x\n"
    (workspace / "recipients/members.csv").write_text(f"{HEADER}{rows}", encoding="utf-8")
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    now = datetime(2027, 1, 1, tzinfo=UTC)
    previewing.sheet(None)
    leaver = Person("a@example.org")
    suppress(ledger, leaver, SuppressionReason.UNSUBSCRIBED, source="link", now=now)
    change(workspace / "recipients/members.csv", "regular,senior,x\n", "regular,senior,xx\n")
    assert previewing.sheet(None).reach.recipients == 1
    come_back(ledger, leaver, Circumstance(source="page", at=now))
    ledger.close()
    # The first of a variant that was not compiled: said to be unknown until something is saved.
    sheet = previewing.sheet("1")
    assert sheet.unknown == "1"
    assert sheet.message is not None
    assert sheet.message.recipient.name == "B B"


OURS = (
    *(MEETING, "newsletter.toml", "recipients/members.csv", "recipients/segments.toml"),
    *("templates/announcement/issue.mjml.j2", "templates/announcement/theme.toml"),
    *("templates/winter", "announcements/images/a.JPG", "logo.png", "pictures/deep/b.webp"),
)
THEIRS = (
    *("announcements/other.md", f"{MEETING}~", f"{MEETING}.tmp", "announcements/4913"),
    *("announcements/.annual-meeting-2027.md.swp", "announcements/.#annual-meeting-2027.md"),
    *("templates/announcement/.issue.mjml.j2.swp", "templates/announcement/issue.mjml.j2~"),
    *("templates/announcement/notes.txt", "recipients/members.csv.bak", "README.md"),
    *("recipients/other.csv", "newsletter.toml~", "announcements/.hidden.png"),
)


@pytest.mark.parametrize("name", OURS)
def test_a_file_that_the_email_is_made_of_is_ours(
    workspace: Path, previewing: Previewing, name: str
) -> None:
    assert previewing.sources().is_ours(workspace / name)


@pytest.mark.parametrize("name", THEIRS)
def test_any_other_file_is_not(workspace: Path, previewing: Previewing, name: str) -> None:
    assert not previewing.sources().is_ours(workspace / name)


def test_folders_that_programs_write_are_not_watched(
    workspace: Path, previewing: Previewing
) -> None:
    for name in (".git", ".venv", "outbox", "node_modules", "logos"):
        (workspace / name).mkdir()
    folders = previewing.sources().folders()
    names = {path.name for path in folders.deep}
    assert names == {"announcements", "recipients", "templates", "logos"}
    assert folders.flat == {workspace}


def test_below_the_folder_of_an_announcement_from_elsewhere_nothing_is_watched(
    workspace: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "home"
    elsewhere.mkdir()
    with open_workspace(str(workspace)) as opened:
        folders = Previewing(opened, Task(file=str(elsewhere / "letter.md"))).sources().folders()
    assert elsewhere in folders.flat
    assert elsewhere not in folders.deep


@given(st.text())
def test_html_that_asks_nothing_of_the_device_stays_as_it_is(text: str) -> None:
    if "color-scheme" not in text:
        assert in_scheme(text, dark=True) == in_scheme(text, dark=False) == text


def test_what_the_html_asks_of_the_device_is_answered() -> None:
    html = (
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        "<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){a{}}"
        "@media screen and (prefers-color-scheme: light){b{}}</style>"
    )
    assert in_scheme(html, dark=True) == (
        '<meta name="color-scheme" content="dark">'
        '<meta name="supported-color-schemes" content="dark">'
        "<style>:root{color-scheme:dark}@media (min-width: 0){a{}}"
        "@media screen and (max-width: 0){b{}}</style>"
    )


def test_the_preview_follows_announcements_that_a_digest_takes_in_from_elsewhere(
    workspace: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "sirens.md"
    elsewhere.parent.mkdir()
    elsewhere.write_text("---\ntitle: Sirens\n---\n\nThey move.\n", encoding="utf-8")
    digest = workspace / "announcements/digest.md"
    digest.write_text(
        "---\ntitle: News\ntheme: digest\n---\n\n::: card ../../elsewhere/sirens.md\n:::\n",
        encoding="utf-8",
    )
    with open_workspace(str(workspace)) as opened:
        previewing = Previewing(opened, Task(file="announcements/digest.md"))
        assert not previewing.sources().is_ours(elsewhere)

        message = previewing.sheet(None).message
        assert message
        assert "They move." in message.text
        sources = previewing.sources()
        assert sources.is_ours(elsewhere)
        assert elsewhere.parent in sources.folders().flat

        change(elsewhere, "They move.", "They stay.")
        message = previewing.sheet(None).message
        assert message
        assert "They stay." in message.text


def test_the_preview_follows_a_file_that_has_to_be_mended(workspace: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "sirens.md"
    elsewhere.parent.mkdir()
    elsewhere.write_text("---\ntitle: Sirens\n---\n\n{{ nobody_has_this }}\n", encoding="utf-8")
    digest = workspace / "announcements/digest.md"
    digest.write_text(
        "---\ntitle: News\ntheme: digest\n---\n\n::: card ../../elsewhere/sirens.md\n:::\n",
        encoding="utf-8",
    )
    with open_workspace(str(workspace)) as opened:
        previewing = Previewing(opened, Task(file="announcements/digest.md"))
        assert previewing.sheet(None).errors
        assert previewing.sources().is_ours(elsewhere)


def test_the_sheet_has_the_files_of_the_message_and_shows_embedded_pictures(
    workspace: Path,
) -> None:
    settings = workspace / "newsletter.toml"
    change(settings, '# delivery = "embedded"', 'delivery = "embedded"')
    with open_workspace(str(workspace)) as opened:
        sheet = Previewing(opened, Task(file="announcements/variant-webinar.md")).sheet(None)
    text = write_page(Paper(), sheet, version="1", base="/")

    assert re.search(r"<b>[\w.-]+\.ics</b> <span>[\d.]+ (kB|Bytes), attached", text)
    assert re.search(r"<b>[\w.-]+\.(png|jpg)</b> <span>[\d.]+ kB, shown in the email", text)
    html = sheet.html_for(Look.LIGHT)
    assert re.findall(r'src="data:image/(?:png|jpeg);base64,[^"]{100}', html)
    assert "cid:" not in html


def test_the_size_shown_is_that_of_whoever_gets_the_largest_email(
    workspace: Path, previewing: Previewing
) -> None:
    from newsletter.dispatch.rehearsal import rehearse
    from newsletter.workspace.prepare import prepare

    name = "Ana-" + "<&" * 60
    with (workspace / "recipients/members.csv").open("a", encoding="utf-8") as file:
        file.write(f"M1,long@example.org,{name},X,US,UTC,student,early,2024-01-01,,policy,X\n")
    for old, new in (("", ""), ("home to Baltimore", "home to {{ first_name or 'us' }} again")):
        if old:
            change(workspace / MEETING, old, new)
        with open_workspace(str(workspace)) as opened:
            plan = prepare(opened, Task(file=MEETING, again=True)).plan
            provider = opened.provider("outbox")
            expected = rehearse(opened.ledger, plan, provider).largest_html
            provider.close()
        sheet = previewing.sheet("M10022")
        assert sheet.heaviest == expected
        assert sheet.worst_bytes > sheet.html_bytes


def test_a_part_of_a_name_is_enough_where_it_means_one_member_alone(
    previewing: Previewing,
) -> None:
    shown = previewing.sheet("via o'sh").shown
    assert shown
    assert shown.member == "M10015"
    assert previewing.sheet("an").unknown == "an"
    assert [each.member_id for each in previewing.people("OLIVIA.OSHEA@")] == ["M10015"]
    assert len(previewing.people("a")) == 8
    for nothing in ("", "  ", "%", "_", "\\", "'; DROP TABLE members; --"):
        assert previewing.people(nothing) == ()
