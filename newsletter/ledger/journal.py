"""The log of who did what: only ever added to, in the transaction of what was done."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from newsletter.ledger.database import Ledger
from newsletter.ledger.staff_tables import log


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log."""

    at: dt.datetime
    """Aware and in UTC."""
    who: str
    act: str
    """A verb in the past and what it was done to: `opened dispatch`."""
    about: str = ""
    """Which: `dispatch 12`, a file, an address of the staff; never a member."""
    details: str = ""
    number: int = 0
    """Its place in the log; 0 until it is written."""


def note(connection: Connection, entry: Entry) -> None:
    """Write a line within a transaction."""
    connection.execute(
        insert(log).values(
            at=entry.at.isoformat(timespec="seconds"),
            who=entry.who,
            act=entry.act,
            about=entry.about,
            details=entry.details,
        )
    )


def also_noting(
    then: Callable[[Connection, int], None], entry: Callable[[int], Entry]
) -> Callable[[Connection, int], None]:
    """Let what is done in a transaction about a dispatch of some number be written down, too."""

    def both(connection: Connection, number: int) -> None:
        then(connection, number)
        note(connection, entry(number))

    return both


def write_down(ledger: Ledger, entry: Entry) -> None:
    """Write a line about something that the ledger does not do itself.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        note(connection, entry)


def entries(
    ledger: Ledger, *, before: int | None = None, most: int = 100, about: str = ""
) -> tuple[Entry, ...]:
    """List the newest lines, the last one first; those older than number `before`."""
    query = select(log).order_by(log.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(log.c.id < before)
    if about:
        query = query.where(log.c.about == about)
    with ledger.read() as connection:
        return tuple(_entry(row) for row in connection.execute(query).all())


def count_entries(ledger: Ledger) -> int:
    """Tell how long the log is."""
    with ledger.read() as connection:
        return connection.scalar(select(func.count()).select_from(log)) or 0


def all_entries(ledger: Ledger) -> Iterator[Entry]:
    """Give the whole log, the first line first, in constant memory."""
    with ledger.read() as connection:
        for row in connection.execution_options(yield_per=1_000).execute(
            select(log).order_by(log.c.id)
        ):
            yield _entry(row)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        at=dt.datetime.fromisoformat(row.at),
        who=row.who,
        act=row.act,
        about=row.about,
        details=row.details,
        number=row.id,
    )
