"""The member list in the ledger: brought in from its file, whole or not at all."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from newsletter.audience.column import ColumnType, merge_types
from newsletter.audience.csvfile import ListFile, inspect, read_members
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.member import Member
from newsletter.errors import AudienceError, InputErrors, Location
from newsletter.ledger.database import Ledger
from newsletter.ledger.forgetting import Marks, read_marks
from newsletter.ledger.schema import members, meta
from newsletter.ledger.signups import add_sign_ups

_CHUNK = 5_000
_KEPT_FAULTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberList:
    """What is known of the list as it was brought in last."""

    path: str
    encoding: str
    delimiter: str
    columns: Mapping[str, ColumnType]
    """Every column but the one of the address, with what it holds."""
    rows: int
    faults: int
    """How many rows cannot be mailed."""
    faulty: tuple[tuple[int, str], ...]
    """Line and fault of the first thousand of them."""
    brought_in: str
    """When; ISO 8601, UTC."""
    stamp: str
    """Size and time of the file, to see whether it changed."""


def bring_in(
    ledger: Ledger,
    path: Path,
    now: datetime,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
) -> MemberList:
    """Make the ledger hold the list of the file at `path`, unless it does already.

    `progress` hears how many rows are read, now and then.

    Raises:
        InputErrors: the file cannot be used; the ledger keeps what it had.
        LedgerError: the ledger cannot be written.
    """
    known = known_list(ledger)
    stamp = _stamp(path)
    if known and known.path == str(path) and known.stamp == stamp:
        return known
    file = inspect(path)
    with ledger.write() as connection:
        connection.execute(delete(members))
        tally = _Tally(read_marks(connection))
        rows = (tally.count(member) for member in read_members(file))
        while chunk := list(itertools.islice(rows, _CHUNK)):
            connection.execute(insert(members), chunk)
            progress(tally.rows)
        add_sign_ups(connection)
        found = tally.member_list(file, stamp=stamp, now=now)
        _remember(connection, found)
    return found


def known_list(ledger: Ledger) -> MemberList | None:
    """Tell what is known of the list; None before one was ever brought in."""
    with ledger.read() as connection:
        text = connection.scalar(select(meta.c.value).where(meta.c.key == "list"))
    if text is None:
        return None
    stored = json.loads(text)
    columns = {name: ColumnType(held) for name, held in stored.pop("columns").items()}
    faulty = tuple((line, fault) for line, fault in stored.pop("faulty"))
    return MemberList(columns=columns, faulty=faulty, **stored)


class _Tally:
    """Counts and types of the rows that passed by."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self.rows = 0
        self.faults = 0
        self._faulty: list[tuple[int, str]] = []
        self._types: dict[str, ColumnType | None] = {}

    def count(self, member: Member) -> dict[str, object]:
        """Take note of `member` and give its row for the table."""
        self.rows += 1
        key = member.address.key if member.address else None
        if self._marks.has(key, member.id):
            return _nameless(member.line)
        if member.fault:
            self.faults += 1
            if len(self._faulty) < _KEPT_FAULTS:
                self._faulty.append((member.line, member.fault))
        for name, value in member.attributes.items():
            self._types[name] = merge_types(self._types.get(name), value)
        return {
            "line": member.line,
            "member_id": member.id,
            "address": member.address.wire if member.address else member.written_address,
            "address_key": key,
            "name": member.name,
            "fault": member.fault,
            "bar": None,
            "attributes": member.attributes,
        }

    def member_list(self, file: ListFile, *, stamp: str, now: datetime) -> MemberList:
        """Sum up."""
        types = {name: self._types.get(name) or ColumnType.TEXT for name in file.columns}
        return MemberList(
            path=str(file.path),
            encoding=file.encoding,
            delimiter=file.delimiter,
            columns=types,
            rows=self.rows,
            faults=self.faults,
            faulty=tuple(self._faulty),
            brought_in=now.isoformat(timespec="seconds"),
            stamp=stamp,
        )


def _nameless(line: int) -> dict[str, object]:
    """Keep the place of somebody who asked to be forgotten, so that the sum is right."""
    return {
        "line": line,
        "member_id": f"line {line}",
        "address": "",
        "address_key": None,
        "name": "",
        "fault": "",
        "bar": SuppressionReason.FORGOTTEN.value,
        "attributes": {},
    }


def _remember(connection: Connection, found: MemberList) -> None:
    connection.execute(delete(meta).where(meta.c.key == "list"))
    connection.execute(insert(meta).values(key="list", value=json.dumps(asdict(found))))


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError as reason:
        error = AudienceError(
            f"the member list cannot be read: {reason.strerror}",
            at=Location(str(path)),
            hint="put the export of your members there, or change [members] in newsletter.toml",
        )
        raise InputErrors([error]) from reason
    return f"{status.st_size}.{status.st_mtime_ns}"
