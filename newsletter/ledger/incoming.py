"""A new list beside the one in force: what is in it, and what would change."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    Connection,
    Index,
    MetaData,
    ScalarSelect,
    Select,
    Table,
    Text,
    cast,
    exists,
    func,
    select,
)

from newsletter.audience.chunk import Chunk
from newsletter.audience.doctor import Doctor, Kind, Note
from newsletter.audience.heading import Wanted
from newsletter.audience.listfile import ListFile, inspect
from newsletter.ledger.database import Ledger
from newsletter.ledger.forgetting import read_marks
from newsletter.ledger.loading import Tally, load
from newsletter.ledger.members import MemberList, known_list, stamp_of, steady_chunks, sum_up
from newsletter.ledger.people import members

_STREAMED = {"yield_per": 1_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges:
    """What a new list changes, by member ids."""

    added: int
    changed: int
    """Members of whom some value differs."""
    columns: Mapping[str, int]
    """Of how many members the value of a column differs, the commonest first."""
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A list that is looked at and not in force."""

    file: ListFile
    known: MemberList | None
    """The list in force."""
    found: MemberList
    doctor: Doctor
    changes: ListChanges


def examine(
    ledger: Ledger,
    path: Path,
    now: datetime,
    *,
    wanted: Wanted,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Incoming:
    """Look at the list of the file at `path` as if it were brought in; the ledger stays as it is.

    Raises:
        InputErrors: the file cannot be used.
        LedgerError: the ledger cannot be read.
    """
    known = known_list(ledger)
    stamp = stamp_of(path, wanted)
    file = inspect(path, wanted)
    doctor = Doctor()
    with ledger.read() as connection:
        table = _table()
        table.create(connection)
        try:
            tally = Tally(read_marks(connection))
            seen = _shown_to(doctor, steady_chunks(file, stamp, wanted))
            load(connection, table, seen, tally, progress)
            for note in _twins(connection, table):
                doctor.add(note)
            return Incoming(
                file=file,
                known=known,
                found=sum_up(file, tally, stamp=stamp, now=now),
                doctor=doctor,
                changes=_changes(connection, table),
            )
        finally:
            table.drop(connection)


def _table() -> Table:
    """Make a table that this connection alone sees, and that vanishes with it."""
    columns = (column._copy() for column in members.columns)  # noqa: SLF001 - has no other door
    table = Table("incoming", MetaData(), *columns, prefixes=["TEMPORARY"])
    Index("incoming_by_address", table.c.address_key)
    Index("incoming_by_id", table.c.member_id)
    return table


def _shown_to(doctor: Doctor, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        doctor.look(chunk)
        yield chunk


def _twins(connection: Connection, table: Table) -> Iterator[Note]:
    """Find rows that mean somebody who stands above, or a mailbox that does."""
    for row in connection.execute(_repeated(table, "address_key"), execution_options=_STREAMED):
        if row.member_id == row.first_id:
            yield Note(row.line, Kind.DUPLICATE, f"is the same member as line {row.first_line}")
        else:
            words = (
                f"has the address of line {row.first_line}, and another id; one email goes there"
            )
            yield Note(row.line, Kind.SHARED, words)
    for row in connection.execute(_repeated(table, "member_id"), execution_options=_STREAMED):
        if row.address_key != row.first_key:
            words = f"has the id of line {row.first_line}, and another address; the first is used"
            yield Note(row.line, Kind.SEVERAL, words)


def _repeated(table: Table, column: str) -> Select[tuple[int, str, str, int, str, str]]:
    """Give the rows that share a value with a row above, beside the first that has it."""
    value = table.c[column]
    firsts = (
        select(value.label("value"), func.min(table.c.line).label("line"))
        .where(value.is_not(None))
        .group_by(value)
        .having(func.count() > 1)
        .subquery()
    )
    first = table.alias("first")
    return (
        select(
            table.c.line,
            table.c.member_id,
            table.c.address_key,
            first.c.line.label("first_line"),
            first.c.member_id.label("first_id"),
            first.c.address_key.label("first_key"),
        )
        .join_from(table, firsts, value == firsts.c.value)
        .join(first, first.c.line == firsts.c.line)
        .where(table.c.line != first.c.line)
        .order_by(table.c.line)
    )


def _changes(connection: Connection, table: Table) -> ListChanges:
    new, old = table, members
    is_known = exists().where(old.c.member_id == new.c.member_id)
    added = select(func.count(new.c.member_id.distinct())).where(~is_known)
    stays = exists().where(new.c.member_id == old.c.member_id)
    gone = select(func.count(old.c.member_id.distinct())).where(
        ~stays, ~old.c.member_id.startswith("sign-up ")
    )
    columns, changed = _changed_columns(connection, table)
    return ListChanges(
        added=connection.scalar(added) or 0,
        changed=changed,
        columns=dict(columns.most_common()),
        gone=connection.scalar(gone) or 0,
    )


def _first(table: Table) -> ScalarSelect[int]:
    """Give the line of the first row with the same id."""
    twin = table.alias()
    return (
        select(func.min(twin.c.line))
        .where(twin.c.member_id == table.c.member_id)
        .correlate(table)
        .scalar_subquery()
    )


def _changed_columns(connection: Connection, table: Table) -> tuple[Counter[str], int]:
    before, after = cast(members.c.attributes, Text), cast(table.c.attributes, Text)
    # Of an id that is there twice, the first row counts on both sides. Asked of each row by the
    # index: grouped beforehand, SQLite would go through all groups for every row.
    query = (
        select(before, after)
        .join_from(table, members, members.c.member_id == table.c.member_id)
        .where(before != after, table.c.line == _first(table), members.c.line == _first(members))
    )
    columns: Counter[str] = Counter()
    changed = 0
    for was, now in connection.execute(query, execution_options=_STREAMED):
        old, new = json.loads(was), json.loads(now)
        # What a new column holds is told once, by the columns that came.
        different = [name for name in new if name in old and new[name] != old[name]]
        columns.update(different)
        changed += bool(different)
    return columns, changed
