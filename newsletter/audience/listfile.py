"""Reading a member list: how its file is written, and its rows, in constant memory."""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newsletter.audience.encoding import guess_encoding
from newsletter.audience.heading import (
    Heading,
    Trouble,
    Wanted,
    is_heading,
    understand_heading,
)
from newsletter.audience.workbook import Sheet, Unreadable, open_sheets
from newsletter.errors import AudienceError, InputErrors, Location

WORKBOOK = "xlsx"
"""Stands for the encoding of an Excel workbook."""

_DELIMITERS = (",", ";", "\t", "|")
_ODD_DELIMITERS = ("^", "~", "¦", "§", "#", ":", "!", "*", "\x1f", "\x1e", "\x01", "\x02")
_FIRST_LINES = 30
"""The heading is looked for in so many: title lines stand above it in many exports."""
_LONGEST_FIELD = 100_000
_SAYS_DELIMITER = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""Excel's own first line."""

_KINDS = (
    (b"%PDF-", "this is a PDF"),
    (b"\xd0\xcf\x11\xe0", "this is an Excel file of the old kind (.xls), or one with a password"),
    (b"{\\rtf", "this is a text document (RTF)"),
    (b"\x1f\x8b", "this is a packed file (gzip)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """How a list file is written."""

    path: Path
    encoding: str
    """A Python codec name, or `xlsx`."""
    delimiter: str
    """Empty for a workbook."""
    heading: Heading
    heading_line: int
    """Counted from 1."""
    sheet: str = ""
    """The sheet of a workbook."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the names of the columns, in order."""
        return self.heading.columns


Row = tuple[int, list[str]]
"""The line where a row begins, counted from 1, and its fields as they are written."""


def inspect(path: Path, wanted: Wanted | None = None) -> ListFile:
    """Find out how the file at `path` is written.

    Raises:
        InputErrors: it cannot be read as a member list.
    """
    wanted = wanted or Wanted()
    try:
        with path.open("rb") as stream:
            start = stream.read(512)
        if start.startswith(b"PK\x03\x04"):
            return _inspect_workbook(path, wanted)
        encoding = wanted.encoding or guess_encoding(path)
    except OSError as reason:
        raise _failed(
            path, f"cannot be read: {reason.strerror}", "check [members] in newsletter.toml"
        ) from reason
    _check_kind(path, start, encoding)
    return _inspect_text(path, encoding or "", wanted)


def read_rows(file: ListFile) -> Iterator[Row]:
    """Walk over the rows below the heading that hold anything.

    Raises:
        InputErrors: the file stops being a table part-way.
    """
    rows = _workbook_rows(file) if file.encoding == WORKBOOK else _text_rows(file)
    return ((line, row) for line, row in rows if "".join(row).strip())


def _workbook_rows(file: ListFile) -> Iterator[Row]:
    for sheet in _sheets(file.path):
        if sheet.name == file.sheet:
            yield from itertools.islice(enumerate(sheet.rows(), 1), file.heading_line, None)


def _text_rows(file: ListFile) -> Iterator[Row]:
    with _open(file.path, file.encoding) as stream:
        for _ in range(file.heading_line - 1):
            stream.readline()
        # Strict: a quotation mark that never ends would swallow all members below it, silently.
        rows = csv.reader(stream, delimiter=file.delimiter, strict=True)
        above = file.heading_line - 1
        line = file.heading_line
        try:
            next(rows)
            line = above + rows.line_num + 1
            for row in rows:
                yield line, row
                line = above + rows.line_num + 1
        except csv.Error as reason:
            raise _failed(
                file.path,
                f"the row that begins here cannot be read: {reason}",
                'check its quotation marks: each one within a field is written twice, ""',
                line=line,
            ) from reason


def _inspect_text(path: Path, encoding: str, wanted: Wanted) -> ListFile:
    with _open(path, encoding) as stream:
        lines = [stream.readline(_LONGEST_FIELD) for _ in range(_FIRST_LINES)]
    filled = next((number for number, line in enumerate(lines) if line.strip()), None)
    if filled is None:
        raise _failed(path, "the list is empty", "export the members with a heading line first")
    delimiter, at = _find_heading(lines, filled, wanted.columns)
    cells = _heading_cells(path, encoding, delimiter, at)
    heading = _understood(path, at + 1, cells, wanted)
    return ListFile(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        heading=heading,
        heading_line=at + 1,
    )


def _find_heading(
    lines: Sequence[str], filled: int, said: Mapping[str, tuple[str, ...]]
) -> tuple[str, int]:
    """Find the delimiter, and the heading's index among the first `lines` of a file."""
    told = _SAYS_DELIMITER.fullmatch(lines[filled])
    delimiters: Iterable[str] = (told[1],) if told else (*_DELIMITERS, *_ODD_DELIMITERS)
    found = []
    for preference, delimiter in enumerate(delimiters):
        for at in range(filled, len(lines)):
            cells = _cells(lines[at:], delimiter)
            if is_heading(cells, said):
                found.append((-len(cells), preference, delimiter, at))
                break
    if found:
        _width, _preference, delimiter, at = min(found)
        return delimiter, at
    if told:
        return told[1], filled + 1
    return max(_DELIMITERS, key=lines[filled].count), filled


def _cells(lines: Sequence[str], delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return []


def _heading_cells(path: Path, encoding: str, delimiter: str, at: int) -> list[str]:
    with _open(path, encoding) as stream:
        for _ in range(at):
            stream.readline()
        try:
            return next(csv.reader(stream, delimiter=delimiter, strict=True), [])
        except csv.Error as reason:
            raise _failed(
                path,
                f"the heading cannot be read: {reason}",
                "write it in one line, and end each quotation mark",
                line=at + 1,
            ) from reason


def _inspect_workbook(path: Path, wanted: Wanted) -> ListFile:
    sheets = _sheets(path)
    first: tuple[Sheet, int, list[str]] | None = None
    for sheet in sheets:
        for line, cells in enumerate(itertools.islice(sheet.rows(), _FIRST_LINES), 1):
            if is_heading(cells, wanted.columns):
                return _workbook(path, wanted, (sheet, line, cells))
            if first is None and any(cells):
                first = sheet, line, cells
    if first is None:
        raise _failed(path, "the list is empty", "export the members with a heading line first")
    return _workbook(path, wanted, first)


def _workbook(path: Path, wanted: Wanted, found: tuple[Sheet, int, list[str]]) -> ListFile:
    sheet, line, cells = found
    return ListFile(
        path=path,
        encoding=WORKBOOK,
        delimiter="",
        heading=_understood(path, line, cells, wanted),
        heading_line=line,
        sheet=sheet.name,
    )


def _sheets(path: Path) -> tuple[Sheet, ...]:
    try:
        return open_sheets(path)
    except Unreadable as reason:
        raise _failed(path, reason.problem, reason.hint) from reason


def _understood(path: Path, line: int, cells: Sequence[str], wanted: Wanted) -> Heading:
    found = understand_heading(cells, wanted.columns)
    if isinstance(found, Heading):
        return found
    if any("@" in cell for cell in cells):
        found = (
            Trouble(
                "this line looks like a member, and there is no heading above it",
                "put the names of the columns on top, such as: email,first_name,last_name",
            ),
        )
    at = Location(str(path), line)
    raise InputErrors(AudienceError(each.problem, at=at, hint=each.hint) for each in found)


def _check_kind(path: Path, start: bytes, encoding: str | None) -> None:
    kind = next((words for mark, words in _KINDS if start.startswith(mark)), None)
    if kind is None and re.match(rb"\s*<(!doctype|html|table|\?xml)", start, re.IGNORECASE):
        kind = "this is a web page or XML, whatever its name says"
    if kind is None and encoding is None:
        kind = "this is not a text file"
    if kind:
        raise _failed(path, kind, "export the list as CSV (UTF-8) or as an Excel file (.xlsx)")


def _open(path: Path, encoding: str) -> IO[str]:
    # Windows-1252 leaves five bytes without meaning; one of them must not stop the whole list.
    return path.open(encoding=encoding, errors="replace", newline="")


def _failed(path: Path, problem: str, hint: str, *, line: int | None = None) -> InputErrors:
    return InputErrors([AudienceError(problem, at=Location(str(path), line), hint=hint)])
