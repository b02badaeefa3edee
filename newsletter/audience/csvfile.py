"""Reading a member list from a delimited file, in constant memory."""

import codecs
import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newsletter.address import EmailAddress, parse_address
from newsletter.audience.column import column_name
from newsletter.audience.member import Member
from newsletter.errors import AudienceError, InputError, InputErrors, Location

_ADDRESS_COLUMNS = ("email", "e_mail", "email_address", "e_mail_address", "mail", "primary_email")
_ID_COLUMNS = ("member_id", "id", "member_number", "member_no", "membership_number", "contact_id")
_DELIMITERS = (",", ";", "\t", "|")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")
"""Control characters, zero-width spaces and direction overrides: nobody typed them on purpose."""

_LONGEST_FIELD = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """How a list file is written."""

    path: Path
    encoding: str
    """A Python codec name."""
    delimiter: str
    columns: tuple[str, ...]
    """The names of the columns, in order."""
    address_column: str
    id_column: str | None


def inspect(path: Path) -> ListFile:
    """Find out how the file at `path` is written.

    Raises:
        InputErrors: it cannot be read as a member list.
    """
    encoding = _encoding_of(path)
    with _open(path, encoding) as stream:
        first = stream.readline(_LONGEST_FIELD)
    if not first.strip():
        raise _failed(path, "the list is empty", "export the members with a heading line first")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        headings = next(csv.reader([first], delimiter=delimiter, strict=True))
    except csv.Error as reason:
        raise _failed(
            path,
            f"the heading cannot be read: {reason}",
            "write it in one line, and end each quotation mark",
            line=1,
        ) from reason
    columns = tuple(column_name(heading) for heading in headings)
    return ListFile(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        columns=columns,
        address_column=_address_column(path, columns),
        id_column=next((name for name in _ID_COLUMNS if name in columns), None),
    )


def read_members(file: ListFile) -> Iterator[Member]:
    """Read every row of `file`, one at a time; a row that cannot be mailed says why.

    Raises:
        InputErrors: the file stops being a table part-way.
    """
    with _open(file.path, file.encoding) as stream:
        # Strict: a quotation mark that never ends would swallow all members below it, silently.
        rows = csv.reader(stream, delimiter=file.delimiter, strict=True)
        line = 1
        try:
            next(rows)
            line = rows.line_num + 1
            for row in rows:
                if any(field.strip() for field in row):
                    yield _member(file, line, row)
                line = rows.line_num + 1
        except csv.Error as reason:
            raise _failed(
                file.path,
                f"the row that begins here cannot be read: {reason}",
                'check its quotation marks: each one within a field is written twice, ""',
                line=line,
            ) from reason


def _member(file: ListFile, line: int, row: list[str]) -> Member:
    padded = itertools.islice(itertools.chain(row, itertools.repeat("")), len(file.columns))
    attributes = {name: clean(field) for name, field in zip(file.columns, padded, strict=True)}
    written = attributes[file.address_column]
    address, fault = _address(written)
    if len(row) != len(file.columns):
        address = None
        fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
        fault = f"has {fields} where the heading has {len(file.columns)}"
    own_id = attributes.get(file.id_column, "") if file.id_column else ""
    return Member(
        line=line,
        id=own_id or (address.key if address else f"line {line}"),
        address=address,
        written_address=written,
        fault=fault,
        attributes=attributes,
    )


def clean(field: str) -> str:
    """Remove what cannot be seen and the space around; inner runs become one space.

    A name with a line break in it could otherwise end a header and begin another.
    """
    stripped = field.strip()
    # Nearly every field: nothing that `_INVISIBLE` finds is printable.
    return stripped if stripped.isprintable() else _INVISIBLE.sub(" ", stripped).strip()


def _address(written: str) -> tuple[EmailAddress | None, str]:
    if not written:
        return None, "has no address"
    try:
        return parse_address(written), ""
    except InputError as reason:
        return None, reason.problem


def _address_column(path: Path, columns: tuple[str, ...]) -> str:
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    errors = [
        AudienceError(
            f"the column {name!r} is there more than once",
            at=Location(str(path), 1),
            hint="rename one of the two",
        )
        for name in repeated
        if name
    ]
    if "" in columns:
        place = Location(str(path), 1, None)
        number = columns.index("") + 1
        errors.append(
            AudienceError(f"column {number} has no name", at=place, hint="give it a heading")
        )
    found = next((name for name in _ADDRESS_COLUMNS if name in columns), None)
    if found is None:
        errors.append(
            AudienceError(
                f"no column holds the addresses; there are {', '.join(filter(None, columns))}",
                at=Location(str(path), 1),
                hint="name that column `email`",
            )
        )
    if errors or found is None:
        raise InputErrors(errors)
    return found


def _encoding_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            decoder = codecs.getincrementaldecoder("utf-8-sig")()
            try:
                for chunk in itertools.chain([start], iter(lambda: stream.read(1 << 20), b"")):
                    if b"\x00" in chunk:
                        raise _failed(
                            path, "this is not a text file", "export the list as CSV (UTF-8)"
                        )
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return "cp1252"
    except OSError as reason:
        raise _failed(
            path, f"cannot be read: {reason.strerror}", "check [members] in newsletter.toml"
        ) from reason
    return "utf-8-sig"


def _open(path: Path, encoding: str) -> IO[str]:
    # Windows-1252 leaves five bytes without meaning; one of them must not stop the whole list.
    return path.open(encoding=encoding, errors="replace", newline="")


def _failed(path: Path, problem: str, hint: str, *, line: int | None = None) -> InputErrors:
    return InputErrors([AudienceError(problem, at=Location(str(path), line), hint=hint)])
