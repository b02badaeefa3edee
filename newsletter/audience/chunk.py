"""Rows of the list as members, many at a time: columns are cheaper to look at than rows.

A list may have a million rows. What can be asked of a whole column in one step of C is asked of
the column; only what is out of the ordinary is looked at by itself.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.address import EmailAddress, parse_address, plain_wire
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.heading import Heading, flag_of
from newsletter.audience.listfile import ListFile, Row, read_rows
from newsletter.audience.member import Member
from newsletter.errors import InputError

_ROWS = 2_000

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")
"""Control characters, zero-width spaces and direction overrides: nobody typed them on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows of the list; every sequence has one entry a row."""

    heading: Heading
    lines: Sequence[int]
    columns: Sequence[Sequence[str]]
    """By column: what the cells hold, cleaned."""
    ids: Sequence[str]
    wires: Sequence[str]
    """The address as it goes to the provider, or as it is written where it is none."""
    keys: Sequence[str | None]
    """The address as it is compared; None where there is none."""
    faults: Sequence[str]
    """Why a row cannot be mailed; empty where it can."""
    names: Sequence[str]
    bars: Sequence[str | None]
    """Why the list itself says that they are never mailed."""
    mended: Sequence[int]
    """The lines that held characters which cannot be seen."""

    def members(self) -> Iterator[Member]:
        """Give each row by itself."""
        values = zip(*self.columns, strict=True)
        parts = zip(self.lines, self.ids, self.wires, self.keys, self.faults, values, strict=True)
        for line, own_id, wire, key, fault, row in parts:
            attributes = dict(zip(self.heading.columns, row, strict=True))
            yield Member(
                line=line,
                id=own_id,
                address=EmailAddress(wire) if key is not None else None,
                written_address=row[self.heading.addresses[0]],
                fault=fault,
                attributes=attributes,
            )


def read_members(file: ListFile) -> Iterator[Member]:
    """Read every row of `file`, one at a time; a row that cannot be mailed says why.

    Raises:
        InputErrors: the file stops being a table part-way.
    """
    for chunk in read_chunks(file):
        yield from chunk.members()


def read_chunks(file: ListFile) -> Iterator[Chunk]:
    """Read every row of `file`, a few thousand at a time.

    Raises:
        InputErrors: the file stops being a table part-way.
    """
    rows = read_rows(file)
    while some := list(itertools.islice(rows, _ROWS)):
        yield understand_rows(file.heading, some)


def understand_rows(heading: Heading, rows: Sequence[Row]) -> Chunk:
    """Make members of `rows`."""
    lines = [line for line, _row in rows]
    cells, ragged = _even([row for _line, row in rows], heading.width)
    mended: set[int] = set()
    columns = [_cleaned(column, lines, mended) for column in zip(*cells, strict=True)]
    wires, keys, faults = _addresses(heading, columns)
    for at, fault in ragged.items():
        wires[at], keys[at], faults[at] = columns[heading.addresses[0]][at], None, fault
    return Chunk(
        heading=heading,
        lines=lines,
        columns=columns,
        ids=_ids(heading, columns, lines, keys),
        wires=wires,
        keys=keys,
        faults=faults,
        names=_names(heading, columns),
        bars=_bars(heading, columns),
        mended=sorted(mended),
    )


def clean(field: str) -> str:
    """Remove what cannot be seen and the space around; inner runs become one space.

    A name with a line break in it could otherwise end a header and begin another.
    """
    stripped = field.strip()
    # Nearly every field: nothing that `_INVISIBLE` finds is printable.
    return stripped if stripped.isprintable() else _INVISIBLE.sub(" ", stripped).strip()


def _even(rows: list[list[str]], width: int) -> tuple[list[list[str]], dict[int, str]]:
    """Give each row `width` fields, and tell which had another number of them."""
    if set(map(len, rows)) == {width}:
        return rows, {}
    ragged = {}
    even = list(rows)
    for at, row in enumerate(rows):
        if len(row) == width:
            continue
        if len(row) < width or any(field.strip() for field in row[width:]):
            fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
            ragged[at] = f"has {fields} where the heading has {width}"
        even[at] = [*row, *[""] * width][:width]
    return even, ragged


def _cleaned(column: Sequence[str], lines: Sequence[int], mended: set[int]) -> list[str]:
    stripped = list(map(str.strip, column))
    if "".join(stripped).isprintable():
        return stripped
    cleaned = list(map(clean, stripped))
    was = zip(lines, stripped, cleaned, strict=True)
    mended |= {line for line, before, after in was if before != after}
    return cleaned


def _addresses(
    heading: Heading, columns: Sequence[list[str]]
) -> tuple[list[str], list[str | None], list[str]]:
    written = columns[heading.addresses[0]]
    wires = list(map(plain_wire, written))
    keys: list[str | None] = list(map(str.lower, wires))
    faults = [""] * len(wires)
    for at, wire in enumerate(wires):
        if not wire:
            choices = [columns[column][at] for column in heading.addresses]
            wires[at], keys[at], faults[at] = _first_usable(choices)
    return wires, keys, faults


def _first_usable(choices: Sequence[str]) -> tuple[str, str | None, str]:
    """Give the wire form, the key and the fault of the first address that is one."""
    fault = ""
    for written in filter(None, choices):
        try:
            found = parse_address(written)
        except InputError as reason:
            fault = fault or reason.problem
        else:
            return found.wire, found.key, ""
    return choices[0], None, fault or "has no address"


def _ids(
    heading: Heading,
    columns: Sequence[list[str]],
    lines: Sequence[int],
    keys: Sequence[str | None],
) -> list[str]:
    own = columns[heading.id_at] if heading.id_at is not None else [""] * len(lines)
    if all(own):
        return own
    return [each or key or f"line {line}" for each, key, line in zip(own, keys, lines, strict=True)]


def _names(heading: Heading, columns: Sequence[list[str]]) -> list[str]:
    """Give the display names: the column `name`, or first and last name."""
    named = dict(zip(heading.columns, columns, strict=True))
    nothing = [""] * len(columns[0])
    parts = (named.get(each, nothing) for each in ("name", "first_name", "last_name"))
    return [
        whole or (f"{first} {last}" if first and last else first or last)
        for whole, first, last in zip(*parts, strict=True)
    ]


_BARRING = {
    "deceased": SuppressionReason.DECEASED.value,
    "do_not_email": SuppressionReason.MANUAL.value,
}


def _bars(heading: Heading, columns: Sequence[list[str]]) -> list[str | None]:
    bars: list[str | None] = [None] * len(columns[0])
    for flag, at in reversed(heading.flags):  # the gravest last, so that it is told
        for row, value in enumerate(columns[at]):
            if value and flag in _BARRING and flag_of(value):
                bars[row] = _BARRING[flag]
    return bars
