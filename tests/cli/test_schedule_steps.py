"""Steps before a scheduled dispatch, with a real ledger and real letters in the outbox."""

import datetime as dt
import email
import email.policy
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from postgres import fresh_database
from program import Newsletter

from newsletter.address import parse_address
from newsletter.clock import SystemClock
from newsletter.errors import NewsletterError
from newsletter.ledger.approvals import Approval, Said, approvals_of, give_verdict
from newsletter.ledger.colleagues import add_colleague, colleagues_of
from newsletter.ledger.decisions import Author
from newsletter.ledger.roles import Role
from newsletter.ledger.steps import steps_taken
from newsletter.workspace.posting import send_letters
from newsletter.workspace.scheduling import look_at_schedules
from newsletter.workspace.stepping import Stepped, look_at_steps, repeat_proof
from newsletter.workspace.workspace import Workspace, open_workspace

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
DUE = dt.datetime(2026, 12, 8, 9, tzinfo=dt.UTC)
"""The second Tuesday of December."""
WALL = "2026-12-08T09:00"
PEOPLE = {"ada": Role.APPROVER, "bob": Role.AUTHOR, "cy": Role.SENDER}


class At:
    """A clock that stands still until somebody moves it."""

    def __init__(self, at: dt.datetime = START) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        return self.at

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    def sleep(self, seconds: float) -> None:
        SystemClock().sleep(seconds)


@dataclass
class Staff:
    """The staff of a society that has a schedule."""

    folder: Path
    opened: Workspace
    clock: At

    def look(self, at: dt.datetime) -> list[Stepped]:
        self.clock.at = at
        return list(look_at_steps(self.opened))

    def send(self, at: dt.datetime) -> list[NewsletterError | None]:
        self.clock.at = at
        return [each.problem for each in look_at_schedules(self.opened) if each.due]

    def letters(self) -> Counter[tuple[str, str]]:
        """Count the letters in the outbox by address and subject."""
        found: Counter[tuple[str, str]] = Counter()
        for path in self.folder.glob("outbox/*/messages/*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            found[parseaddr(str(message["To"]))[1], str(message["Subject"])] += 1
        return found

    def approval(self) -> Approval:
        return approvals_of(self.opened.ledger)[0]

    def agree(self) -> None:
        who = next(each for each in colleagues_of(self.opened.ledger) if each.name == "ada")
        give_verdict(
            self.opened.ledger,
            self.approval(),
            who,
            Said(agrees=True, reason="", at=self.clock.now()),
        )


def subjects(letters: Counter[tuple[str, str]], to: str) -> list[str]:
    return sorted(subject for address, subject in letters.elements() if address == to)


@pytest.fixture
def hire(workspace: Path) -> Callable[..., object]:
    """Give a function that opens a workspace with a schedule, its people and its approval."""

    @contextmanager
    def make(
        *, needs: str = "any", more: Sequence[str] = (), people: Sequence[str] = tuple(PEOPLE)
    ) -> Iterator[Staff]:
        settings = workspace / "newsletter.toml"
        settings.write_text(
            settings.read_text()
            + f'\n[approval]\nneeds = "{needs}"\n[desk]\nbase_url = "https://desk.example.org"\n'
            + '[schedules.monthly]\nfile = "announcements/travel-awards.md"\n'
            + 'segments = ["students"]\nwhen = "second Tuesday of the month at 09:00 in UTC"\n'
            + "\n".join(more)
        )
        with open_workspace(str(workspace)) as opened:
            clock = At()
            by = Author("the test", START)
            for name in people:
                address = parse_address(f"{name}@example.org")
                add_colleague(opened.ledger, address, name, [PEOPLE[name]], by)
            staff = Staff(workspace, replace(opened, clock=clock), clock)
            staff.look(START)  # the schedule is followed from now on
            yield staff

    return make


def test_owners_approvers_and_staff_are_told_each_at_their_time(hire: Callable[..., Any]) -> None:
    with hire() as staff:
        assert staff.letters() == {}
        assert staff.look(DUE - 7 * DAY)[0].note == "1 told"
        assert subjects(staff.letters(), "bob@example.org") == [
            "monthly: your text is due Thursday, 3 December"
        ]
        assert staff.look(DUE - 5 * DAY)[0].note == "1 told, 1 asked to approve"
        assert subjects(staff.letters(), "ada@example.org") == [
            "Travel awards: apply by Friday, colleague",
            "monthly: a proof waits for your approval",
        ]
        (warned,) = staff.look(DUE - DAY)
        assert "is not given yet" in str(warned.problem)
        assert subjects(staff.letters(), "cy@example.org") == [
            "monthly: it cannot go out on Tuesday, 8 December as it stands"
        ]
        before = staff.letters()
        for hours in (0, 1, -30, 20):
            assert [each.note for each in staff.look(DUE - DAY + hours * DAY / 24)] == []
        assert staff.letters() == before


def test_the_owner_of_an_announcement_is_reminded_instead_of_all_authors(
    hire: Callable[..., Any],
) -> None:
    with hire() as staff:
        path = staff.folder / "announcements/travel-awards.md"
        owned = "---\nowner: Eve <eve@example.org>\ndeadline: 2026-12-02\n"
        path.write_text(path.read_text().replace("---\n", owned, 1))
        assert staff.look(DUE - 7 * DAY)[0].note == "1 told"
        assert subjects(staff.letters(), "bob@example.org") == []
        assert len(subjects(staff.letters(), "eve@example.org")) == 1
        (letter,) = staff.folder.glob("outbox/*schedule-reminder*/messages/*.eml")
        message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        words = " ".join(body.get_content().split())
        assert "to be changed until Wednesday, 2 December" in words


def test_what_is_approved_goes_out_and_nobody_is_warned(hire: Callable[..., Any]) -> None:
    with hire() as staff:
        staff.look(DUE - 5 * DAY)
        assert "is not given yet" in str(staff.send(DUE)[0])
        staff.agree()
        (warned,) = staff.look(DUE - DAY)
        assert (warned.note, warned.problem) == ("it is ready", None)
        assert staff.send(DUE + DAY / 24) == [None]
        assert staff.send(DUE + DAY / 12) == []


def test_approval_is_for_one_occurrence_and_until_it_is_too_late(
    hire: Callable[..., Any], workspace: Path
) -> None:
    with hire() as staff:
        staff.look(DUE - 5 * DAY)
        staff.agree()
    settings = workspace / "newsletter.toml"
    settings.write_text(
        settings.read_text().replace(
            "[schedules.monthly]", "[schedules.monthly]\nnot_after_hours = 48"
        )
    )
    with open_workspace(str(workspace)) as opened:
        (looked,) = look_at_schedules(replace(opened, clock=At(at=DUE)))
        assert "time was changed since approval was asked for" in str(looked.problem)


def test_a_changed_text_needs_a_new_proof_which_asks_anew(hire: Callable[..., Any]) -> None:
    with hire() as staff:
        staff.look(DUE - 5 * DAY)
        staff.agree()
        path = staff.folder / "announcements/travel-awards.md"
        path.write_text(path.read_text() + "\nOne more sentence.\n")
        assert "was changed since approval" in str(staff.send(DUE)[0])
        staff.clock.at = DUE - DAY / 2
        told = repeat_proof(staff.opened, "monthly", WALL)
        assert told.note == "1 told, 1 asked to approve"
        staff.agree()
        assert staff.send(DUE) == [None]


def test_a_proof_that_cannot_be_assembled_is_told_once_and_made_when_it_can(
    hire: Callable[..., Any],
) -> None:
    with hire() as staff:
        path = staff.folder / "announcements/travel-awards.md"
        text = path.read_text()
        path.unlink()
        *_late, told = staff.look(DUE - 5 * DAY)
        assert told.problem
        for minutes in (1, 2):
            (again,) = staff.look(DUE - 5 * DAY + minutes * DAY / 1440)
            assert (again.note, again.problem) == ("", None)
        warning = "monthly: it cannot go out on Tuesday, 8 December as it stands"
        assert subjects(staff.letters(), "cy@example.org") == [warning]
        path.write_text(text)
        assert staff.look(DUE - 4 * DAY)[0].note == "1 told, 1 asked to approve"


def test_too_many_recipients_are_sent_nothing(hire: Callable[..., Any]) -> None:
    with hire(needs="none", more=["most_recipients = 3"]) as staff:
        (problem,) = staff.send(DUE)
        assert re.search(r"would get it, and most_recipients of the schedule is 3", str(problem))


def test_without_people_the_addresses_of_the_schedule_are_told(hire: Callable[..., Any]) -> None:
    with hire(needs="none", people=(), more=['tell = ["office@example.org"]']) as staff:
        for days in (7, 5, 1):
            staff.look(DUE - days * DAY)
        assert len(subjects(staff.letters(), "office@example.org")) == 2  # it was ready


def test_steps_that_were_missed_are_told_and_what_did_not_go_out_is_one_letter(
    hire: Callable[..., Any],
) -> None:
    with hire(needs="none") as staff:
        later = DUE + 70 * DAY  # three months in a row
        assert staff.send(later) == []
        done = staff.look(later)
        late = [each for each in done if each.note == "its time passed"]
        assert len(late) == 3 * 3
        letters = subjects(staff.letters(), "cy@example.org")
        assert letters == ["monthly: it did not go out"]
        assert staff.look(later + DAY / 24) == []


def test_whoever_dies_after_a_step_was_taken_leaves_letters_to_the_next(
    hire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with hire() as staff:
        with monkeypatch.context() as patch:
            patch.setattr("newsletter.workspace.stepping.send_letters", lambda _workspace: ())
            staff.look(DUE - 7 * DAY)
        assert staff.letters() == {}
        assert list(send_letters(staff.opened)) == []
        assert subjects(staff.letters(), "bob@example.org") == [
            "monthly: your text is due Thursday, 3 December"
        ]
        assert list(send_letters(staff.opened)) == []
        assert sum(staff.letters().values()) == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_many_schedulers_at_one_moment_one_does_the_step_and_no_other_complains(
    hire: Callable[..., Any],
    database: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if database == "postgresql":
        url = fresh_database(request.getfixturevalue("postgresql"))
        monkeypatch.setenv("NEWSLETTER_LEDGER", url)
    with hire() as staff:
        gate, done = threading.Barrier(4), []

        def look() -> None:
            with open_workspace(str(staff.folder)) as mine:
                clock = At(at=DUE - 5 * DAY)
                gate.wait()
                done.extend(look_at_steps(replace(mine, clock=clock)))

        schedulers = [threading.Thread(target=look) for _ in range(4)]
        for each in schedulers:
            each.start()
        for each in schedulers:
            each.join()
        assert [each.problem for each in done if each.problem] == []
        assert [each.note for each in done if each.step == "proof"] == [
            "1 told, 1 asked to approve"
        ]
        assert list(send_letters(staff.opened)) == []
        assert len(subjects(staff.letters(), "ada@example.org")) == 2
        assert len(approvals_of(staff.opened.ledger)) == 1
        assert len(steps_taken(staff.opened.ledger, "monthly", START)) >= 1


def test_the_steps_stand_below_each_time(newsletter: Newsletter, hire: Callable[..., Any]) -> None:
    with hire():
        shown = newsletter("schedules", "--count", "1").stdout
    assert re.search(r"remind \w+ \d+ \w+, 09:00 · proof .* · warn ", shown)
