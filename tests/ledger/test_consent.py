"""What members want holds, whatever the list says afterwards."""

import datetime as dt
import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import case, delete, select, update

from newsletter.address import parse_address
from newsletter.audience.consent import Act, Circumstance, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.segment import Selection
from newsletter.errors import LedgerError
from newsletter.ledger.consent import (
    choose_topics,
    come_back,
    leave,
    pause,
    record_of,
    speak,
    wishes_of,
)
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.forgetting import forget
from newsletter.ledger.members import bring_in
from newsletter.ledger.people import consents, members
from newsletter.ledger.schema import deliveries
from newsletter.ledger.selection import Choice, recipients
from newsletter.ledger.signups import ask_in, let_in
from newsletter.ledger.standing import Ground, any_of, objected, objections
from newsletter.ledger.summary import AudienceSummary, summarise
from newsletter.ledger.suppressions import suppress

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
RAM = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - hundreds of small ledgers
HOW = Circumstance(source="page", words="Unsubscribe from Meridian?", at=NOW)
LIST = """\
member_id,email,first_name
1,ann@example.org,Ann
2,bob@example.org,Bob
3,cyd@example.org,Cyd
"""
ANN, BOB = Person("ann@example.org", "1"), Person("bob@example.org", "2")
TOPICS = ("news", "events", "jobs")


def summary_of(ledger: Ledger, ground: Ground | None = None) -> AudienceSummary:
    choice = Choice(
        slug="x", selection=Selection(included=()), ground=ground or Ground(today=TODAY)
    )
    with ledger.read() as connection:
        return summarise(connection, choice)


def mailed(ledger: Ledger, ground: Ground | None = None) -> set[str]:
    choice = Choice(
        slug="x", selection=Selection(included=()), ground=ground or Ground(today=TODAY)
    )
    with ledger.read() as connection:
        return {each.address for each in recipients(connection, choice)}


def test_whoever_left_is_excluded_by_that_reason_and_can_come_back(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    assert leave(ledger, ANN, HOW)
    assert not leave(ledger, ANN, HOW)
    assert summary_of(ledger).excluded == {"suppressed: unsubscribed": 1}
    assert come_back(ledger, ANN, HOW)
    assert summary_of(ledger).recipients == 3


def test_a_new_address_in_the_list_does_not_bring_back_who_left(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, ANN, HOW)
    listed(LIST.replace("ann@example.org", "ann.new@elsewhere.example.org"))
    assert summary_of(ledger).excluded == {"suppressed: unsubscribed": 1}
    new = Person("ann.new@elsewhere.example.org", "1")
    assert wishes_of(ledger, new).suppression is SuppressionReason.UNSUBSCRIBED
    assert come_back(ledger, new, HOW)
    assert summary_of(ledger).recipients == 3


def test_a_bounce_is_a_fault_of_the_address_and_a_new_address_is_mailed(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    suppress(ledger, ANN, SuppressionReason.HARD_BOUNCE, source="provider", now=NOW)
    assert summary_of(ledger).excluded == {"suppressed: hard bounce": 1}
    assert not come_back(ledger, ANN, HOW)
    listed(LIST.replace("ann@example.org", "ann.new@elsewhere.example.org"))
    assert summary_of(ledger).recipients == 3


def test_an_opt_out_of_a_topic_excludes_from_that_topic_alone(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    choose_topics(ledger, ANN, known=TOPICS, wanted=("news", "jobs"), how=HOW)
    events = summary_of(ledger, Ground(topic="events", today=TODAY))
    assert events.excluded == {"unsubscribed from topic": 1}
    assert summary_of(ledger, Ground(topic="news", today=TODAY)).recipients == 3
    assert wishes_of(ledger, ANN).opted_out == {"events"}
    choose_topics(ledger, ANN, known=TOPICS, wanted=TOPICS, how=HOW)
    assert summary_of(ledger, Ground(topic="events", today=TODAY)).recipients == 3


def test_a_topic_that_the_page_did_not_offer_stays_as_it_is(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    choose_topics(ledger, ANN, known=TOPICS, wanted=(), how=HOW)
    choose_topics(ledger, ANN, known=("news",), wanted=("news",), how=HOW)
    assert wishes_of(ledger, ANN).opted_out == {"events", "jobs"}


def test_a_pause_ends_by_itself_after_its_last_day(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    pause(ledger, ANN, dt.date(2027, 2, 23), HOW)
    assert summary_of(ledger).excluded == {"paused": 1}
    assert summary_of(ledger, Ground(today=dt.date(2027, 2, 23))).excluded == {"paused": 1}
    assert summary_of(ledger, Ground(today=dt.date(2027, 2, 24))).recipients == 3
    pause(ledger, ANN, None, HOW)
    assert summary_of(ledger).recipients == 3


def test_a_notice_passes_opt_outs_and_pauses_but_no_bounce_and_no_complaint(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, ANN, HOW)
    choose_topics(ledger, BOB, known=TOPICS, wanted=(), how=HOW)
    pause(ledger, BOB, dt.date(2027, 2, 23), HOW)
    cyd = Person("cyd@example.org", "3")
    suppress(ledger, cyd, SuppressionReason.COMPLAINT, source="provider", now=NOW)
    notice = summary_of(ledger, Ground(topic="news", is_notice=True, today=TODAY))
    assert notice.recipients == 2
    assert notice.excluded == {"suppressed: complaint": 1}


def test_the_record_says_when_how_and_in_answer_to_which_words(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, ANN, HOW)
    come_back(ledger, ANN, Circumstance(source="page", words="Subscribe again", at=NOW))
    choose_topics(ledger, ANN, known=TOPICS, wanted=("news",), how=HOW)
    record = record_of(ledger, ANN.address_key)
    assert [(each.act, each.topic) for each in record] == [
        (Act.OPT_OUT, None),
        (Act.OPT_IN, None),
        (Act.OPT_OUT, "events"),
        (Act.OPT_OUT, "jobs"),
    ]
    assert record[0].words == HOW.words
    assert record[0].at == "2026-11-23T12:00:00+00:00"


def test_the_database_refuses_to_change_or_delete_the_record(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, ANN, HOW)
    for statement in (
        delete(consents),
        update(consents).values(words="Yes, please"),
        update(consents).values(address_key="bob@example.org"),
    ):
        with pytest.raises(LedgerError, match="only ever added to"), ledger.write() as connection:
            connection.execute(statement)


def test_somebody_forgotten_is_nowhere_in_the_ledger_and_is_not_taken_in_again(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, ANN, HOW)
    speak(ledger, ANN, "fr")
    assert forget(ledger, ANN.address_key, HOW)
    for text in (LIST, LIST.replace("1,ann@", "77,Ann@"), LIST.replace("ann@", "ann.new@")):
        listed(text)
        summary = summary_of(ledger)
        assert summary.excluded == {"suppressed: forgotten": 1}
        assert summary.listed == 3
    assert wishes_of(ledger, ANN).lang == ""
    assert record_of(ledger, ANN.address_key) == ()
    with ledger.read() as connection:
        for table in (members, deliveries, consents):
            for row in connection.execute(select(table)):
                assert "ann" not in str(tuple(row)).lower()


def test_somebody_forgotten_who_signs_up_themselves_is_known_again(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    forget(ledger, ANN.address_key, HOW)
    number = ask_in(ledger, parse_address("ann@example.org"), "Ann", NOW)
    assert number is not None
    assert mailed(ledger) == {"bob@example.org", "cyd@example.org"}
    assert let_in(ledger, number, HOW) == Person("ann@example.org")
    assert "ann@example.org" in mailed(ledger)


def test_whoever_signed_up_is_listed_once_confirmed_and_after_every_new_list(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    number = ask_in(ledger, parse_address("dot@example.org"), "Dot", NOW)
    assert number is not None
    assert ask_in(ledger, parse_address("DOT@example.org"), "Dot", NOW) == number
    assert summary_of(ledger).listed == 3
    let_in(ledger, number, HOW)
    let_in(ledger, number, HOW)
    assert summary_of(ledger).listed == 4
    assert ask_in(ledger, parse_address("dot@example.org"), "Dot", NOW) is None
    listed(LIST + "4,eve@example.org,Eve\n")
    assert summary_of(ledger).listed == 5
    listed(LIST + "4,dot@example.org,Dot\n")
    assert summary_of(ledger).listed == 4
    assert [each.act for each in record_of(ledger, "dot@example.org")] == [Act.OPT_IN]


def test_a_sign_up_that_nobody_confirms_is_erased(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    number = ask_in(ledger, parse_address("dot@example.org"), "Dot", NOW)
    assert number is not None
    ask_in(ledger, parse_address("eve@example.org"), "Eve", NOW + dt.timedelta(days=8))
    assert let_in(ledger, number, HOW) is None


IDS, ADDRESSES = ("1", "2", "3"), ("a@example.org", "b@example.org", "c@example.org")
people = st.builds(Person, st.sampled_from(ADDRESSES), st.sampled_from(IDS))
lists = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(ADDRESSES)), max_size=5)
acts = st.lists(
    st.one_of(
        lists,
        st.tuples(st.sampled_from(["leave", "come back", "bounce", "complaint", "jobs"]), people),
    ),
    max_size=12,
)


def act(ledger: Ledger, what: str, person: Person) -> None:
    match what:
        case "leave":
            leave(ledger, person, HOW)
        case "come back":
            come_back(ledger, person, HOW)
        case "bounce":
            suppress(ledger, person, SuppressionReason.HARD_BOUNCE, source="x", now=NOW)
        case "complaint":
            suppress(ledger, person, SuppressionReason.COMPLAINT, source="x", now=NOW)
        case _:
            choose_topics(ledger, person, known=("jobs",), wanted=(), how=HOW)


@dataclass
class Model:
    """Who must not be mailed, in the simplest words."""

    left: list[Person] = field(default_factory=list)
    complained: list[Person] = field(default_factory=list)
    bounced: set[str] = field(default_factory=set)
    jobless: list[Person] = field(default_factory=list)

    def act(self, what: str, person: Person) -> None:
        match what:
            case "leave":
                self.left.append(person)
            case "come back":
                self.left = [each for each in self.left if not same(each, person)]
            case "bounce":
                self.bounced.add(person.address_key)
            case "complaint":
                self.complained.append(person)
            case _:
                self.jobless.append(person)

    def is_silent(self, person: Person) -> bool:
        return person.address_key in self.bounced or any(
            same(each, person) for each in (*self.left, *self.complained)
        )


def same(one: Person, other: Person) -> bool:
    return one.address_key == other.address_key or one.member_id == other.member_id


def people_mailed(ledger: Ledger, topic: str) -> list[Person]:
    choice = Choice(
        slug="x",
        selection=Selection(included=()),
        ground=Ground(topic=topic, today=TODAY),
    )
    with ledger.read() as connection:
        return [Person(each.address, each.member_id) for each in recipients(connection, choice)]


@given(acts)
@settings(max_examples=60)
def test_no_import_revives_an_opt_out_a_bounce_or_a_complaint(
    sequence: list[list[tuple[str, str]] | tuple[str, Person]],
) -> None:
    with tempfile.TemporaryDirectory(dir=RAM) as folder:
        ledger = open_ledger(Path(folder) / "ledger.sqlite3")
        path = Path(folder) / "members.csv"
        model = Model()
        for number, step in enumerate([*sequence, list(itertools.product(IDS, ADDRESSES))]):
            if isinstance(step, list):
                rows = "".join(f"{member},{address}\n" for member, address in step)
                path.write_text(f"member_id,email\n{rows}{' ' * number}\n", encoding="utf-8")
                bring_in(ledger, path, NOW)
            else:
                act(ledger, *step)
                model.act(*step)
            assert not any(model.is_silent(each) for each in people_mailed(ledger, "news"))
            jobs = people_mailed(ledger, "jobs")
            assert not any(same(out, each) for out in model.jobless for each in jobs)
        ledger.close()


GROUNDS = [
    Ground(),
    Ground(topic="jobs", today=TODAY),
    Ground(topic="news", today=TODAY),
    Ground(topic="jobs", is_notice=True, today=TODAY),
]


@given(acts, st.sampled_from(GROUNDS))
@settings(max_examples=40)
def test_the_selection_and_the_claim_of_a_request_hear_the_same_wishes(
    sequence: list[list[tuple[str, str]] | tuple[str, Person]], ground: Ground
) -> None:
    with tempfile.TemporaryDirectory(dir=RAM) as folder:
        ledger = open_ledger(Path(folder) / "ledger.sqlite3")
        path = Path(folder) / "members.csv"
        rows = "".join(
            f"{member},{address}\n" for member, address in itertools.product(IDS, ADDRESSES)
        )
        path.write_text(f"member_id,email\n{rows}", encoding="utf-8")
        bring_in(ledger, path, NOW)
        for step in sequence:
            if not isinstance(step, list):
                act(ledger, *step)
        pause(ledger, BOB, TODAY, HOW)
        pause(ledger, Person("c@example.org"), TODAY, HOW)
        one_by_one = objections(members, ground)
        reason = case(*((each.is_raised, each.exclusion.value) for each in one_by_one))
        note = case(*((each.is_raised, each.note) for each in one_by_one))
        whole = objected(ground)
        with ledger.read() as connection:
            asked = connection.execute(
                select(members.c.line, reason.label("reason"), note).where(any_of(one_by_one))
            )
            told = connection.execute(select(whole))
            assert sorted(map(tuple, asked)) == sorted(map(tuple, told))
        ledger.close()
