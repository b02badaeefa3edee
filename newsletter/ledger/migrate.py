"""A ledger of an earlier version: every table is made anew and its rows are carried over.

Opt-outs and the record of who got what live nowhere else, so nothing of it may be lost: it is one
transaction, on both databases, and it fails as a whole.
"""

from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from newsletter.ledger.metadata import metadata

_ASIDE = "before_"

_UNDER_WAY = """(SELECT count(*) FROM before_deliveries d
    WHERE d.dispatch = before_requests.dispatch AND d.state IN ('pending', 'sending')
    AND d.position BETWEEN first AND first + size - 1)"""
_TURNED_INTO = {
    # Before version 3 every delivery had a state of its own, and a request said only whether
    # there was something to do.
    ("deliveries", "state"): "CASE WHEN state IN ('pending', 'sending') THEN NULL ELSE state END",
    ("requests", "shared"): _UNDER_WAY,
    ("requests", "state"): f"CASE WHEN {_UNDER_WAY} = 0 THEN 'settled' ELSE state END",
}
_VERSION_OF_SHARED_STATES = 3
_VERSION_OF_ITEMS = 5
_ITEMS = """INSERT INTO items (content_hash, position, announcement, title)
    SELECT content_hash, row_number() OVER (PARTITION BY content_hash ORDER BY slug) - 1,
        slug, title
    FROM (SELECT DISTINCT c.content_hash, i.slug, c.title FROM contents c
        JOIN dispatches d ON d.content_hash = c.content_hash
        JOIN issues i ON i.id = d.issue) AS known"""
"""Before version 5 nothing but the name of an issue was known of what it carried."""


def carry_over(connection: Connection, version: int) -> None:
    """Bring the tables of `version` to today's form; new columns get their defaults."""
    known = set(inspect(connection).get_table_names())
    mine = [table.name for table in metadata.sorted_tables if table.name in known]
    for name in mine:
        for index in inspect(connection).get_indexes(name):
            if "duplicates_constraint" in index:
                continue  # it goes with its table
            connection.execute(text(f'DROP INDEX "{index["name"]}"'))
        connection.execute(text(f'ALTER TABLE "{name}" RENAME TO "{_ASIDE}{name}"'))
    metadata.create_all(connection)
    turned = _TURNED_INTO if version < _VERSION_OF_SHARED_STATES else {}
    for name in mine:
        _copy(connection, name, {of[1]: sql for of, sql in turned.items() if of[0] == name})
    if version < _VERSION_OF_ITEMS:
        connection.execute(text(_ITEMS))
    for name in reversed(mine):
        connection.execute(text(f'DROP TABLE "{_ASIDE}{name}"'))


def _copy(connection: Connection, name: str, turned: dict[str, str]) -> None:
    before = Table(_ASIDE + name, MetaData(), autoload_with=connection)
    today = metadata.tables[name]
    both = [c.name for c in today.columns if c.name in before.c or c.name in turned]
    columns = ", ".join(f'"{column}"' for column in both)
    values = ", ".join(turned.get(column, f'"{column}"') for column in both)
    rows = f'SELECT {values} FROM "{_ASIDE}{name}"'  # noqa: S608 - names of our own tables
    connection.execute(text(f'INSERT INTO "{name}" ({columns}) {rows}'))
    if connection.dialect.name == "postgresql" and "id" in today.c:
        # The new table counts from 1 again, and would give a number that is taken.
        next_id = select(func.coalesce(func.max(today.c.id), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(name, "id")
        connection.execute(select(func.setval(sequence, next_id, False)))  # noqa: FBT003 - SQL
