"""Putting a whole list into a table of members, as fast as the database takes it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii

from sqlalchemy import Connection, Table

from newsletter.audience.chunk import Chunk
from newsletter.audience.column import ColumnTypes
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.forgetting import Marks
from newsletter.ledger.people import members

Loaded = tuple[int, str, str, str | None, str, str, str | None, str]
"""A row of the table, in the order of its columns; attributes are JSON."""

_COLUMNS = tuple(column.name for column in members.columns)
_KEPT_FAULTS = 1_000
_LONG = 20_000
"""Rows."""


class Tally:
    """Counts and types of the rows that passed by."""

    def __init__(self, marks: Marks) -> None:
        """Begin with nothing; `marks` tell who is forgotten."""
        self._marks = marks
        self.rows = 0
        self.faults = 0
        self.faulty: list[tuple[int, str]] = []
        self.types = ColumnTypes()

    def count(self, chunk: Chunk) -> Iterator[Loaded]:
        """Take note of `chunk` and give its rows for the table."""
        self.rows += len(chunk.lines)
        gone = self._forgotten(chunk)
        columns = _without(chunk.columns, gone) if gone else chunk.columns
        for name, values in zip(chunk.heading.columns, columns, strict=True):
            self.types.add(name, values)
        self._note_faults(chunk, gone)
        rows = zip(
            chunk.lines,
            chunk.ids,
            chunk.wires,
            chunk.keys,
            chunk.names,
            chunk.faults,
            chunk.bars,
            json_rows(chunk.heading.columns, columns),
            strict=True,
        )
        if not gone:
            return rows
        return (_nameless(row[0]) if at in gone else row for at, row in enumerate(rows))

    def _forgotten(self, chunk: Chunk) -> frozenset[int]:
        if not self._marks.known:
            return frozenset()
        people = enumerate(zip(chunk.keys, chunk.ids, strict=True))
        return frozenset(at for at, (key, own_id) in people if self._marks.has(key, own_id))

    def _note_faults(self, chunk: Chunk, gone: frozenset[int]) -> None:
        if not any(chunk.faults):
            return
        found = [
            (line, fault)
            for at, (line, fault) in enumerate(zip(chunk.lines, chunk.faults, strict=True))
            if fault and at not in gone
        ]
        self.faults += len(found)
        self.faulty += found[: _KEPT_FAULTS - len(self.faulty)]


def json_rows(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write each row as `json.dumps` would write a dict of it."""
    # By column and with one template: a tenth of the time of a dict and `dumps` a row.
    keys = (encode_basestring_ascii(name).replace("%", "%%") for name in names)
    template = "{" + ", ".join(f"{key}: %s" for key in keys) + "}"
    written = (map(encode_basestring_ascii, column) for column in columns)
    return map(template.__mod__, zip(*written, strict=True))


def load(
    connection: Connection,
    table: Table,
    chunks: Iterable[Chunk],
    tally: Tally,
    progress: Callable[[int], None],
) -> None:
    """Put `chunks` into `table`, counting them with `tally`."""
    is_sqlite = connection.dialect.name == "sqlite"
    insert = _insert if is_sqlite else _copy
    is_indexed = True
    for chunk in chunks:
        if is_sqlite and is_indexed and tally.rows >= _LONG:
            # An index is made in a third of the time once all rows are there. PostgreSQL would
            # lock readers out for as long.
            for index in table.indexes:
                index.drop(connection)
            is_indexed = False
        insert(connection, table.name, tally.count(chunk))
        progress(tally.rows)
    if not is_indexed:
        for index in table.indexes:
            index.create(connection)


def _insert(connection: Connection, table: str, rows: Iterable[Loaded]) -> None:
    places = ", ".join("?" * len(_COLUMNS))
    statement = f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES ({places})"  # noqa: S608 - names of our own tables
    some = list(rows)
    if some:
        connection.exec_driver_sql(statement, some)


def _copy(connection: Connection, table: str, rows: Iterable[Loaded]) -> None:
    # COPY takes rows at several times the speed of INSERT.
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _without(columns: Sequence[Sequence[str]], gone: frozenset[int]) -> list[list[str]]:
    """Blank out the rows of those who are forgotten."""
    kept = [at not in gone for at in range(len(columns[0]))]
    return [
        [value if is_kept else "" for value, is_kept in zip(column, kept, strict=True)]
        for column in columns
    ]


def _nameless(line: int) -> Loaded:
    """Keep the place of somebody who asked to be forgotten, so that the sum is right."""
    forgotten = SuppressionReason.FORGOTTEN.value
    return line, f"line {line}", "", None, "", "", forgotten, "{}"
