"""The member list in the ledger: brought in from its file, whole or not at all."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from newsletter.audience.chunk import Chunk, read_chunks
from newsletter.audience.column import ColumnType
from newsletter.audience.heading import Wanted
from newsletter.audience.listfile import ListFile, inspect
from newsletter.errors import AudienceError, InputErrors, Location
from newsletter.ledger.database import Ledger
from newsletter.ledger.forgetting import read_marks
from newsletter.ledger.loading import Tally, load
from newsletter.ledger.metadata import meta
from newsletter.ledger.people import members
from newsletter.ledger.signups import add_sign_ups

_FEW = 10
"""Members; a list may always lose so many."""
_ONE_BRINGS_IN = 0x6E6D
"""A number of our own among PostgreSQL's advisory locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberList:
    """What is known of the list as it was brought in last."""

    path: str
    encoding: str
    delimiter: str
    columns: Mapping[str, ColumnType]
    """Every column, with what it holds."""
    rows: int
    faults: int
    """How many rows cannot be mailed."""
    faulty: tuple[tuple[int, str], ...]
    """Line and fault of the first thousand of them."""
    brought_in: str
    """When; ISO 8601, UTC."""
    stamp: str
    """Size and time of the file, and how it is to be read, to see whether either changed."""

    @property
    def usable(self) -> int:
        """Count the rows that can be mailed, as far as their addresses go."""
        return self.rows - self.faults


def bring_in(
    ledger: Ledger,
    path: Path,
    now: datetime,
    *,
    wanted: Wanted | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> MemberList:
    """Make the ledger hold the list of the file at `path`, unless it does already.

    `progress` hears how many rows are read, now and then.

    Raises:
        InputErrors: the file cannot be used, or is much shorter than the last; the ledger keeps
            what it had.
        LedgerError: the ledger cannot be written.
    """
    wanted = wanted or Wanted()
    known = known_list(ledger)
    stamp = stamp_of(path, wanted)
    if known and (known.path, known.stamp) == (str(path), stamp):
        return known
    file = inspect(path, wanted)
    with ledger.write() as connection:
        if connection.dialect.name == "postgresql":
            # Two machines may come with the same new list; the second finds it brought in.
            connection.execute(select(func.pg_advisory_xact_lock(_ONE_BRINGS_IN)))
            known = _known(connection)
            if known and (known.path, known.stamp) == (str(path), stamp):
                return known
        connection.execute(delete(members))
        tally = Tally(read_marks(connection))
        load(connection, members, steady_chunks(file, stamp, wanted), tally, progress)
        found = sum_up(file, tally, stamp=stamp, now=now)
        if shrinks(known, found, wanted.shrink):
            raise _shrunk(path, known.usable if known else 0, found.usable)
        settle_list(connection, found)
    return found


def steady_chunks(file: ListFile, stamp: str, wanted: Wanted) -> Iterator[Chunk]:
    """Read `file`, and make sure that nobody wrote to it meanwhile.

    Raises:
        InputErrors: it cannot be read, or is not the same any more as when it had this `stamp`.
    """
    yield from read_chunks(file)
    if stamp_of(file.path, wanted) != stamp:
        raise InputErrors(
            [
                AudienceError(
                    "the file changed while it was read",
                    at=Location(str(file.path)),
                    hint="wait until the export has ended, and do this again",
                )
            ]
        )


def sum_up(file: ListFile, tally: Tally, *, stamp: str, now: datetime) -> MemberList:
    """Say what is known of a list that was read to its end."""
    return MemberList(
        path=str(file.path),
        encoding=file.encoding,
        delimiter=file.delimiter,
        columns=tally.types.of(file.columns),
        rows=tally.rows,
        faults=tally.faults,
        faulty=tuple(tally.faulty),
        brought_in=now.isoformat(timespec="seconds"),
        stamp=stamp,
    )


def settle_list(connection: Connection, found: MemberList) -> None:
    """Make the rows that are in the table the list in force."""
    add_sign_ups(connection)
    connection.execute(delete(meta).where(meta.c.key == "list"))
    connection.execute(insert(meta).values(key="list", value=json.dumps(asdict(found))))


def known_list(ledger: Ledger) -> MemberList | None:
    """Tell what is known of the list; None before one was ever brought in."""
    with ledger.read() as connection:
        return _known(connection)


def _known(connection: Connection) -> MemberList | None:
    text = connection.scalar(select(meta.c.value).where(meta.c.key == "list"))
    if text is None:
        return None
    stored = json.loads(text)
    columns = {name: ColumnType(held) for name, held in stored.pop("columns").items()}
    faulty = tuple((line, fault) for line, fault in stored.pop("faulty"))
    return MemberList(columns=columns, faulty=faulty, **stored)


def shrinks(known: MemberList | None, found: MemberList, percent: int) -> bool:
    """Tell whether a new list has so few members that somebody should look at it first."""
    if known is None:
        return False
    lost = known.usable - found.usable
    return lost > _FEW and lost * 100 > known.usable * percent


def stamp_of(path: Path, wanted: Wanted) -> str:
    """Tell by which size, time and way of reading the file is known.

    Raises:
        InputErrors: it is not there.
    """
    try:
        status = path.stat()
    except OSError as reason:
        error = AudienceError(
            f"the member list cannot be read: {reason.strerror}",
            at=Location(str(path)),
            hint="put the export of your members there, or change [members] in newsletter.toml",
        )
        raise InputErrors([error]) from reason
    stamp = f"{status.st_size}.{status.st_mtime_ns}"
    if not (wanted.columns or wanted.encoding):
        return stamp
    reading = json.dumps([sorted(wanted.columns.items()), wanted.encoding])
    return f"{stamp}.{blake2b(reading.encode(), digest_size=8).hexdigest()}"


def _shrunk(path: Path, before: int, after: int) -> InputErrors:
    return InputErrors(
        [
            AudienceError(
                f"the list has {after:,} members with an address, and had {before:,} before:"
                " is that the whole export?",
                at=Location(str(path)),
                hint="look at what would change, and say yes if it is right:"
                f" newsletter members import {path.name}",
            )
        ]
    )
