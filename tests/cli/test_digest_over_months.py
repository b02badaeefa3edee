"""Four issues of a digest from real files, sent by their schedule; what everybody got is read."""

import datetime as dt
import email
import email.policy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from program import Newsletter

from newsletter.cli.deliver import run_dispatch
from newsletter.cli.exits import Exit
from newsletter.clock import SystemClock
from newsletter.workspace.opening import Wish, open_planned
from newsletter.workspace.prepare import prepare
from newsletter.workspace.scheduling import look_at_schedules, to_deliver
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

Told = dict[str, set[str]]
NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "theta", "iota")
STUDENTS = {"s1@example.org", "s2@example.org"}
OTHERS = {"r1@example.org", "r2@example.org", "r3@example.org"}
ALL = STUDENTS | OTHERS
RULES = """
[calendar]
holidays = ["2027-03-02"]
[schedules.monthly]
when = "first Tuesday of the month at 09:00 in America/New_York"
digest = "monthly"
remind_days_before = 0
proof_days_before = 0
warn_hours_before = 0
"""


@dataclass(frozen=True, slots=True)
class At(SystemClock):
    """A clock that stands."""

    moment: dt.datetime

    def now(self) -> dt.datetime:
        return self.moment


def at(written: str) -> At:
    return At(dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC))


@pytest.fixture
def pool(workspace: Path) -> Callable[..., None]:
    """Empty the pool, and give a function that puts an announcement into it."""
    folder = workspace / "announcements"
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    rows = ["member_id,email,first_name,last_name,country,time_zone,membership,career_stage,"]
    rows[0] += "joined,expires,interests,city"
    for address in sorted(ALL):
        kind = "student" if address in STUDENTS else "regular"
        name = address.partition("@")[0]
        rows.append(f"{name},{address},Ana,Silva,US,America/New_York,{kind},early,,,,")
    (workspace / "recipients" / "members.csv").write_text("\n".join(rows) + "\n")
    settings = workspace / "newsletter.toml"
    written = settings.read_text(encoding="utf-8") + RULES
    settings.write_text(written.replace("others = true", "others = true\nmost = 1"))

    def put(name: str, date: str, *keys: str) -> None:
        header = "\n".join((f"title: About {name}", f"date: {date}", *keys))
        text = f"The {name} news is here for whoever reads it.\n"
        (folder / f"{name}.md").write_text(f"---\n{header}\n---\n{text}", encoding="utf-8")

    return put


def look(workspace: Path, moment: str, folder: str = "") -> Told:
    """Look at the schedules at a moment, send what is due, and read who got what."""
    with open_workspace(str(workspace)) as opened:
        then = replace(opened, clock=at(moment))
        problems = [each.problem for each in look_at_schedules(then)]
        assert problems == [None]
        for dispatch in to_deliver(then):
            assert run_dispatch(then, dispatch) is Exit.DONE
    return read(workspace, folder) if folder else {}


def send_alone(workspace: Path, name: str, moment: str) -> None:
    """Send an announcement to students in an email of its own."""
    with open_workspace(str(workspace)) as opened:
        then = replace(opened, clock=at(moment))
        task = Task(file=f"announcements/{name}.md", segments=("students",))
        dispatch = open_planned(then, prepare(then, task).plan, Wish(provider="outbox"))
        assert run_dispatch(then, dispatch) is Exit.DONE
    assert read(workspace, name) == {name: STUDENTS}


def read(workspace: Path, folder: str) -> Told:
    found: Told = {}
    for path in workspace.glob(f"outbox/*{folder}*/messages/*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        text, who = body.get_content(), str(message["To"]).rpartition("<")[2].strip(">")
        for name in NAMES:
            times = text.count(f"The {name} news is here")
            assert times <= 1, (name, who)
            if times:
                assert who not in found.setdefault(name, set())
                found[name].add(who)
    return found


def test_over_four_months_everybody_is_told_everything_once(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    pool("alpha", "2027-01-04", "section: Policy", "priority: high")
    pool("delta", "2027-01-04", "priority: 1")
    pool("gamma", "2027-01-04", "priority: 2", "expires: 2027-02-10")
    pool("epsilon", "2027-01-04", "priority: 3", "expires: 2027-01-31")
    look(workspace, "2027-01-04T00:00")
    january = look(workspace, "2027-01-05T14:01", "monthly-digest-2027-01")
    assert january == {"alpha": ALL, "delta": ALL}

    # One waited and goes now, one expired while it waited; one had been told to some.
    pool("beta", "2027-01-20", "section: Policy")
    send_alone(workspace, "beta", "2027-01-25T10:00")
    february = look(workspace, "2027-02-02T14:01", "monthly-digest-2027-02")
    assert february == {"beta": OTHERS, "gamma": ALL}

    # A holiday moves the issue by a day: what comes due on that day is in it.
    pool("zeta", "2027-02-20", "section: Policy", "embargo: 2027-03-02T18:00-05:00")
    look(workspace, "2027-03-02T14:01")
    assert not read(workspace, "monthly-digest-2027-03")
    march = look(workspace, "2027-03-03T14:01", "monthly-digest-2027-03")
    assert march == {"zeta": ALL}

    pool("theta", "2027-03-20")
    pool("iota", "2027-03-20", "section: Policy", "segments: students")
    send_alone(workspace, "theta", "2027-03-25T10:00")
    april = look(workspace, "2027-04-06T13:01", "monthly-digest-2027-04")
    assert april == {"iota": STUDENTS, "theta": OTHERS}

    # And over all of it nobody was told anything twice, neither alone nor in a digest.
    everything = read(workspace, "")
    assert everything == {name: ALL for name in NAMES if name not in ("epsilon", "iota")} | {
        "iota": STUDENTS
    }
    left = json.loads(newsletter("digest", "show", "--as-of", "2027-05-04", "--json").stdout)
    assert not left["announcements"]
    assert {each["announcement"]: each["reason"] for each in left["left"]} == {
        name: "expired" if name == "epsilon" else "told in an earlier issue" for name in NAMES
    } | {"gamma": "expired"}
    look(workspace, "2027-04-07T13:01")
    assert read(workspace, "") == everything


def test_what_the_last_issue_left_out_is_marked_as_rolled_over(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    pool("alpha", "2027-01-04", "section: Policy")
    pool("delta", "2027-01-04", "priority: 1")
    pool("gamma", "2027-01-04", "priority: 2")
    assert "rolled over" not in newsletter("digest", "show", "--as-of", "2027-02-02").stdout
    look(workspace, "2027-01-04T00:00")
    look(workspace, "2027-01-05T14:01", "monthly-digest-2027-01")
    pool("beta", "2027-01-20", "section: Policy")
    pool("zeta", "2027-01-04", "section: Policy", "embargo: 2027-01-05T10:00-05:00")

    asked = ("digest", "show", "--as-of", "2027-02-02")

    assert "About gamma  [priority 2; rolled over from monthly-digest-2027-01]" in (
        newsletter(*asked).stdout
    )
    found = json.loads(newsletter(*asked, "--json").stdout)["announcements"]
    assert {each["announcement"]: each["rolled_over"] for each in found} == {
        "beta": None,
        "gamma": "monthly-digest-2027-01",
        "zeta": None,
    }


def test_a_moved_issue_is_named_for_its_rules_day_and_judged_as_of_the_day_it_goes_out(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    pool("alpha", "2027-03-03", "section: Policy")
    pool("gamma", "2027-02-20", "expires: 2027-03-02")
    ruled = newsletter("digest", "show", "--as-of", "2027-03-02")
    assert "monthly-digest-2027-03 as of 2027-03-03 09:00 EST, moved from 2027-03-02" in (
        ruled.stdout
    )
    asked = ("2027-03-02", "2027-03-03", "2027-03-02T09:00", "2027-03-03T09:00-05:00")
    shown = [newsletter("digest", "show", "--as-of", each).stdout for each in asked]
    assert shown == [ruled.stdout] * 4
    assert "alpha" in ruled.stdout.partition("not in it")[0]
    assert "gamma" in ruled.stdout.partition("not in it")[2]
    with open_workspace(str(workspace)) as opened:
        plans = [prepare(opened, Task(file=f"digest:monthly@{each}")).plan for each in asked]
    assert len({plan.compiled.content_hash for plan in plans}) == 1
    look(workspace, "2027-03-01T00:00")
    sent = look(workspace, "2027-03-03T14:01", "monthly-digest-2027-03")
    assert sent == {"alpha": ALL}


def test_an_issue_moved_into_the_next_month_keeps_the_name_of_its_own(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    settings = workspace / "newsletter.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        .replace("first Tuesday of the month", "last day of the month")
        .replace('"2027-03-02"', '"2027-03-31"'),
        encoding="utf-8",
    )
    pool("alpha", "2027-04-01", "section: Policy")
    for day in ("2027-03-31", "2027-04-01"):
        found = json.loads(newsletter("digest", "show", "--as-of", day, "--json").stdout)
        assert found["issue"] == "monthly-digest-2027-03"
        assert (found["as_of"], found["day"]) == ("2027-04-01T09:00:00-04:00", "2027-03-31")
    with open_workspace(str(workspace)) as opened:
        plan = prepare(opened, Task(file="digest:monthly@2027-04-01")).plan
    assert plan.issue.announcement.title == "March at Meridian"


def test_what_a_cancelled_issue_carried_is_told_by_the_next_to_those_who_lack_it(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    pool("alpha", "2027-01-04", "section: Policy")
    with open_workspace(str(workspace)) as opened:
        plan = prepare(opened, Task(file="digest:monthly@2027-01-05")).plan
        january = open_planned(opened, plan, Wish(provider="outbox"))
    as_of = ("digest", "show", "--as-of", "2027-02-02")
    assert "told in an earlier issue: in monthly-digest-2027-01" in newsletter(*as_of).stdout
    cancelled = newsletter(
        "dispatch", "cancel", str(january.id), "--yes-to", str(january.recipients)
    )
    assert cancelled.exit_code == Exit.DONE, cancelled.output
    send_alone(workspace, "alpha", "2027-01-25T10:00")
    assert "2 of 5 were told" in newsletter(*as_of).stdout
    look(workspace, "2027-02-01T00:00")
    february = look(workspace, "2027-02-02T14:01", "monthly-digest-2027-02")
    assert february == {"alpha": OTHERS}
    assert not read(workspace, "monthly-digest-2027-01")


def test_more_than_200_versions_are_refused_with_what_divides_the_members_most(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    rows = ["member_id,email,first_name,membership"]
    rows += [f"m{n},m{n}@example.org,Ana,k{n}" for n in range(256)]
    (workspace / "recipients" / "members.csv").write_text("\n".join(rows) + "\n")
    segments = []
    for bit in range(8):
        having = ", ".join(f"'k{n}'" for n in range(256) if n >> bit & 1)
        segments.append(f'[bit-{bit}]\ntitle = "B{bit}"\nrule = "membership IN ({having})"\n')
        pool(f"part-{bit}", "2027-01-04", "section: Policy", f"segments: bit-{bit}")
    (workspace / "recipients" / "segments.toml").write_text("\n".join(segments))
    settings = workspace / "newsletter.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("most = 5", "most = 50"))
    # Whoever is in none of the segments gets nothing: 255 versions for 255 members.
    refused = newsletter("send", "digest:monthly@2027-01-05")
    assert refused.exit_code == Exit.INPUT, refused.output
    assert "the audience would get 255 different versions, and 200 are the most" in refused.stderr
    assert "part-0, part-1, part-2" in refused.stderr


def test_a_calendar_gathers_what_other_sections_show_and_takes_none_away(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    settings = workspace / "newsletter.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(
            "[digests.monthly.sections.deadlines]",
            '[digests.monthly.sections.dates]\nheading = "All dates"\npart = "events"\n'
            "gathers = true\n\n[digests.monthly.sections.deadlines]",
        ),
        encoding="utf-8",
    )
    pool("alpha", "2027-01-04", "section: Policy", "segments: students")
    pool("beta", "2027-01-04")
    path = workspace / "announcements" / "alpha.md"
    path.write_text(
        path.read_text(encoding="utf-8")
        + "\n::: event Tea with <b>{% raw %}\nWhen: Monday 18 January 2027, 17:00 UTC\n:::\n",
        encoding="utf-8",
    )
    found = json.loads(newsletter("digest", "show", "--as-of", "2027-01-05", "--json").stdout)
    assert {e["announcement"]: e["section"] for e in found["announcements"]} == {
        "alpha": "society",
        "beta": "brief",
    }
    look(workspace, "2027-01-04T00:00")
    assert look(workspace, "2027-01-05T14:01", "monthly-digest-2027-01") == {
        "alpha": STUDENTS,
        "beta": ALL,
    }
    for path in workspace.glob("outbox/*/messages/*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        is_student = str(message["To"]).rpartition("<")[2].strip(">") in STUDENTS
        assert ("all dates" in body.get_content().lower()) is is_student


def test_an_issue_that_went_to_some_segments_only_is_not_over_for_the_others(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    pool("alpha", "2027-01-04", "section: Policy")
    look(workspace, "2027-01-04T00:00")
    with open_workspace(str(workspace)) as opened:
        then = replace(opened, clock=at("2027-01-04T10:00"))
        task = Task(file="digest:monthly@2027-01-04T10:00+00:00", segments=("students",))
        dispatch = open_planned(then, prepare(then, task).plan, Wish(provider="outbox"))
        assert run_dispatch(then, dispatch) is Exit.DONE
    assert read(workspace, "") == {"alpha": STUDENTS}

    february = look(workspace, "2027-02-02T14:01", "monthly-digest-2027-02")

    assert february == {"alpha": OTHERS}
    left = json.loads(newsletter("digest", "show", "--as-of", "2027-03-02", "--json").stdout)
    assert [(each["announcement"], each["reason"]) for each in left["left"]] == [
        ("alpha", "told in an earlier issue")
    ]


def test_an_issue_for_the_segments_of_its_schedule_is_over(
    workspace: Path, newsletter: Newsletter, pool: Callable[..., None]
) -> None:
    settings = workspace / "newsletter.toml"
    pool("alpha", "2027-01-04", "section: Policy")
    written = settings.read_text(encoding="utf-8")
    settings.write_text(f'{written}segments = ["students"]\n', encoding="utf-8")
    look(workspace, "2027-01-04T00:00")

    january = look(workspace, "2027-01-05T14:01", "monthly-digest-2027-01")

    assert january == {"alpha": STUDENTS}
    left = json.loads(newsletter("digest", "show", "--as-of", "2027-02-02", "--json").stdout)
    assert [(each["announcement"], each["reason"]) for each in left["left"]] == [
        ("alpha", "told in an earlier issue")
    ]
