"""A new export is looked at and taken over; who left stays away."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from program import Newsletter
from workbooks import write_workbook

from newsletter.cli.exits import Exit

LIST = "recipients/members.csv"
HEAD = "member_id,email,first_name\n"


def export(workspace: Path, text: str, encoding: str = "utf-8") -> str:
    path = workspace / "export.csv"
    path.write_text(text, encoding=encoding)
    return str(path)


def people(count: int) -> str:
    return "".join(f"{n},member{n}@example.org,Ann\n" for n in range(count))


def test_an_export_is_shown_and_changes_nothing_before_somebody_says_yes(
    newsletter: Newsletter, workspace: Path
) -> None:
    newsletter("members")
    before = (workspace / LIST).read_bytes()
    text = before.decode().replace("city", "town", 1) + "M9,ann@gmial.com,A,B,DE,,x,y,,,,z\n"
    file = export(workspace, text)
    shown = newsletter("members", "import", file, "--dry-run")
    assert "      +1  added" in shown.stdout
    assert "new columns: town" in shown.stdout
    assert "columns that are gone: city" in shown.stdout
    assert "gmial.com: did the member mean gmail.com?" in shown.stderr
    refused = newsletter("members", "import", file, input="n\n")
    assert refused.exit_code != 0
    assert (workspace / LIST).read_bytes() == before
    assert newsletter("members", "import", file, input="y\n").exit_code == Exit.DONE
    assert "301  rows" in newsletter("members").stdout


def test_lost_columns_name_the_segments_and_slots_that_break(
    newsletter: Newsletter, workspace: Path
) -> None:
    newsletter("members")
    file = export(workspace, HEAD.replace("first_name", "nick") + people(300))
    said = newsletter("members", "import", file, "--dry-run").stderr
    assert "would break: segment students: the list has no column 'membership'" in said
    assert "its slot first_name has no column any more" in said


def test_a_sudden_shrink_wants_the_number_typed_and_is_refused_in_silence(
    newsletter: Newsletter, workspace: Path
) -> None:
    newsletter("members")
    file = export(workspace, HEAD + people(100))
    assert newsletter("members", "import", file, "--yes").exit_code == Exit.REFUSED
    assert newsletter("members", "import", file, input="99\n").exit_code == Exit.REFUSED
    (workspace / LIST).write_text(HEAD + people(100), "utf-8")
    silent = newsletter("members")
    assert silent.exit_code == Exit.INPUT
    assert "has 100 members with an address, and had 298 before" in silent.stderr
    assert newsletter("members", "import", LIST, "--yes-to", "100").exit_code == Exit.DONE
    assert newsletter("members").exit_code == Exit.DONE


def test_a_workbook_becomes_a_csv_with_iso_dates_and_plain_numbers(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = workspace / "export.xlsx"
    write_workbook(
        path,
        [
            ["Members of Meridian"],
            [],
            ["Constituent ID", "E-Mail Address", "Vorname", "Joined", "Fee"],
            [1001, "ann@example.org", "Ann", date(2026, 3, 1), 12.5],
            ["007", "bob@example.org", "Bob", date(2020, 1, 2), 3],
        ],
    )
    shown = newsletter("members", "import", str(path), "--yes")
    assert shown.exit_code == Exit.DONE, shown.stderr
    assert '    member_id = "Constituent ID"' in shown.stdout
    assert '    first_name = "Vorname"' in shown.stdout
    rows = list(csv.reader((workspace / LIST).read_text("utf-8").splitlines()))
    assert rows[1:] == [
        ["1001", "ann@example.org", "Ann", "2026-03-01", "12.5"],
        ["007", "bob@example.org", "Bob", "2020-01-02", "3"],
    ]
    columns = json.loads(newsletter("members", "--json").stdout)["columns"]
    assert columns["joined"] == "date"
    assert columns["first_name"] == "text"


def test_the_doctor_notes_what_it_sees(newsletter: Newsletter, workspace: Path) -> None:
    file = export(
        workspace,
        "member_id,email,deceased,do_not_email,lapsed\n"
        "1,ann@example.org,,,\n1,ann@example.org,,,\n1,ann.b@example.org,,,\n"
        "2,ann@example.org,,,\n3,info@example.org,,,x\n4,d@hotmial.com,,,maybe\n"
        "5,e@example.org,J,,\n6,f@example.org,,oui,\n7,g@example.org,,,\u200b\n8,nobody,,,\n",
    )
    found = json.loads(newsletter("members", "import", file, "--yes", "--json").stdout)
    assert found["counts"] == {
        "malformed": 1, "duplicate": 1, "shared address": 1, "several addresses": 1,
        "likely typo": 1, "role address": 1, "deceased": 1, "do not email": 1, "lapsed": 1,
        "unclear flag": 1, "invisible characters": 1,
    }  # fmt: skip
    counted = json.loads(newsletter("members", "--json").stdout)["excluded"]
    assert counted["suppressed: deceased"] == counted["suppressed: manual"] == 1


def test_the_headings_of_the_settings_are_taken(newsletter: Newsletter, workspace: Path) -> None:
    path = workspace / "newsletter.toml"
    columns = 'email = ["Kontakt", "Zweitadresse"]\nmember_id = "Nr"\nfirst_name = "Rufname"\n'
    path.write_text(path.read_text("utf-8") + f"\n[members.columns]\n{columns}", "utf-8")
    text = "Nr^Rufname^Kontakt^Zweitadresse\n1^Ann^^ann@example.org\n2^Bob^bob@example.org^\n"
    assert newsletter("members", "import", export(workspace, text), "--yes").exit_code == Exit.DONE
    shown = newsletter("members")
    assert "2  can be mailed" in shown.stdout
    assert "member_id (text)" in shown.stdout or "member_id (number)" in shown.stdout


def variants() -> Iterator[tuple[str, str]]:
    yield "ids are gone", "email,first_name\nMEMBER7@Example.org,Ann\n"
    yield "another case", HEAD + "7,Member7@EXAMPLE.ORG,Ann\n"
    yield "leading zeros", HEAD + "007,member7@example.org,Ann\n"
    yield "another address", HEAD + "7,new@example.org,Ann\n"
    yield "a number of Excel", HEAD + "7.0,member7@example.org,Ann\n"


@pytest.mark.parametrize("text", [t for _, t in variants()], ids=[name for name, _ in variants()])
def test_no_import_brings_back_who_left(newsletter: Newsletter, workspace: Path, text: str) -> None:
    from datetime import UTC, datetime

    from newsletter.audience.consent import Circumstance, Person
    from newsletter.ledger.consent import leave
    from newsletter.ledger.database import open_ledger

    assert (
        newsletter("members", "import", export(workspace, HEAD + people(9)), "--yes").exit_code == 0
    )
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    now = Circumstance(source="page", at=datetime(2026, 11, 23, tzinfo=UTC))
    leave(ledger, Person("member7@example.org", "7"), now)
    ledger.close()
    tagged = text + text.splitlines()[-1].replace("7@", "7+news@").replace("7,", "70,", 1) + "\n"
    assert newsletter("members", "import", export(workspace, tagged), "--yes").exit_code == 0
    counted = json.loads(newsletter("members", "--json").stdout)
    assert counted["excluded"].get("suppressed: unsubscribed") == 1
    newsletter("members", "export", "back.csv", "--excel")
    rows = list(csv.DictReader((workspace / "back.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["email"], row["status"]) for row in rows] == [
        ("member7@example.org", "unsubscribed")
    ]
    assert newsletter("members", "export", "back.csv").exit_code == Exit.REFUSED


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the list is empty"),
        (b"%PDF-1.7\n", "this is a PDF"),
        (b"PK\x03\x04 broken", "this Excel file is damaged"),
        (b"\xd0\xcf\x11\xe0", "an Excel file of the old kind"),
    ],
)
def test_a_wrong_file_says_what_it_is(
    newsletter: Newsletter, workspace: Path, content: bytes, problem: str
) -> None:
    (workspace / "export.csv").write_bytes(content)
    refused = newsletter("members", "import", "export.csv", "--yes")
    assert refused.exit_code == Exit.INPUT
    assert problem in refused.stderr
