"""Reading a list from an Excel workbook, with its cells as the texts that a CSV would have."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_LONGEST_CELL = 24
"""Octets of what `_CELL` finds at most."""
_MOST_OCTETS = 1 << 30
"""Unpacked: a million members take about half of it."""
_MOST_CELLS = 40_000_000
"""Of the whole sheet from its first cell to its last, empty ones included."""
_PIECE = 1 << 22


class Unreadable(Exception):
    """The workbook cannot be read; the words say why, and what to do."""

    def __init__(self, problem: str, hint: str = 'save it as "CSV UTF-8" instead') -> None:
        """Keep the problem and the hint."""
        super().__init__(problem)
        self.problem, self.hint = problem, hint


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, open."""

    name: str
    _sheet: "CalamineSheet"

    def rows(self) -> Iterator[list[str]]:
        """Walk over the rows as texts, from the first of the sheet."""
        for row in self._sheet.iter_rows():
            yield list(map(text_of, row))


def open_sheets(path: Path) -> tuple[Sheet, ...]:
    """Open the workbook at `path`.

    Raises:
        Unreadable: it is none, is locked with a password, or would unpack to too much.
        OSError: it cannot be read.
    """
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook

    _weigh(path)
    try:
        book = load_workbook(str(path))
        shown = [
            each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible
        ]
        return tuple(Sheet(name, book.get_sheet_by_name(name)) for name in shown)
    except PasswordError as reason:
        raise Unreadable(
            "this Excel file is locked with a password", "save a copy without one"
        ) from reason
    except CalamineError as reason:
        raise Unreadable("this Excel file is damaged", "save it again in Excel") from reason


def text_of(cell: Cell) -> str:
    """Write a cell as a CSV would have it: ISO dates, whole numbers without a point."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case dt.datetime():
            is_day = cell.time() == dt.time.min
            return cell.date().isoformat() if is_day else cell.isoformat(" ", "seconds")
        case _:
            return str(cell)


def _weigh(path: Path) -> None:
    """Unpack everything once, in small pieces, and keep nothing: a bomb shows before it bursts.

    What a part says of its own size is believed by nobody: the checksum tells whether it lied.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if sum(part.file_size for part in parts) > _MOST_OCTETS:
                raise Unreadable("this Excel file unpacks to more than a gigabyte")
            for part in parts:
                is_sheet = part.filename.startswith("xl/worksheets/")
                with book.open(part) as stream:
                    _walk(stream, counts_cells=is_sheet)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as reason:
        raise Unreadable("this Excel file is damaged", "save it again in Excel") from reason


def _walk(stream: IO[bytes], *, counts_cells: bool) -> None:
    rows, columns, rest = 0, 0, b""
    while piece := stream.read(_PIECE):
        if not counts_cells:
            continue
        found: list[tuple[bytes, bytes]] = _CELL.findall(rest + piece)
        rest = piece[-_LONGEST_CELL:]
        columns = max([columns, *map(_number, {column for column, _row in found})])
        rows = max([rows, *(int(row) for _column, row in found)])
        if rows * columns > _MOST_CELLS:
            raise Unreadable(
                f"a sheet of this Excel file has {rows:,} rows and {columns:,} columns,"
                " most of them empty",
                "delete the empty rows and columns behind the last member, and save it again",
            )


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
