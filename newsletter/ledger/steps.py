"""Steps before the occurrences of schedules: each is taken once, with the letters that it sends.

The letters are opened as dispatches in the transaction that takes the step. Whoever dies after it
leaves letters that are pending, and the next one to look sends them: nobody gets one twice, and
none is forgotten.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, text

from newsletter.errors import TakenElsewhere
from newsletter.ledger.database import Ledger
from newsletter.ledger.schedule_tables import Fate, StepFate, occurrences, step_letters, steps
from newsletter.ledger.schema import dispatches, requests
from newsletter.message.state import RequestState

_A_WRONG_CLOCK = 86_400.0
"""Seconds: whoever was late for something so far in the future had a clock that was wrong."""

_TAKE = text(
    "INSERT INTO steps (schedule, wall, step, due, fate, note, at)"
    " VALUES (:schedule, :wall, :step, :due, 'done', :note, :now)"
    " ON CONFLICT (schedule, wall, step) DO UPDATE SET"
    " fate = excluded.fate, note = excluded.note, due = excluded.due, at = excluded.at"
    " WHERE :again OR (steps.fate = 'late' AND steps.at > :wrong)"
)
_LATE = text(
    "INSERT INTO steps (schedule, wall, step, due, fate, at)"
    " VALUES (:schedule, :wall, :step, :due, 'late', :now) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMark:
    """One step as the ledger names it."""

    schedule: str
    wall: dt.datetime
    """Naive: of the occurrence that it comes before, on the clock of its place."""
    step: str
    due: dt.datetime
    """Aware: when that occurrence is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """What became of a step."""

    fate: StepFate
    note: str
    at: dt.datetime
    """Aware and in UTC."""


def steps_taken(
    ledger: Ledger, schedule: str, now: dt.datetime
) -> dict[tuple[dt.datetime, str], StepDone]:
    """Tell what became of the steps of a schedule, by wall time and step."""
    query = select(steps).where(steps.c.schedule == schedule)
    with ledger.read() as connection:
        rows = connection.execute(query).all()
    return {
        (dt.datetime.fromisoformat(row.wall), row.step): StepDone(
            fate=StepFate(row.fate), note=row.note, at=dt.datetime.fromtimestamp(row.at, dt.UTC)
        )
        for row in rows
        if row.fate == StepFate.DONE or row.at <= now.timestamp() + _A_WRONG_CLOCK
    }


@dataclass(frozen=True, slots=True)
class Taking:
    """How a step is taken."""

    now: dt.datetime
    note: str = ""
    """What comes of it; names nobody."""
    again: bool = False
    """Somebody asks for it once more."""


def take_step(connection: Connection, mark: StepMark, taking: Taking) -> None:
    """Take a step, within the transaction that opens its letters.

    Raises:
        TakenElsewhere: somebody else took it, so that the transaction has to end.
    """
    values = {**_values(mark, taking.now), "note": taking.note, "again": taking.again}
    wrong = taking.now.timestamp() + _A_WRONG_CLOCK
    if connection.execute(_TAKE, {**values, "wrong": wrong}).rowcount == 0:
        raise TakenElsewhere(f"another scheduler took the step {mark.step} of {mark.schedule!r}")


def keep_letter(connection: Connection, mark: StepMark, dispatch: int) -> None:
    """Keep that a dispatch is a letter of this step."""
    connection.execute(
        insert(step_letters).values(
            dispatch=dispatch, schedule=mark.schedule, wall=_wall(mark), step=mark.step
        )
    )


def let_go(ledger: Ledger, marks: Iterable[StepMark], now: dt.datetime) -> tuple[StepMark, ...]:
    """Write down that steps came too late; give those that nobody wrote down before.

    Raises:
        LedgerError: it could not be written.
    """
    asked = tuple(marks)
    if not asked:
        return ()
    with ledger.write() as connection:
        return tuple(
            each for each in asked if connection.execute(_LATE, _values(each, now)).rowcount
        )


def letters_left(ledger: Ledger, since: dt.datetime) -> tuple[int, ...]:
    """List the letters of steps that were opened after `since` and not sent (wholly) yet."""
    query = (
        select(step_letters.c.dispatch)
        .join(dispatches, dispatches.c.id == step_letters.c.dispatch)
        .join(requests, requests.c.dispatch == step_letters.c.dispatch)
        .where(
            requests.c.state.in_((RequestState.PENDING.value, RequestState.SENDING.value)),
            dispatches.c.opened >= since.isoformat(timespec="seconds"),
        )
        .order_by(step_letters.c.dispatch)
        .distinct()
    )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def missed_since(ledger: Ledger, schedule: str, moment: dt.datetime) -> tuple[dt.datetime, ...]:
    """List the wall times of occurrences that were found missed after `moment`, in order."""
    query = (
        select(occurrences.c.wall)
        .where(
            occurrences.c.schedule == schedule,
            occurrences.c.fate == Fate.MISSED,
            occurrences.c.at > moment.timestamp(),
        )
        .order_by(occurrences.c.due)
    )
    with ledger.read() as connection:
        return tuple(map(dt.datetime.fromisoformat, connection.scalars(query)))


def _values(mark: StepMark, now: dt.datetime) -> dict[str, object]:
    return {
        "schedule": mark.schedule,
        "wall": _wall(mark),
        "step": mark.step,
        "due": mark.due.timestamp(),
        "now": now.timestamp(),
    }


def _wall(mark: StepMark) -> str:
    return mark.wall.isoformat(timespec="minutes")
