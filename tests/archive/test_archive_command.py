"""`newsletter archive`: what stands in it, what does not, and what was sent, once more."""

import csv
import email
import email.policy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archive_samples import in_workspace
from click.testing import CliRunner, Result

from newsletter.archive.folder import MARK, before
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample
from newsletter.workspace.opening import Wish, open_planned
from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

Newsletter = Callable[..., Result]
ENVIRONMENT = {
    "NEWSLETTER_SECRET": "a secret of the tests, long enough",
    "NEWSLETTER_LEDGER": None,
}
NEWS = """\
---
title: '{{ first_name or "Colleague" }}, the ferns are back'
preheader: What spores do in March, and where you may see it with your own eyes.
---
Dear {{ first_name }} of {{ city }}, [your page](https://example.org/?id={{ member_id }}).

::: only students
Students get a lens.
:::

All get a fern.
"""
QUIET = "---\ntitle: Only for us\narchive: no\n---\nNobody else reads this.\n"


def program(folder: Path) -> Newsletter:
    def run(*arguments: str) -> Result:
        return CliRunner(env=ENVIRONMENT).invoke(
            cli, ["--workspace", str(folder), *arguments], catch_exceptions=False
        )

    return run


def announce(folder: Path, name: str, text: str) -> str:
    file = folder / "announcements" / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def send(newsletter: Newsletter, file: str, *more: str) -> None:
    planned = newsletter("send", file, *more, "--json")
    number = json.loads(planned.stdout)["recipients"]
    done = newsletter("send", file, *more, "--for-real", "--yes-to", str(number))
    assert done.exit_code == Exit.DONE, done.output


def mark_members(folder: Path, count: int = 6) -> list[str]:
    """Give a few members values that stand nowhere else; return them."""
    path = folder / "recipients/members.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["email"]][:count]
    values = []
    for number, row in enumerate(rows):
        row |= {
            "member_id": f"QQID{number}",
            "email": f"qqmail{number}@example.net",
            "first_name": f"Qqfirst{number}",
            "last_name": f"Qqlast{number}",
            "city": f"Qqcity{number}",
            "membership": "student" if number % 2 else "regular",
            "expires": "2099-12-31",
        }
        values += [row[key] for key in ("member_id", "email", "first_name", "last_name", "city")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return values


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A society of six that sent an issue to all, one to students, and one to nobody else."""
    folder = tmp_path_factory.mktemp("archived") / "society"
    copy_sample(folder)
    in_workspace(folder)
    mark_members(folder)
    newsletter = program(folder)
    send(newsletter, announce(folder, "ferns.md", NEWS))
    send(
        newsletter,
        announce(folder, "lens.md", "# Lenses\n\nFor students."),
        "--segment",
        "students",
    )
    send(newsletter, announce(folder, "quiet.md", QUIET))
    return folder


@pytest.fixture
def society(sent: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    folder = tmp_path / "society"
    shutil.copytree(sent, folder)
    return folder


def built(folder: Path, *more: str) -> dict[str, Any]:
    done = program(folder)("archive", "build", "--with-outbox", "--json", *more)
    assert done.exit_code == Exit.DONE, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def messages(folder: Path, slug: str) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.glob(f"outbox/*-{slug}-*/messages/*.eml")
    }


# --- what stands in it ---------------------------------------------------------------------------


def test_no_value_of_any_member_and_no_token_is_anywhere_in_it(society: Path) -> None:
    built(society)
    whole = b"".join(contents(society / "archive").values()).decode()
    assert "Dear member of …" in whole
    assert "Colleague, the ferns are back" in whole
    for row in csv.DictReader((society / "recipients/members.csv").read_text("utf-8").splitlines()):
        for key in ("member_id", "email", "first_name", "last_name", "city"):
            assert row[key] not in whole, key
    for content in messages(society, "ferns").values():
        message: Any = email.message_from_bytes(content, policy=email.policy.default)
        link = str(message["List-Unsubscribe"]).strip("<>")
        assert link.rpartition("/")[2] not in whole
        assert link.rpartition("/")[2][:16] not in whole
    assert "meridian.example.org/u/" not in whole
    assert "meridian.example.org/p/" not in whole


def test_what_is_for_some_segments_only_is_left_out(society: Path) -> None:
    found = built(society)
    page = (society / "archive/ferns/index.html").read_text("utf-8")
    assert "All get a fern." in page
    assert "Students get a lens." not in page
    assert found["issues"] == 1
    why = {each["issue"]: each["why"] for each in found["left_out"]}
    assert "segments" in why["lens"]
    assert "archive: no" in why["quiet"]


def test_an_issue_that_is_all_for_segments_has_no_page_and_leads_to_none(society: Path) -> None:
    text = "---\ntitle: Lens\n---\n::: only students\nStudents get a lens.\n:::\n"
    send(program(society), announce(society, "all-lens.md", text))
    why = {each["issue"]: each["why"] for each in built(society)["left_out"]}
    assert "for some segments" in why["all-lens"]
    assert all(b"View in browser" not in each for each in messages(society, "all-lens").values())


def test_what_is_for_everybody_is_frozen_even_if_all_members_get_more(society: Path) -> None:
    text = "---\ntitle: Spores\n---\nFor all.\n\n::: only everybody-here\nAnd more.\n:::\n"
    segments = society / "recipients/segments.toml"
    more = '\n[everybody-here]\ntitle = "All"\nrule = "member_id IS NOT EMPTY"\n'
    segments.write_text(segments.read_text("utf-8") + more, encoding="utf-8")
    send(program(society), announce(society, "spores.md", text))
    assert built(society)["issues"] == 2
    page = (society / "archive/spores/index.html").read_text("utf-8")
    assert "For all." in page
    assert "And more." not in page


def test_issues_for_some_segments_stand_in_it_where_the_settings_say_so(society: Path) -> None:
    settings = society / "newsletter.toml"
    settings.write_text(settings.read_text("utf-8") + "restricted = true\n", encoding="utf-8")
    assert built(society)["issues"] == 2


def test_what_went_to_the_outbox_only_was_a_trial(society: Path) -> None:
    done = program(society)("archive", "build")
    assert done.exit_code == Exit.DONE
    assert "0 issues" in done.stdout
    assert "--with-outbox" in done.stderr


def test_a_dry_run_a_proof_and_what_was_undone_are_no_past_issues(society: Path) -> None:
    newsletter = program(society)
    file = announce(society, "moss.md", "# Moss\n\nSoft.")
    newsletter("send", file)
    newsletter("proof", file, "--to", "qqmail0@example.net")
    with open_workspace(str(society)) as opened:
        wish = Wish(provider="outbox", undo_window=900)
        dispatch = open_planned(opened, prepare(opened, Task(file=file)).plan, wish)
    assert newsletter("dispatch", "undo", str(dispatch.id)).exit_code == Exit.DONE
    assert built(society)["issues"] == 1


def test_an_issue_that_went_out_again_shows_its_last_text_and_its_first_day(society: Path) -> None:
    file = announce(society, "ferns.md", NEWS.replace("All get a fern.", "All get two ferns."))
    send(program(society), file, "--again")
    assert built(society)["issues"] == 1
    page = (society / "archive/ferns/index.html").read_text("utf-8")
    assert "All get two ferns." in page
    assert "Changed on" in page


def test_an_email_leads_to_its_page_and_its_text_does_too(society: Path) -> None:
    built(society)
    url = "https://news.meridian.example.org/archive/ferns/"
    assert (society / "archive/ferns/index.html").is_file()
    for content in messages(society, "ferns").values():
        message: Any = email.message_from_bytes(content, policy=email.policy.default)
        html = message.get_body(("html",)).get_content()
        text = message.get_body(("plain",)).get_content()
        assert f'href="{url}"' in html
        assert f"View in browser: {url}" in text
    for slug in ("lens", "quiet"):
        for content in messages(society, slug).values():
            assert b"View in browser" not in content


def test_nothing_leads_to_an_archive_that_is_not_there(tmp_path: Path) -> None:
    copy_sample(tmp_path / "society")
    newsletter = program(tmp_path / "society")
    file = str(tmp_path / "society/announcements/annual-meeting-2027.md")
    done = newsletter("proof", file, "--to", "a@example.net")
    assert done.exit_code == Exit.DONE, done.output
    for path in (tmp_path / "society/outbox").rglob("*.eml"):
        assert b"View in browser" not in path.read_bytes()
    refused = newsletter("archive", "build")
    assert refused.exit_code == Exit.REFUSED
    assert "[archive]" in refused.stderr


# --- how it is written ---------------------------------------------------------------------------


def test_two_builds_are_the_same_byte_for_byte(society: Path) -> None:
    built(society)
    first = contents(society / "archive")
    built(society)
    assert contents(society / "archive") == first


def test_a_build_takes_the_place_of_the_last_as_a_whole(society: Path) -> None:
    built(society)
    (society / "archive/left.html").write_text("old", encoding="utf-8")
    built(society)
    assert not (society / "archive/left.html").exists()
    assert [each.name for each in society.glob(".archive*")] == []


def test_a_build_that_breaks_off_leaves_the_old_site(
    society: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(society)
    first = contents(society / "archive")

    def broken(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("newsletter.archive.folder.os.fsync", broken)
    done = program(society)("archive", "build")
    assert done.exit_code == Exit.REFUSED
    assert "No space left" in done.stderr
    assert contents(society / "archive") == first
    assert [each.name for each in society.glob(".archive*")] == []


def test_a_machine_that_stopped_between_two_sites_has_the_old_one(society: Path) -> None:
    built(society)
    archive = society / "archive"
    archive.rename(before(archive))
    built(society)
    assert (archive / "ferns/index.html").is_file()
    assert not before(archive).exists()


def test_a_folder_with_something_else_in_it_is_not_replaced(society: Path) -> None:
    mine = society / "announcements"
    done = program(society)("archive", "build", "--into", str(mine))
    assert done.exit_code == Exit.REFUSED
    assert "no archive" in done.stderr
    assert (mine / "ferns.md").is_file()


def test_it_can_be_built_elsewhere(society: Path, tmp_path: Path) -> None:
    built(society, "--into", str(tmp_path / "elsewhere/site"))
    assert (tmp_path / "elsewhere/site/ferns/index.html").is_file()
    assert (tmp_path / "elsewhere/site" / MARK).is_file()
    assert not (society / "archive").exists()


# --- once more as it was sent --------------------------------------------------------------------


def test_the_very_message_of_a_member_is_rebuilt_octet_for_octet(society: Path) -> None:
    sent = messages(society, "ferns")
    assert len(sent) == 6
    announce(society, "ferns.md", "# Something else\n\nEntirely.")
    shutil.rmtree(society / "templates")
    for number in range(6):
        into = society / f"again-{number}"
        done = program(society)(
            "archive", "show", "ferns", "--to", f"qqmail{number}@example.net", "--into", str(into)
        )
        assert done.exit_code == Exit.DONE, done.output
        assert len(contents(into)) == 1
        ((name, content),) = contents(into).items()
        assert content == sent[name]


def test_the_frozen_documents_are_written_as_the_ledger_keeps_them(society: Path) -> None:
    from newsletter.compose.compiled import documents_from_json

    done = program(society)("archive", "show", "ferns", "--into", str(society / "again"))
    assert done.exit_code == Exit.DONE, done.output
    found = contents(society / "again")
    assert {"documents.json", "message-0.html", "message-1.txt", "message-1-subject.txt"} <= set(
        found
    )
    assert b"Dear {{ first_name }} of {{ city }}" in found["message-0.html"]
    assert b"Students get a lens." in found["message-1.html"]
    documents = documents_from_json(found["documents.json"].decode())
    for name, content in messages(society, "ferns").items():
        message: Any = email.message_from_bytes(content, policy=email.policy.default)
        variant = "1" if "lens" in message.get_body(("plain",)).get_content() else "0"
        values = dict.fromkeys(("first_name", "city", "member_id"), "") | {
            "first_name": message["To"].addresses[0].display_name.split()[0],
            "city": message["To"].addresses[0].addr_spec.replace("qqmail", "Qqcity")[:7],
            "member_id": message["To"].addresses[0].addr_spec.replace("qqmail", "QQID")[:5],
            "unsubscribe_url": str(message["List-Unsubscribe"]).strip("<>"),
        }
        values["preferences_url"] = values["unsubscribe_url"].replace("/u/", "/p/")
        html = message.get_body(("html",)).get_content()
        filled = documents[variant].html.fill(values)
        assert html.splitlines() == filled.splitlines(), name


def test_another_dispatch_of_the_same_issue_can_be_shown(society: Path) -> None:
    file = announce(society, "ferns.md", NEWS.replace("All get a fern.", "All get two ferns."))
    send(program(society), file, "--again")
    for number, words in (("1", b"All get a fern."), ("4", b"All get two ferns.")):
        into = society / f"again-{number}"
        done = program(society)(
            "archive", "show", "ferns", "--dispatch", number, "--into", str(into)
        )
        assert done.exit_code == Exit.DONE, done.output
        assert words in contents(into)["message-0.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "no issue 'nothing'"),
        (("ferns", "--dispatch", "99"), "dispatch 99 is none of 'ferns'"),
        (("ferns", "--to", "nobody@example.net"), "was for nobody@example.net"),
    ],
)
def test_what_never_was_cannot_be_shown(
    society: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = program(society)("archive", "show", *arguments)
    assert done.exit_code == Exit.REFUSED
    assert words in done.stderr


def test_a_ledger_that_was_changed_is_not_taken_for_what_was_sent(society: Path) -> None:
    import sqlite3
    import zlib

    with sqlite3.connect(society / ".newsletter/ledger.sqlite3") as connection:
        (packed,) = connection.execute(
            "SELECT documents FROM contents JOIN dispatches USING (content_hash) WHERE id = 1"
        ).fetchone()
        forged = zlib.compress(zlib.decompress(packed).replace(b"a fern", b"a tree"))
        connection.execute(
            "UPDATE contents SET documents = ? WHERE content_hash ="
            " (SELECT content_hash FROM dispatches WHERE id = 1)",
            (forged,),
        )
    connection.close()
    done = program(society)("archive", "show", "ferns", "--into", str(society / "again"))
    assert done.exit_code == Exit.REFUSED
    assert "not those that were frozen" in done.stderr
