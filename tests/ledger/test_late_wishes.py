"""Whoever leaves between the opening of a dispatch and its claim does not get it."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_samples import NOW
from ledger_samples import OPENING as SPRING
from sqlalchemy import text

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.segment import Selection
from newsletter.clock import SystemClock
from newsletter.ledger.claiming import Attempt, Claim, claim
from newsletter.ledger.consent import choose_topics, leave, pause
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.selection import Choice
from newsletter.ledger.standing import Ground

HOW = Circumstance(source="page", words="Unsubscribe?", at=NOW)
ANN = Person("ann@example.org", "1")
OPENING = replace(SPRING, batch_size=10)


@pytest.fixture
def three(listed: Callable[[str], Ledger]) -> Ledger:
    return listed("member_id,email\n1,ann@example.org\n2,bob@example.org\n3,cyd@example.org\n")


def opened(ledger: Ledger, *, expected: int = 3) -> Dispatch:
    ground = Ground(topic="news", today=NOW.date())
    choice = Choice(slug="spring", selection=Selection(included=()), ground=ground)
    return open_dispatch(ledger, OPENING, choice, expected=expected)


def claimed(ledger: Ledger, dispatch: Dispatch) -> list[str]:
    made = claim(ledger, dispatch.id, 1, Attempt(NOW))
    assert isinstance(made, Claim)
    return [each.address.wire for each in made.deliveries]


def _leaves(ledger: Ledger) -> None:
    leave(ledger, ANN, HOW)


def _opts_out(ledger: Ledger) -> None:
    choose_topics(ledger, ANN, known=["news"], wanted=[], how=HOW)


def _pauses(ledger: Ledger) -> None:
    pause(ledger, ANN, NOW.date() + dt.timedelta(days=9), HOW)


@pytest.mark.parametrize("wish", [_leaves, _opts_out, _pauses])
def test_a_wish_after_the_opening_counts_at_the_claim(
    three: Ledger, wish: Callable[[Ledger], None]
) -> None:
    dispatch = opened(three)
    wish(three)
    assert claimed(three, dispatch) == ["bob@example.org", "cyd@example.org"]
    balance = balance_of(three, dispatch)
    assert (balance.excluded, balance.pending) == (1, 2)
    assert balance.balances


def test_an_opt_out_of_another_topic_excludes_nobody(three: Ledger) -> None:
    dispatch = opened(three)
    choose_topics(three, ANN, known=["jobs"], wanted=[], how=HOW)
    assert len(claimed(three, dispatch)) == 3


def test_a_request_of_which_everybody_left_is_settled_without_a_message(three: Ledger) -> None:
    dispatch = opened(three)
    for number, name in ((1, "ann"), (2, "bob"), (3, "cyd")):
        leave(three, Person(f"{name}@example.org", str(number)), HOW)
    assert claimed(three, dispatch) == []
    balance = balance_of(three, dispatch)
    assert (balance.excluded, balance.pending, balance.is_finished) == (3, 0, True)


def _wait_until_one_waits(ledger: Ledger) -> None:
    """Wait until a session of the server waits for a lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    clock = SystemClock()
    ends = clock.monotonic() + 10
    while clock.monotonic() < ends:
        with ledger.read() as connection:
            if connection.scalar(query):
                return
        clock.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("where", ["postgresql"], indirect=True)
def test_whoever_is_leaving_while_the_dispatch_is_opened_does_not_get_it(
    three: Ledger, where: Path | str
) -> None:
    """The number of their wish was given before the opening, and is seen only after it."""
    other = open_ledger(where)
    suppressed = text(
        "INSERT INTO suppressions (address_key, member_id, reason, source, since)"
        " VALUES ('ann@example.org', '1', 'unsubscribed', 'test', '2026-11-23T12:00:00+00:00')"
    )
    with ThreadPoolExecutor(1) as pool:
        with other.write() as connection:
            connection.execute(suppressed)
            opening = pool.submit(opened, three, expected=2)
            _wait_until_one_waits(three)
        dispatch = opening.result(timeout=10)
    other.close()
    assert claimed(three, dispatch) == ["bob@example.org", "cyd@example.org"]


@pytest.mark.parametrize("where", ["postgresql"], indirect=True)
def test_whoever_leaves_while_the_dispatch_is_being_opened_is_excluded_at_the_claim(
    three: Ledger, where: Path | str
) -> None:
    other = open_ledger(where)
    with ThreadPoolExecutor(1) as pool:
        with three.write() as connection:
            connection.execute(text("LOCK TABLE wishes IN SHARE MODE"))
            leaving = pool.submit(_leaves, other)
            _wait_until_one_waits(three)
        leaving.result(timeout=10)
    dispatch = opened(three, expected=2)
    other.close()
    assert len(claimed(three, dispatch)) == 2
