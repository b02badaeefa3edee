"""A ledger of an earlier version: every table is made anew and its rows are carried over.

Opt-outs and the record of who got what live nowhere else, so nothing of it may be lost: it is one
transaction, on both databases, and it fails as a whole.
"""

from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from newsletter.ledger.schema import metadata

_ASIDE = "before_"


def carry_over(connection: Connection) -> None:
    """Bring the tables to today's form; columns they did not have get their defaults."""
    known = set(inspect(connection).get_table_names())
    mine = [table.name for table in metadata.sorted_tables if table.name in known]
    for name in mine:
        for index in inspect(connection).get_indexes(name):
            if "duplicates_constraint" in index:
                continue  # it goes with its table
            connection.execute(text(f'DROP INDEX "{index["name"]}"'))
        connection.execute(text(f'ALTER TABLE "{name}" RENAME TO "{_ASIDE}{name}"'))
    metadata.create_all(connection)
    for name in mine:
        _copy(connection, name)
    for name in reversed(mine):
        connection.execute(text(f'DROP TABLE "{_ASIDE}{name}"'))


def _copy(connection: Connection, name: str) -> None:
    before = Table(_ASIDE + name, MetaData(), autoload_with=connection)
    today = metadata.tables[name]
    both = ", ".join(f'"{column.name}"' for column in today.columns if column.name in before.c)
    rows = f'SELECT {both} FROM "{_ASIDE}{name}"'  # noqa: S608 - names of our own tables
    connection.execute(text(f'INSERT INTO "{name}" ({both}) {rows}'))
    if connection.dialect.name == "postgresql" and "id" in today.c:
        # The new table counts from 1 again, and would give a number that is taken.
        next_id = select(func.coalesce(func.max(today.c.id), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(name, "id")
        connection.execute(select(func.setval(sequence, next_id, False)))  # noqa: FBT003 - SQL
