"""Which values an attribute has among the recipients of a dispatch, and how often."""

from sqlalchemy import Connection, func, select

from newsletter.ledger.people import members
from newsletter.ledger.rules import attribute
from newsletter.ledger.selection import Choice, selected


def count_values(connection: Connection, choice: Choice, name: str) -> dict[str, int]:
    """Count the recipients of `choice` by their value of the attribute `name`; empty for none."""
    chosen = selected(choice)
    value = func.coalesce(attribute(name), "").label("value")
    query = (
        select(value, func.count())
        .select_from(chosen.join(members, members.c.line == chosen.c.line))
        .where(chosen.c.reason.is_(None))
        .group_by(value)
    )
    return {str(found): count for found, count in connection.execute(query)}
