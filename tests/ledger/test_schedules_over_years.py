"""Schedules and their steps over years with a real database: outages, clocks, two schedulers."""

import datetime as dt
import itertools
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_samples import OPENING
from sqlalchemy import select

from newsletter.audience.segment import Selection
from newsletter.errors import TakenElsewhere
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.occurrences import Mark, know, make_sure_it_is_free, miss, take
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.schedule_tables import Fate, occurrences
from newsletter.ledger.schedule_tables import steps as step_rows
from newsletter.ledger.selection import Choice
from newsletter.ledger.standing import Ground
from newsletter.ledger.steps import StepMark, Taking, let_go, steps_taken, take_step
from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule, read_schedules
from newsletter.schedule.steps import Planned, step_turn, steps_of
from newsletter.schedule.turn import turn_of

START = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
NAMES = itertools.count()
RULES = ("first Tuesday of the month", "every second Friday", "last Sunday of March and October")


def schedule_of(when: str, name: str) -> Schedule:
    text = (
        '[calendar]\nholidays = ["12-25", "2027-07-05"]\nblackout = ["2027-11-01..2027-11-09"]\n'
        f'[schedules.{name}]\nfile = "x.md"\nwhen = "{when} at 02:30 in Europe/Berlin"\n'
    )
    return read_schedules(tomllib.loads(text), "newsletter.toml", text)[0]


@dataclass
class Life:
    """A schedule, and what two schedulers did about it."""

    schedule: Schedule
    sent: Counter[dt.datetime] = field(default_factory=Counter)
    done: Counter[tuple[dt.datetime, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, ledger: Ledger, now: dt.datetime, *, is_failing: bool) -> None:
        """Do what a scheduler does, with a list of one member and letters to nobody."""
        known = know(ledger, self.schedule.name, self.schedule.terms, now)
        turn = turn_of(self.schedule, now, since=known.since, settled=known.settled)
        miss(ledger, [self.mark(each) for each in turn.missed], now)
        if turn.due is not None and not is_failing:
            assert dt.timedelta() <= now - turn.due.moment <= self.schedule.not_after
            self.send(ledger, turn.due, now)
        settled = frozenset(steps_taken(ledger, self.schedule.name, now))
        steps = step_turn(self.schedule, now, since=known.since, settled=settled)
        let_go(ledger, [self.step_mark(each) for each in steps.late], now)
        for each in steps.due:
            assert each.moment <= now < each.of.moment
            self.step(ledger, each, now)

    def send(self, ledger: Ledger, due: Occurrence, now: dt.datetime) -> None:
        mark = self.mark(due)
        opening = replace(
            OPENING,
            ref=token_hex(8),
            before=lambda connection: make_sure_it_is_free(connection, mark, now),
            then=lambda connection, dispatch: take(connection, mark, dispatch, now),
        )
        choice = Choice(
            slug=f"{mark.schedule}-{mark.wall:%Y-%m-%d}",
            again=False,
            selection=Selection(included=(), excluded=()),
            blocks=(),
            slots=(),
            ground=Ground(today=now.date()),
        )
        try:
            open_dispatch(ledger, opening, choice, expected=1)
        except TakenElsewhere:
            return
        with self.lock:
            self.sent[due.wall] += 1

    def step(self, ledger: Ledger, planned: Planned, now: dt.datetime) -> None:
        try:
            with ledger.write() as connection:
                take_step(connection, self.step_mark(planned), Taking(now))
        except TakenElsewhere:
            return
        with self.lock:
            self.done[planned.key] += 1

    def mark(self, each: Occurrence) -> Mark:
        return Mark(schedule=self.schedule.name, wall=each.wall, due=each.moment)

    def step_mark(self, each: Planned) -> StepMark:
        name = self.schedule.name
        return StepMark(schedule=name, wall=each.of.wall, step=each.step, due=each.of.moment)


def together(looks: list[Callable[[], None]]) -> None:
    """Let all of them look at one moment; what any of them raises is raised."""
    gate, faults = threading.Barrier(len(looks)), list[BaseException]()

    def at_once(look: Callable[[], None]) -> None:
        gate.wait()
        try:
            look()
        except BaseException as fault:  # noqa: BLE001 - raised below
            faults.append(fault)

    threads = [threading.Thread(target=at_once, args=(look,)) for look in looks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for fault in faults:
        raise fault


@pytest.fixture
def two(listed: Callable[[str], Ledger], where: Path | str) -> Iterator[tuple[Ledger, Ledger]]:
    """Give the ledger as two machines have it."""
    first = listed("id,email\n1,ann@example.org\n")
    second = open_ledger(where)
    yield first, second
    second.close()


HOURS = st.one_of(
    st.integers(1, 36),  # a machine that is on most of the time
    st.integers(100, 90 * 24),  # one that was off
    st.integers(-72, -1),  # a clock that is put back
    st.just(0),  # somebody who looks twice
)


@given(
    when=st.sampled_from(RULES),
    moves=st.lists(st.tuples(HOURS, st.booleans(), st.booleans()), min_size=3, max_size=16),
    skew=st.integers(-90, 90),
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_years_nothing_goes_out_twice_and_nothing_is_forgotten(
    two: tuple[Ledger, Ledger], when: str, moves: list[tuple[int, bool, bool]], skew: int
) -> None:
    first, second = two
    life = Life(schedule_of(when, f"s{next(NAMES)}"))
    now, latest = START, START
    know(first, life.schedule.name, life.schedule.terms, START)
    for hours, is_failing, is_alone in moves:
        now += dt.timedelta(hours=hours)
        latest = max(latest, now)
        before = life.sent.total()
        # The clocks of two machines are never quite the same.
        other = now + dt.timedelta(minutes=skew)
        looks = [lambda at=now, fails=is_failing: life.look(first, at, is_failing=fails)]
        if not is_alone:
            latest = max(latest, other)
            looks.append(lambda at=other, fails=is_failing: life.look(second, at, is_failing=fails))
        together(looks)
        assert life.sent.total() - before <= 1, "a bunch"
    check(first, life, latest)


def check(ledger: Ledger, life: Life, latest: dt.datetime) -> None:
    """Compare what was done with what came due, and with what the ledger says of it."""
    name = life.schedule.name
    with ledger.read() as connection:
        rows = connection.execute(select(occurrences).where(occurrences.c.schedule == name)).all()
        steps = connection.execute(select(step_rows).where(step_rows.c.schedule == name)).all()
    taken = {dt.datetime.fromisoformat(row.wall) for row in rows if row.fate == Fate.TAKEN}
    known = {dt.datetime.fromisoformat(row.wall) for row in rows}
    assert set(life.sent.values()) <= {1}
    assert life.sent.keys() == taken
    walk = life.schedule.recurrence.after(START)
    came = list(itertools.takewhile(lambda each: each.moment <= latest, walk))
    # Sent, or told as missed; only what the last look could not send is open.
    assert known <= {each.wall for each in came}
    assert len({each.wall for each in came} - known) <= 1
    assert set(life.done.values()) <= {1}
    told = {(dt.datetime.fromisoformat(row.wall), row.step) for row in steps}
    assert life.done.keys() <= told
    over = [each for each in came if each.wall in known]
    expected = {
        step.key for each in over[:-1] for step in steps_of(life.schedule, each)
        if step.moment > START
    }  # fmt: skip
    assert expected <= told
