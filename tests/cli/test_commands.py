"""The commands beside sending: what they show, and what they leave behind."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from program import Newsletter

from newsletter.audience.consent import Circumstance, Person
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.ledger.consent import leave
from newsletter.ledger.database import open_ledger

FILE = "announcements/travel-awards.md"
STATEMENT = "announcements/genetic-privacy-statement.md"


def status(newsletter: Newsletter) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(newsletter("status", "--json").stdout)
    return rows


def send(newsletter: Newsletter, file: str = STATEMENT, number: int = 296) -> None:
    sent = newsletter("send", file, "--for-real", "--yes-to", str(number))
    assert sent.exit_code == Exit.DONE, sent.output


# --- members -----------------------------------------------------------------------------------


def test_members_add_up_to_the_rows_of_the_file(newsletter: Newsletter) -> None:
    shown = newsletter("members").stdout.splitlines()
    assert shown[0] == "     300  rows in recipients/members.csv (UTF-8, commas)"
    assert shown[-2] == "     296  can be mailed"
    counts = [int(line.split()[0]) for line in shown[:-1]]
    assert counts[0] + sum(counts[1:-1]) == counts[-1]


def test_members_as_json_hold_what_is_shown(newsletter: Newsletter) -> None:
    found = json.loads(newsletter("members", "--json").stdout)
    assert found["rows"] == found["mailable"] + sum(found["excluded"].values()) == 300
    assert found["columns"]["joined"] == "date"
    assert len(found["faults"]) == sum(found["excluded"].values())


def test_a_long_list_of_faults_is_cut_and_counted(newsletter: Newsletter, workspace: Path) -> None:
    rows = "".join(f"broken {number}\n" for number in range(50))
    (workspace / "recipients/members.csv").write_text(f"email\na@example.org\n{rows}")
    shown = newsletter("members").stderr.splitlines()
    assert len(shown) == 21
    assert shown[-1] == "... and 30 more faults"


def test_a_changed_list_is_read_again(newsletter: Newsletter, workspace: Path) -> None:
    newsletter("members")
    path = workspace / "recipients/members.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("M10001,", "M99999,"), "utf-8")
    assert newsletter("proof", FILE, "--to", "me@example.org", "--as", "M99999").exit_code == 0


# --- segments ----------------------------------------------------------------------------------


def test_segments_show_their_rules_and_counts(newsletter: Newsletter) -> None:
    shown = newsletter("segments").stdout
    assert "      71  students       membership = 'student'" in shown
    rows = {row["name"]: row for row in json.loads(newsletter("segments", "--json").stdout)}
    assert rows["students"] == {
        "name": "students",
        "title": "Students",
        "rule": "membership = 'student'",
        "members": 71,
    }


def test_a_segment_of_nobody_says_which_values_the_list_has(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "recipients/segments.toml").write_text(
        "[students]\nrule = \"membership = 'Student'\"\n\n[mars]\nrule = \"country IN ('QQ')\"\n"
    )
    said = newsletter("segments").stderr
    assert "recipients/segments.toml:2:9: nobody is in 'students'" in said
    assert "hint: look at 'Student': in 'membership' the list has 'student'" in said
    assert "look at 'QQ': in 'country' the list has 'US', " in said


# --- check -------------------------------------------------------------------------------------


def test_a_check_without_errors_ends_with_0_and_sends_nothing(
    newsletter: Newsletter, workspace: Path
) -> None:
    checked = newsletter("check", FILE, "--segment", "students")
    assert checked.exit_code == Exit.DONE
    assert "0 errors" in checked.stderr
    assert not (workspace / "outbox").exists()
    assert status(newsletter) == []


def test_a_check_as_json_has_every_finding_with_its_place(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft of it\n---\n[here](http://x.org)\n")
    checked = newsletter("check", "draft.md", "--json")
    assert checked.exit_code == Exit.DONE
    found = {each["code"]: each for each in json.loads(checked.stdout)}
    assert found["link-insecure"]["line"] == 4
    assert found["link-insecure"]["severity"] == "warning"
    assert set(found["link-insecure"]) == {
        *("severity", "code", "subject", "message", "hint", "path", "line", "column")
    }
    assert found["link-insecure"]["subject"] == "links"


def test_a_check_shows_findings_below_their_subjects_errors_first(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "draft.md").write_text(
        "---\ntitle: A draft of it\n---\n[here](http://x.org) by 1 March 2020, {{ first_name }}\n"
        "or Monday 11 June 2027\n"
    )
    shown = newsletter("check", "draft.md").stderr
    order = ("Dates, times", "weekday-wrong", "date-past", "Links", "link-vague", "error")
    assert [shown.index(words) for words in order[:-1]] == sorted(
        shown.index(words) for words in order[:-1]
    )


def test_a_check_can_look_with_the_eyes_of_the_day_of_sending(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft of it\n---\nApply by 1 May 2100.\n")

    def codes(*arguments: str) -> set[str]:
        shown = newsletter("check", "draft.md", "--json", *arguments)
        return {each["code"] for each in json.loads(shown.stdout)}

    assert "date-past" not in codes()
    assert "date-past" not in codes("--at", "2100-05-01T09:00+01:00")
    assert "date-past" in codes("--at", "2100-05-02")
    assert newsletter("check", "draft.md", "--at", "soon").exit_code == Exit.USAGE


def add_to_checks(settings: Path, line: str) -> None:
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[checks]\n", f"[checks]\n{line}\n"), "utf-8")


def test_a_new_workspace_lets_nothing_out_that_some_members_cannot_read(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft of it\n---\n### Too deep\n\nText.\n")
    shown = newsletter("check", "draft.md", "--json")
    found = [each for each in json.loads(shown.stdout) if each["code"] == "heading-jump"]
    assert [(each["severity"], each["line"]) for each in found] == [("error", 4)]
    assert shown.exit_code == Exit.NOT_ALL_SENT


def test_the_symbols_of_genes_can_stand_in_a_file(newsletter: Newsletter, workspace: Path) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft\n---\nOn *TP53*, BRCA1 and PALB2.\n")
    settings = workspace / "newsletter.toml"
    add_to_checks(settings, 'gene_symbols = "genes.txt"')
    refused = newsletter("check", "draft.md")
    assert refused.exit_code == Exit.INPUT
    assert "the file 'genes.txt' cannot be read" in refused.stderr
    (workspace / "genes.txt").write_text("# ours\nTP53\nBRCA1  # breast cancer 1\n\n")
    shown = newsletter("check", "draft.md", "--json")
    found = [each for each in json.loads(shown.stdout) if each["code"] == "gene-italics"]
    assert [(each["line"], "BRCA1" in each["message"]) for each in found] == [(4, True)]


def test_a_warning_can_be_raised_to_an_error(newsletter: Newsletter, workspace: Path) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft of it\n---\n[here](https://x.org)\n")
    assert newsletter("check", "draft.md").exit_code == Exit.DONE
    settings = workspace / "newsletter.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("\nas_errors = [", '\nas_errors = ["links", '), "utf-8")
    assert newsletter("check", "draft.md").exit_code == Exit.NOT_ALL_SENT


def test_a_greeting_without_a_name_blocks_and_tells_lines_of_the_list(
    newsletter: Newsletter, workspace: Path
) -> None:
    members = workspace / "recipients/members.csv"
    rows = members.read_text("utf-8").splitlines()
    at = rows[0].split(",").index("first_name")
    for number in (1, 2, 3, 4, 5, 6, 7, 8):
        cells = rows[number].split(",")
        cells[at] = ""
        rows[number] = ",".join(cells)
    members.write_text("\n".join(rows), "utf-8")
    (workspace / "draft.md").write_text(
        '---\ntitle: A draft of it\n---\nDear {{ first_name or "" }},\n\nhow are you?\n'
    )
    shown = newsletter("check", "draft.md", "--json")
    assert shown.exit_code == Exit.NOT_ALL_SENT
    (found,) = (each for each in json.loads(shown.stdout) if each["code"] == "greeting-empty")
    assert "a greeting without a name, such as 'Dear ,' (lines " in found["message"]
    assert (found["line"], found["severity"]) == (4, "error")


def test_a_check_with_errors_ends_with_1(newsletter: Newsletter, workspace: Path) -> None:
    (workspace / "draft.txt").write_text("Dear all, hello there.\n")
    checked = newsletter("check", "draft.txt", "--json")
    assert checked.exit_code == Exit.NOT_ALL_SENT
    assert "title-missing" in {each["code"] for each in json.loads(checked.stdout)}


def test_a_check_of_what_cannot_be_composed_ends_with_3_and_is_json_all_the_same(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "draft.md").write_text("---\ntitle: A draft\n---\nHello {{ nmae }}.\n")
    checked = newsletter("check", "draft.md", "--json")
    assert checked.exit_code == Exit.INPUT
    (found,) = json.loads(checked.stdout)
    assert (found["severity"], found["line"]) == ("error", 4)


# --- status ------------------------------------------------------------------------------------


def test_status_balances(newsletter: Newsletter) -> None:
    send(newsletter)
    newsletter("proof", FILE, "--to", "me@example.org")
    proof, dispatch = status(newsletter)
    assert (proof["kind"], dispatch["kind"]) == ("proof", "issue")
    assert dispatch["balances"] is True
    assert dispatch["state"] == "finished"
    parts = ("excluded", "accepted", "rejected", "unsure", "pending")
    assert dispatch["listed"] == sum(int(str(dispatch[part])) for part in parts)
    table = newsletter("status").stdout.splitlines()
    assert [line.split()[0] for line in table[1:]] == ["2", "1"]
    assert "travel-awards (proof)" in table[1]


def test_status_of_one_dispatch_tells_its_reasons_and_its_exit_code(newsletter: Newsletter) -> None:
    send(newsletter)
    shown = newsletter("status", "1")
    assert shown.exit_code == Exit.DONE
    assert "300 listed = 4 excluded + 296 accepted + 0 rejected" in shown.stdout
    assert "2 excluded: duplicate" in shown.stdout
    one = json.loads(newsletter("status", "1", "--json").stdout)
    assert one["reasons"] == {"duplicate": 2, "malformed address": 2}


# --- resume and resolve ------------------------------------------------------------------------


@pytest.fixture
def unsure(newsletter: Newsletter, workspace: Path) -> Newsletter:
    """Leave a dispatch as a run does that died while its first request was on its way."""
    from datetime import UTC, datetime

    from newsletter.ledger.claiming import Attempt, claim
    from newsletter.ledger.database import open_ledger

    path = workspace / "newsletter.toml"
    settings = path.read_text().replace("port = 587", "port = 1\nbatch_size = 100")
    path.write_text(settings.replace("[dispatch]", "[dispatch]\nattempts = 1"))
    stopped = newsletter("send", STATEMENT, "--provider", "smtp", "--for-real", "--yes-to", "296")
    assert stopped.exit_code == Exit.STOPPED, stopped.output
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    assert claim(ledger, 1, 1, Attempt(datetime(2026, 11, 23, tzinfo=UTC))) is not None
    ledger.close()
    assert newsletter("dispatch", "resume", "1").exit_code == Exit.UNSURE
    return newsletter


def test_what_was_on_its_way_is_unsure_and_is_not_sent_again(unsure: Newsletter) -> None:
    (row,) = status(unsure)
    assert (row["unsure"], row["pending"]) == (100, 196)
    assert unsure("status", "1").exit_code == Exit.UNSURE
    again = unsure("dispatch", "resume", "1")
    assert "newsletter dispatch resolve 1" in again.stderr
    assert status(unsure)[0]["unsure"] == 100


def test_without_a_choice_the_unsure_are_listed(unsure: Newsletter) -> None:
    listed = unsure("dispatch", "resolve", "1")
    assert listed.exit_code == Exit.UNSURE
    assert len(listed.stdout.splitlines()) == 100
    assert "100 deliveries unsure. --assume-sent: nobody gets it twice" in listed.stderr
    assert status(unsure)[0]["unsure"] == 100


@pytest.mark.parametrize(
    ("choice", "state"), [("--assume-sent", "accepted"), ("--resend", "pending")]
)
def test_a_person_decides_and_confirms_the_number(
    unsure: Newsletter, choice: str, state: str
) -> None:
    before = int(str(status(unsure)[0][state]))
    assert unsure("dispatch", "resolve", "1", choice).exit_code == Exit.REFUSED
    assert unsure("dispatch", "resolve", "1", choice, "--yes-to", "99").exit_code == Exit.REFUSED
    assert status(unsure)[0]["unsure"] == 100
    decided = unsure("dispatch", "resolve", "1", choice, "--yes-to", "100")
    assert decided.exit_code == Exit.DONE
    (row,) = status(unsure)
    assert (row["unsure"], row[state], row["balances"]) == (0, before + 100, True)
    assert ("newsletter dispatch resume 1" in decided.stderr) == (choice == "--resend")


def test_a_finished_dispatch_has_nothing_to_go_on_with(
    newsletter: Newsletter, workspace: Path
) -> None:
    send(newsletter)
    before = {path: path.stat().st_mtime_ns for path in workspace.glob("outbox/*/messages/*")}
    assert newsletter("dispatch", "resume", "1").exit_code == Exit.DONE
    assert {p: p.stat().st_mtime_ns for p in workspace.glob("outbox/*/messages/*")} == before


# --- schedules ---------------------------------------------------------------------------------


def test_schedules_are_shown_in_their_own_time_zone(
    newsletter: Newsletter, workspace: Path
) -> None:
    assert "no schedules" in newsletter("schedules").stderr
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(
            '[schedules.monthly]\nfile = "announcements/x.md"\n'
            'when = "first Tuesday of the month at 09:00 in Asia/Tokyo"\n'
        )
    shown = newsletter("schedules", "--count", "3").stdout.splitlines()
    assert shown[0] == "monthly: announcements/x.md"
    due = [line for line in shown[1:] if not line.startswith("    ")]
    assert len(due) == 3
    assert all(line.startswith("  Tue ") and line.endswith("09:00 JST") for line in due)
    rows = json.loads(newsletter("schedules", "--json").stdout)
    assert len(rows["monthly"]) == 12
    assert all(each["local"].endswith("T09:00+09:00") for each in rows["monthly"])
    calendar = newsletter("schedules", "--icalendar").stdout.splitlines()
    assert calendar.count("SUMMARY:monthly") == 12


# --- new ---------------------------------------------------------------------------------------


def test_a_new_workspace_works_at_once_and_keeps_members_out_of_git(
    newsletter: Newsletter, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = newsletter("new", "our-society")
    assert made.exit_code == Exit.DONE
    folder = workspace / "our-society"
    monkeypatch.chdir(folder)
    for line in made.stderr.splitlines():
        for word in line.split():
            assert not word.startswith("announcements/") or (folder / word).is_file(), word
    assert newsletter("check", FILE).exit_code == Exit.DONE
    (folder / "recipients/our members.xlsx").write_bytes(b"PK")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    kept = subprocess.run(["git", "ls-files"], cwd=folder, check=True, capture_output=True)
    names = kept.stdout.decode().splitlines()
    assert [name for name in names if name.startswith("recipients/")] == [
        "recipients/segments.toml"
    ]
    assert not [name for name in names if name.startswith((".newsletter", "outbox"))]
    assert {"newsletter.toml", FILE, "templates/announcement/issue.mjml.j2"} <= set(names)


def test_a_workspace_is_found_from_any_folder_in_it(
    workspace: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace / "announcements")
    assert "296  can be mailed" in newsletter("members").stdout
    monkeypatch.chdir(workspace.parent)
    there = CliRunner().invoke(cli, ["--workspace", str(workspace), "members"])
    assert "300  rows in society/recipients/members.csv" in there.stdout


def test_a_warning_can_be_switched_off_and_an_error_cannot(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = workspace / "announcements/slips.md"
    path.write_text(
        "---\ntitle: The spring webinar\npreheader: What it is about, in one line of some length.\n"
        "---\nSee [here](https://meridian.example.org) on Monday 11 June 2027.\n",
        encoding="utf-8",
    )
    settings = workspace / "newsletter.toml"
    add_to_checks(settings, 'off = ["link-vague", "weekday-wrong"]')
    shown = newsletter("check", "announcements/slips.md", "--json")
    assert [finding["code"] for finding in json.loads(shown.stdout)] == ["weekday-wrong"]


def test_somebody_can_be_erased_and_is_not_taken_in_again(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = workspace / "recipients/members.csv"
    first = path.read_text(encoding="utf-8").split("\n")[1].split(",")[1]
    assert newsletter("members", "forget", first, input="n\n").exit_code != 0
    done = newsletter("members", "forget", first, "--yes")
    assert done.exit_code == 0
    assert "will not be taken in" in done.stderr
    shown = json.loads(newsletter("members", "--json").stdout)
    assert shown["excluded"]["suppressed: forgotten"] == 1
    assert newsletter("members", "record", first).stdout == ""


def test_a_notice_says_how_many_get_it_although_they_opted_out(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = workspace / "recipients/members.csv"
    newsletter("members")
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    for line in path.read_text(encoding="utf-8").split("\n")[1:3]:
        member, address = line.split(",")[:2]
        how = Circumstance(source="page", at=datetime(2026, 11, 23, tzinfo=UTC))
        leave(ledger, Person(address.lower(), member), how)
    ledger.close()
    file = workspace / "announcements/bylaws.md"
    text = "---\ntitle: Notice of a vote on the bylaws\nkind: {}\n---\nThe members vote.\n"
    file.write_text(text.format("notice"), encoding="utf-8")
    shown = newsletter("send", str(file))
    assert "2  opted out, and get it all the same: it is a notice" in shown.stdout
    assert "suppressed" not in shown.stdout
    file.write_text(text.format("announcement"), encoding="utf-8")
    assert "-2  suppressed: unsubscribed" in newsletter("send", str(file)).stdout


def test_an_announcement_of_an_unknown_topic_names_the_known_ones(
    newsletter: Newsletter, workspace: Path
) -> None:
    file = workspace / "announcements/jobs.md"
    file.write_text("---\ntitle: Two fellowships\ntopic: job\n---\nApply.\n", encoding="utf-8")
    shown = newsletter("check", str(file))
    assert shown.exit_code == 3
    assert "jobs.md:3:8: unknown topic 'job'" in shown.stderr
    assert "jobs" in shown.stderr


def test_a_segment_is_shown_with_its_count_and_some_of_its_members(
    newsletter: Newsletter,
) -> None:
    shown = json.loads(newsletter("segments", "show", "students", "--json").stdout)
    assert shown["members"] == json.loads(newsletter("segments", "--json").stdout)[0]["members"]
    assert len(shown["sample"]) == 5
    lines = [row["line"] for row in shown["sample"]]
    assert lines == sorted(lines)
    assert lines[-1] - lines[0] > 100, "from the whole list, not its first rows"


def test_why_somebody_is_in_a_segment_is_told_claim_by_claim(
    newsletter: Newsletter, workspace: Path
) -> None:
    rules = workspace / "recipients/segments.toml"
    rules.write_text(
        "[young]\nrule = \"membership = 'student' OR IN SEGMENT new\"\n"
        '[new]\nrule = "joined WITHIN LAST 30 DAYS AND WANTS jobs"\n',
        encoding="utf-8",
    )
    row = (workspace / "recipients/members.csv").read_text(encoding="utf-8").split("\n")[1]
    member = row.split(",")[0]
    shown = newsletter("segments", "show", "young", "--why", member)
    assert shown.exit_code == 0
    assert "in young" in shown.stdout
    assert "membership = 'student'; the list has" in shown.stdout
    assert "IN SEGMENT new" in shown.stdout
    claims = json.loads(newsletter("segments", "show", "new", "--why", member, "--json").stdout)[
        "rows"
    ][0]["claims"]
    assert [each["holds"] for each in claims] == [False, True, True]
    assert newsletter("segments", "show", "young", "--why", "nobody").exit_code != 0
    assert newsletter("segments", "show", "yung").exit_code != 0
