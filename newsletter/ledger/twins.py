"""Rows of the list that share an address or an id: they are few, and only they are compared."""

from typing import Any

from sqlalchemy import Column, Connection, Select, delete, func, insert, or_, select

from newsletter.ledger.people import members, twins


def mark_twins(connection: Connection) -> None:
    """Find them anew; the list was changed."""
    connection.execute(delete(twins))
    lines = select(members.c.line).where(
        or_(
            members.c.address_key.in_(_repeated(members.c.address_key)),
            members.c.member_id.in_(_repeated(members.c.member_id)),
        )
    )
    connection.execute(insert(twins).from_select(["line"], lines))


def _repeated(column: Column[str]) -> Select[Any]:
    return select(column).where(column.is_not(None)).group_by(column).having(func.count() > 1)
