"""Occurrences of schedules in the ledger: each is taken once, by whoever comes first."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, func, select, text

from newsletter.errors import TakenElsewhere
from newsletter.ledger.database import Ledger
from newsletter.ledger.schedule_tables import Fate, occurrences, schedules

_A_WRONG_CLOCK = 86_400.0
"""Seconds: whoever missed something so far in the future had a clock that was wrong."""

_BEGIN = text(
    "INSERT INTO schedules (name, terms, since) VALUES (:name, :terms, :now)"
    " ON CONFLICT (name) DO UPDATE SET terms = excluded.terms, since = excluded.since"
    " WHERE schedules.terms <> excluded.terms"
)
_TAKE = text(
    "INSERT INTO occurrences (schedule, wall, due, fate, dispatch, at)"
    " VALUES (:schedule, :wall, :due, 'taken', :dispatch, :now)"
    " ON CONFLICT (schedule, wall) DO UPDATE SET"
    " fate = excluded.fate, dispatch = excluded.dispatch, due = excluded.due, at = excluded.at"
    " WHERE occurrences.fate = 'missed' AND occurrences.at > :wrong"
)
_MISS = text(
    "INSERT INTO occurrences (schedule, wall, due, fate, at)"
    " VALUES (:schedule, :wall, :due, 'missed', :now) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One occurrence as the ledger names it."""

    schedule: str
    wall: dt.datetime
    """Naive, on the clock of its place."""
    due: dt.datetime
    """Aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of a schedule."""

    since: dt.datetime
    """Aware: what was due before is no business of its present rule."""
    settled: frozenset[dt.datetime]
    """The wall times of the occurrences that were taken or missed."""


def know(ledger: Ledger, name: str, terms: str, now: dt.datetime) -> Known:
    """Tell what became of the schedule `name`; one that is new or changed begins at `now`.

    Raises:
        LedgerError: it could not be read or written.
    """
    with ledger.write() as connection:
        connection.execute(_BEGIN, {"name": name, "terms": terms, "now": now.timestamp()})
        since = connection.execute(
            select(schedules.c.since).where(schedules.c.name == name)
        ).scalar_one()
        rows = connection.execute(
            select(occurrences.c.wall, occurrences.c.fate, occurrences.c.at).where(
                occurrences.c.schedule == name
            )
        ).all()
    return Known(
        since=dt.datetime.fromtimestamp(since, dt.UTC),
        settled=frozenset(
            dt.datetime.fromisoformat(row.wall)
            for row in rows
            if row.fate == Fate.TAKEN or row.at <= now.timestamp() + _A_WRONG_CLOCK
        ),
    )


def make_sure_it_is_free(connection: Connection, mark: Mark, now: dt.datetime) -> None:
    """Make sure that nobody has an occurrence, and that nobody takes it before this transaction.

    Where two schedulers come at one moment, the second waits here for the first.

    Raises:
        TakenElsewhere: somebody else has it.
    """
    if connection.dialect.name == "postgresql":
        # The other's dispatch is not to be seen before it commits, but this lock is.
        name = f"{mark.schedule}\0{mark.wall.isoformat()}".encode()
        number = int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
    row = connection.execute(
        select(occurrences.c.fate, occurrences.c.at).where(
            occurrences.c.schedule == mark.schedule,
            occurrences.c.wall == mark.wall.isoformat(timespec="minutes"),
        )
    ).first()
    if row and (row.fate == Fate.TAKEN or row.at <= now.timestamp() + _A_WRONG_CLOCK):
        raise _taken(mark)


def _taken(mark: Mark) -> TakenElsewhere:
    return TakenElsewhere(f"another scheduler took the occurrence of {mark.schedule!r} first")


def take(connection: Connection, mark: Mark, dispatch: int, now: dt.datetime) -> None:
    """Take an occurrence for `dispatch`, within the transaction that opens it.

    Raises:
        TakenElsewhere: somebody else has it, so that the transaction has to end.
    """
    values = {**_values(mark, now), "dispatch": dispatch}
    done = connection.execute(_TAKE, {**values, "wrong": now.timestamp() + _A_WRONG_CLOCK})
    if done.rowcount == 0:
        raise _taken(mark)


def miss(ledger: Ledger, marks: Iterable[Mark], now: dt.datetime) -> tuple[Mark, ...]:
    """Write down that occurrences were missed; give those that nobody wrote down before.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        return tuple(
            each for each in marks if connection.execute(_MISS, _values(each, now)).rowcount
        )


def taken_since(ledger: Ledger, moment: dt.datetime) -> tuple[int, ...]:
    """List the dispatches of occurrences that were due after `moment`, the first first."""
    query = (
        select(occurrences.c.dispatch)
        .where(occurrences.c.fate == Fate.TAKEN, occurrences.c.due > moment.timestamp())
        .order_by(occurrences.c.due)
    )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def _values(mark: Mark, now: dt.datetime) -> dict[str, object]:
    return {
        "schedule": mark.schedule,
        "wall": mark.wall.isoformat(timespec="minutes"),
        "due": mark.due.timestamp(),
        "now": now.timestamp(),
    }
