"""A digest in the archive: what everybody may read, and in full what its emails shorten."""

import json
import re
from pathlib import Path

from program import Newsletter

from newsletter.cli.exits import Exit

URL = "https://news.meridian.example.org/archive"
MARCH = "digest:monthly@2027-03-02"
ISSUE = "monthly-digest-2027-03"


def send(newsletter: Newsletter, *arguments: str) -> None:
    plan = json.loads(newsletter("send", *arguments, "--json").stdout)
    sent = newsletter("send", *arguments, "--for-real", "--yes-to", str(plan["recipients"]))
    assert sent.exit_code == Exit.DONE, sent.output


def test_a_digest_shows_everybody_even_what_some_were_told_before(
    workspace: Path, newsletter: Newsletter
) -> None:
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(f'\n[archive]\nurl = "{URL}"\n')
    # Some had one of them by itself, so it is left out of their digest, and not of the archive.
    send(newsletter, "announcements/dues-by-income.md", "--segment", "students")
    send(newsletter, MARCH)
    built = newsletter("archive", "build", "--with-outbox", "--json")
    assert built.exit_code == Exit.DONE, built.output
    assert json.loads(built.stdout)["issues"] == 1
    archive = workspace / "archive"
    page = (archive / ISSUE / "index.html").read_text("utf-8")
    shown = json.loads(
        newsletter("digest", "show", "monthly", "--as-of", "2027-03-02", "--json").stdout
    )
    assert "mentoring-for-everybody" in {each.name for each in (archive / ISSUE).iterdir()}
    assert "Dues" in page
    # Whatever an email or a page leads to in the archive is there.
    texts = [path.read_text("utf-8") for path in archive.rglob("*.html")]
    mails = [path.read_text("utf-8") for path in workspace.glob("outbox/*digest*/messages/*.html")]
    wanted = {
        url for text in (*texts, *mails) for url in re.findall(rf'href="{URL}/([^"#]*)"', text)
    }
    assert wanted >= {f"{ISSUE}/mentoring-for-everybody/"}
    assert {each for each in wanted if not (archive / each / "index.html").is_file()} == set()
    # The whole text can be found, by its own section.
    entries = (archive / "search-words.js").read_text("utf-8")
    found = json.loads(entries.removeprefix("const ARCHIVED = ").rstrip(";\n"))
    assert len(found) > 1
    assert shown["announcements"]


def test_what_an_excerpt_leads_to_is_the_whole_text(
    workspace: Path, newsletter: Newsletter
) -> None:
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(f'\n[archive]\nurl = "{URL}"\n')
    send(newsletter, MARCH)
    newsletter("archive", "build", "--with-outbox")
    source = (workspace / "announcements/mentoring-for-everybody.md").read_text("utf-8")
    last = [line for line in source.strip().splitlines() if line and not line.startswith(":")][-1]
    whole = (workspace / "archive" / ISSUE / "mentoring-for-everybody/index.html").read_text(
        "utf-8"
    )
    digest = (workspace / "archive" / ISSUE / "index.html").read_text("utf-8")
    words = re.findall(r"[A-Za-z]{4,}", last)[-3:]
    assert all(word in whole for word in words), words
    assert len(whole) > 0
    assert "Unsubscribe" not in whole + digest


def archive_of(workspace: Path) -> Path:
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(f'\n[archive]\nurl = "{URL}"\n')
    return workspace / "archive"


def leads_to_the_archive(newsletter: Newsletter, *arguments: str) -> list[str]:
    """Give the addresses in the archive to which the emails of a dry run lead."""
    found = newsletter(
        "send", *arguments, "--for-real", "--yes-to", recipients(newsletter, *arguments)
    )
    assert found.exit_code == Exit.DONE, found.output
    mails = Path("outbox").glob("*digest*/messages/*.html")
    return [
        url for each in mails for url in re.findall(rf'{URL}/([^"#]*)"', each.read_text("utf-8"))
    ]


def recipients(newsletter: Newsletter, *arguments: str) -> str:
    return str(json.loads(newsletter("send", *arguments, "--json").stdout)["recipients"])


def test_a_digest_for_some_segments_leads_to_no_page_that_will_not_be_there(
    workspace: Path, newsletter: Newsletter
) -> None:
    archive_of(workspace)
    assert leads_to_the_archive(newsletter, MARCH, "--segment", "students") == []


def test_a_digest_that_its_editor_keeps_out_leads_to_no_page_either(
    workspace: Path, newsletter: Newsletter
) -> None:
    archive_of(workspace)
    assert newsletter("digest", "open", "monthly", "--as-of", "2027-03-02").exit_code == Exit.DONE
    (opened,) = workspace.rglob(f"{ISSUE}.md")
    opened.write_text(opened.read_text("utf-8").replace("---\n", "---\narchive: no\n", 1), "utf-8")
    assert leads_to_the_archive(newsletter, MARCH) == []


def test_what_a_corrected_digest_leaves_out_keeps_the_page_that_emails_lead_to(
    workspace: Path, newsletter: Newsletter
) -> None:
    archive = archive_of(workspace)
    send(newsletter, MARCH)
    (workspace / "announcements/mentoring-for-everybody.md").unlink()
    send(newsletter, MARCH, "--again")
    built = newsletter("archive", "build", "--with-outbox")
    assert built.exit_code == Exit.DONE, built.output
    assert (archive / ISSUE / "mentoring-for-everybody/index.html").is_file()
    assert "mentoring-for-everybody/" not in (archive / ISSUE / "index.html").read_text("utf-8")
    assert "mentoring-for-everybody/" not in (archive / "search.html").read_text("utf-8")
