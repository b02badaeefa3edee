"""Looking at the list in the ledger: counts, samples, single rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, case, func, or_, select

from newsletter.audience.rule import Rule
from newsletter.audience.segment import Segment
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import members
from newsletter.ledger.rules import attribute, rule_clause


def count_members(ledger: Ledger, segment: Segment) -> int:
    """Count the rows of `segment`, those that cannot be mailed included."""
    query = select(func.count()).select_from(members).where(rule_clause(segment.rule))
    with ledger.read() as connection:
        return connection.scalar(query) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of the list, for a person to look at."""

    line: int
    member_id: str
    address: str
    name: str
    attributes: Mapping[str, str]


def sample_of(ledger: Ledger, segment: Segment, limit: int) -> tuple[Listed, ...]:
    """Give some rows of `segment`, spread over the whole list."""
    mine = select(members.c.line).where(rule_clause(segment.rule))
    with ledger.read() as connection:
        count = connection.scalar(select(func.count()).select_from(mine.subquery())) or 0
        numbered = mine.add_columns(
            (func.row_number().over(order_by=members.c.line) - 1).label("place")
        ).subquery()
        places = {at * count // limit for at in range(limit)} if count > limit else range(count)
        lines = select(numbered.c.line).where(numbered.c.place.in_(places))
        query = select(members).where(members.c.line.in_(lines)).order_by(members.c.line)
        return tuple(_listed(row) for row in connection.execute(query))


def find_listed(ledger: Ledger, who: str) -> tuple[Listed, ...]:
    """Find the rows of somebody, by id or by address."""
    key = who.strip().lower()
    query = (
        select(members)
        .where(or_(members.c.member_id == who, members.c.address_key == key))
        .order_by(members.c.line)
    )
    with ledger.read() as connection:
        return tuple(_listed(row) for row in connection.execute(query))


def holds_for(ledger: Ledger, line: int, claims: Sequence[Rule]) -> tuple[bool, ...]:
    """Tell which of `claims` are true for the row of `line`."""
    query = select(*(case((rule_clause(each), 1), else_=0) for each in claims)).where(
        members.c.line == line
    )
    with ledger.read() as connection:
        return tuple(bool(value) for value in connection.execute(query).one())


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        line=row.line,
        member_id=row.member_id,
        address=row.address,
        name=row.name,
        attributes=row.attributes,
    )


def sample_values(ledger: Ledger, column: str, limit: int = 20) -> tuple[str, ...]:
    """List the commonest values of `column`, commonest first."""
    value = attribute(column).label("value")
    query = (
        select(value)
        .where(value != "")
        .group_by(value)
        .order_by(func.count().desc(), value)
        .limit(limit)
    )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))
