"""How a dispatch gets on: the arithmetic of rates, and the phases."""

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import postgres
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import handed_over, opened, told
from sqlalchemy import update

from newsletter.clock import SystemClock
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.course import Hold, cancel, pause, resume
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Balance, Dispatch, balance_of, find_dispatch
from newsletter.ledger.pacing import put_off
from newsletter.ledger.schema import Course, requests
from newsletter.ledger.settling import settle
from newsletter.ledger.stages import Tally
from newsletter.ledger.traffic import Traffic, next_hold_of, traffic_of, wait_of
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome
from newsletter.report.progress import LATELY, NOW, Mark, Phase, Progress, Trail

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ANN = Author("ann", NOON)

DISPATCH = Dispatch(
    id=7,
    ref="0123456789abcdef",
    slug="travel-awards",
    title="Travel awards",
    kind="issue",
    copy=0,
    content_hash="",
    envelope={},
    provider="sendgrid",
    audience={},
    topic="",
    is_notice=False,
    opened=NOON.isoformat(),
    listed=110,
    recipients=100,
)
BALANCE = Balance(
    listed=110, excluded=10, accepted=40, rejected=0, unsure=0, pending=60, under_way=10, reasons={}
)
BUSY = Traffic(in_flight=1, carried=10, waiting=5, oldest=NOON.isoformat(), latest=NOON.isoformat())


def progress(**other: object) -> Progress:
    known = Progress(
        dispatch=DISPATCH,
        balance=BALANCE,
        traffic=BUSY,
        tally=Tally(),
        hold=None,
        now=NOON + dt.timedelta(seconds=3),
        trail=Trail((Mark(0.0, 20), Mark(10.0, 40))),
    )
    return replace(known, **other)


# --- rates -------------------------------------------------------------------------------------

steps = st.lists(st.tuples(st.floats(0.1, 40.0), st.integers(-50, 5000)), min_size=1, max_size=120)


def trails(moves: list[tuple[float, int]]) -> tuple[Trail, list[Mark]]:
    trail, at, handed, all_marks = Trail(), 0.0, 0, []
    for seconds, more in moves:
        at, handed = at + seconds, max(0, handed + more)
        all_marks.append(Mark(at, handed))
        trail = trail.after(all_marks[-1])
    return trail, all_marks


@given(steps)
def test_forgetting_old_looks_changes_no_rate(moves: list[tuple[float, int]]) -> None:
    trail, everything = trails(moves)
    assert trail.rate(NOW) == Trail(tuple(everything)).rate(NOW)
    assert trail.rate(LATELY) == Trail(tuple(everything)).rate(LATELY)


@given(steps)
def test_a_trail_keeps_a_minute_and_one_look_before_it(moves: list[tuple[float, int]]) -> None:
    trail, everything = trails(moves)
    last = everything[-1].at
    assert sum(mark.at <= last - LATELY for mark in trail.marks) <= 1
    assert {mark for mark in everything if mark.at > last - LATELY} <= set(trail.marks)


@given(steps)
def test_a_rate_is_never_below_nothing_and_never_beyond_the_fastest_step(
    moves: list[tuple[float, int]],
) -> None:
    trail, everything = trails(moves)
    rate = trail.rate(LATELY)
    if len(everything) == 1:
        assert rate is None
        return
    fastest = max(
        (later.handed - sooner.handed) / (later.at - sooner.at)
        for sooner, later in itertools.pairwise(everything)
    )
    assert rate is not None
    assert 0 <= rate <= max(0.0, fastest) * 1.001


@given(st.integers(1, 5000), st.floats(0.5, 5.0), st.integers(2, 200))
def test_what_goes_evenly_goes_at_its_rate_and_is_done_in_time(
    each: int, seconds: float, looks: int
) -> None:
    trail, _ = trails([(seconds, each)] * looks)
    found = progress(trail=trail)
    assert trail.rate(NOW) == pytest.approx(each / seconds)
    assert found.seconds_left == pytest.approx(BALANCE.pending * seconds / each)


def test_two_looks_at_one_moment_are_one() -> None:
    trail = Trail().after(Mark(1.0, 5)).after(Mark(1.0, 9))
    assert trail.marks == (Mark(1.0, 9),)
    assert trail.rate(NOW) is None
    assert Trail().rate(NOW) is None


# --- phases ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "phase", "is_over"),
    [
        ({}, Phase.SENDING, False),
        ({"hold": Hold("its members are due later", 900.0)}, Phase.WAITING, False),
        ({"hold": Hold("over"), "traffic": Traffic(waiting=6)}, Phase.TOO_LATE, True),
        ({"now": NOON + dt.timedelta(seconds=31)}, Phase.SENDING, False),
        (
            {"now": NOON + dt.timedelta(seconds=31), "traffic": Traffic(latest=NOON.isoformat())},
            Phase.SILENT,
            False,
        ),
        ({"now": NOON + dt.timedelta(seconds=31), "traffic": Traffic()}, Phase.SILENT, False),
        (
            {"now": NOON + dt.timedelta(minutes=30), "traffic": replace(BUSY, overdue=1)},
            Phase.SILENT,
            False,
        ),
        ({"dispatch": replace(DISPATCH, course=Course.PAUSED)}, Phase.PAUSED, False),
        (
            {"dispatch": replace(DISPATCH, course=Course.PAUSED), "traffic": Traffic()},
            Phase.PAUSED,
            True,
        ),
        ({"dispatch": replace(DISPATCH, course=Course.CANCELLED)}, Phase.CANCELLED, False),
        (
            {
                "balance": replace(BALANCE, accepted=100, pending=0, under_way=0),
                "traffic": Traffic(latest=NOON.isoformat()),
            },
            Phase.FINISHED,
            True,
        ),
    ],
)
def test_the_phase_says_whether_anything_still_happens(
    other: dict[str, object], phase: Phase, *, is_over: bool
) -> None:
    found = progress(**other)
    assert (found.phase, found.is_over) == (phase, is_over)


def test_time_left_is_told_only_where_it_can_be_known() -> None:
    assert progress().seconds_left == 30.0
    assert progress(hold=Hold("quiet hours", 900.0)).seconds_left == 900.0
    assert progress(trail=Trail()).seconds_left is None
    assert progress(trail=Trail((Mark(0, 40), Mark(1, 40)))).seconds_left is None
    paused = progress(dispatch=replace(DISPATCH, course=Course.PAUSED), hold=Hold("it is paused"))
    assert paused.seconds_left is None


def test_an_audience_of_nobody_is_done() -> None:
    nobody = replace(BALANCE, listed=10, accepted=0, pending=0, under_way=0)
    assert progress(balance=nobody, traffic=Traffic()).share == 1.0


# --- what the ledger tells ---------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    where: Path | str = tmp_path / "ledger.sqlite3"
    if request.param == "postgresql":
        where = postgres.fresh_database(request.getfixturevalue("postgresql"))
    found = open_ledger(where)
    yield found
    found.close()


def test_what_is_in_flight_is_counted_with_its_age_and_its_lease(
    ledger: Ledger, tmp_path: Path
) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    assert traffic_of(ledger, dispatch.id) == Traffic(waiting=4)
    assert claim(ledger, dispatch.id, 1, Attempt(NOON))
    assert claim(ledger, dispatch.id, 2, Attempt(NOON + dt.timedelta(seconds=5), lease=-1.0))
    found = traffic_of(ledger, dispatch.id)
    assert (found.in_flight, found.carried, found.overdue, found.waiting) == (2, 200, 1, 2)
    assert dt.datetime.fromisoformat(found.oldest) == NOON
    assert dt.datetime.fromisoformat(found.latest) == NOON + dt.timedelta(seconds=5)
    balance = balance_of(ledger, dispatch)
    assert balance.under_way == found.carried


def test_troubles_are_counted_by_their_words_and_name_nobody(
    ledger: Ledger, tmp_path: Path
) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    for number in (1, 2):
        claimed = claim(ledger, dispatch.id, number, Attempt(NOON))
        assert claimed is not None
        assert not isinstance(claimed, Hold)
        outcomes = [
            Outcome(DeliveryState.REJECTED, note=f"550 <{each.address.wire}> unknown")
            if at < 3
            else Outcome(DeliveryState.ACCEPTED)
            for at, each in enumerate(claimed.deliveries)
        ]
        settle(ledger, claimed, outcomes)
    third = claim(ledger, dispatch.id, 3, Attempt(NOON))
    assert third is not None
    assert not isinstance(third, Hold)
    again = Outcome(DeliveryState.PENDING, note="429: later, m1@gmail.com\x1b[2J")
    settle(ledger, third, [again] * len(third.deliveries))
    told_now = traffic_of(ledger, dispatch.id).troubles
    assert [(each.state.value, each.deliveries) for each in told_now] == [
        ("pending", 100),
        ("rejected", 6),
    ]
    assert not any("@" in each.note or "\x1b" in each.note for each in told_now)


def test_what_holds_a_dispatch_is_told_whatever_is_pending(ledger: Ledger, tmp_path: Path) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    assert next_hold_of(ledger, dispatch.id) is None
    pause(ledger, dispatch.id, ANN, "a wrong date")
    held = next_hold_of(ledger, dispatch.id)
    assert held is not None
    assert "a wrong date" in held.why
    resume(ledger, dispatch.id, ANN)
    handed_over(ledger, dispatch)
    assert next_hold_of(ledger, dispatch.id) is None
    cancel(ledger, dispatch.id, ANN)
    assert next_hold_of(ledger, dispatch.id)


def test_requests_that_are_due_later_hold_only_when_none_is_due_now(
    ledger: Ledger, tmp_path: Path
) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    later = SystemClock().now().timestamp() + 3600
    with ledger.write() as connection:
        connection.execute(update(requests).where(requests.c.number < 4).values(due=later))
    assert next_hold_of(ledger, dispatch.id) is None
    with ledger.write() as connection:
        connection.execute(update(requests).values(due=later))
    held = next_hold_of(ledger, dispatch.id)
    assert held is not None
    assert held.seconds == pytest.approx(3600, abs=30)


def test_a_provider_that_said_it_is_too_much_is_waited_for(ledger: Ledger) -> None:
    assert wait_of(ledger, "sendgrid") == 0
    put_off(ledger, "sendgrid", 40.0)
    assert wait_of(ledger, "sendgrid") == pytest.approx(40, abs=5)


def test_as_json_it_says_everything_and_names_nobody(ledger: Ledger, tmp_path: Path) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    handed_over(ledger, dispatch, unsure=3)
    told(ledger, dispatch)
    found = find_dispatch(ledger, dispatch.id)
    assert found is not None
    now = progress(
        dispatch=found,
        balance=balance_of(ledger, found),
        traffic=traffic_of(ledger, found.id),
    )
    text = json.dumps(now.as_json())
    assert json.loads(text)["phase"] == "finished"
    assert json.loads(text)["unsure"] == 3
    assert "@" not in text
