"""Rows of the list that mean somebody who stands in it already."""

from sqlalchemy import select

from newsletter.audience.exclusion import Exclusion
from newsletter.audience.segment import Selection
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import Choice, selected

EVERYBODY = Choice(slug="", again=True, selection=Selection(included=()))
"""Chooses the whole list, whatever its members already got."""


def duplicates_of(ledger: Ledger, limit: int) -> tuple[tuple[int, str], ...]:
    """List the first duplicates: the line of each, and which line it is `of`."""
    with ledger.read() as connection:
        chosen = selected(EVERYBODY)
        query = (
            select(chosen.c.line, chosen.c.note)
            .where(chosen.c.reason == Exclusion.DUPLICATE.value)
            .order_by(chosen.c.line)
            .limit(limit)
        )
        return tuple((row.line, row.note) for row in connection.execute(query))
