"""The recipients that a request carries, read from the ledger in columns.

The database joins each column to one text, and one row comes back. A thousand rows of four values
cost twice as much to fetch, and would be turned into columns anyhow.
"""

from json import loads

from sqlalchemy import Connection, Text, bindparam, cast, func, select

from newsletter.ledger.schema import deliveries
from newsletter.message.recipients import Recipients

_BETWEEN = "\x1f"
"""Unit separator. No address and no JSON holds it as it is; a name that does is found out."""


def recipients_within(connection: Connection, dispatch: int, first: int, size: int) -> Recipients:
    """Read who stands as the request of `size` positions from `first` on stands, in their order."""
    where = {"of": dispatch, "from_first": first, "to_last": first + size - 1}
    row = connection.execute(_COLUMNS, where).one()
    if not row.carried:
        return Recipients(deliveries=(), addresses=(), names=(), values=())
    found = Recipients(
        deliveries=[*map(int, row.positions.split(_BETWEEN))],
        addresses=row.addresses.split(_BETWEEN),
        names=row.names.split(_BETWEEN),
        # One array of all values: parsing a thousand small texts takes three times as long.
        values=loads(f"[{row.texts}]"),
    )
    return found if _is_sound(found, row.carried) else _row_by_row(connection, where)


def _is_sound(found: Recipients, count: int) -> bool:
    """Tell whether nothing was cut in the wrong place, and the order is that of the positions."""
    columns = (found.deliveries, found.addresses, found.names, found.values)
    in_order = found.deliveries == sorted(found.deliveries)
    return in_order and all(len(column) == count for column in columns)


def _row_by_row(connection: Connection, where: dict[str, int]) -> Recipients:
    rows = connection.execute(_ROWS, where).all()
    return Recipients(
        deliveries=[row.position for row in rows],
        addresses=[row.address for row in rows],
        names=[row.name for row in rows],
        values=[loads(row.texts) for row in rows],
    )


_ROWS = (
    select(
        deliveries.c.position,
        deliveries.c.address,
        deliveries.c.name,
        cast(deliveries.c.slot_values, Text).label("texts"),
    )
    .where(
        deliveries.c.dispatch == bindparam("of"),
        deliveries.c.position.between(bindparam("from_first"), bindparam("to_last")),
        deliveries.c.state.is_(None),
    )
    .order_by(deliveries.c.position)
)
_ordered = _ROWS.subquery()
_COLUMNS = select(
    func.count().label("carried"),
    func.aggregate_strings(cast(_ordered.c.position, Text), _BETWEEN).label("positions"),
    func.aggregate_strings(_ordered.c.address, _BETWEEN).label("addresses"),
    func.aggregate_strings(_ordered.c.name, _BETWEEN).label("names"),
    func.aggregate_strings(_ordered.c.texts, ",").label("texts"),
)
