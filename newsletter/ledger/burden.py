"""How many emails each member gets in a span of time, from all dispatches together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import MAY_HAVE_IT, deliveries, dispatches

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Burdened:
    """Somebody who gets many."""

    name: str
    address: str
    emails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """How many members get how many emails."""

    members: Mapping[int, int]
    """By the number of emails, the fewest first; who gets none is not in it."""
    most: Sequence[Burdened]
    """Those who get two or more, the most burdened first."""


def burden_of(ledger: Ledger, begins: datetime, ends: datetime) -> Burden:
    """Count the emails of dispatches that were opened from `begins` until before `ends`, aware.

    Whoever is still to get one counts, too; who is excluded or was rejected does not.
    """
    opened = [each.astimezone(UTC).isoformat(timespec="seconds") for each in (begins, ends)]
    each = (
        select(
            deliveries.c.address_key,
            func.max(deliveries.c.name).label("name"),
            func.count().label("emails"),
        )
        .select_from(deliveries.join(dispatches, dispatches.c.id == deliveries.c.dispatch))
        .where(
            dispatches.c.kind == "issue",
            dispatches.c.opened >= opened[0],
            dispatches.c.opened < opened[1],
            deliveries.c.address_key.is_not(None),
            MAY_HAVE_IT,
        )
        .group_by(deliveries.c.address_key)
        .cte("each_member")
    )
    counted = select(each.c.emails, func.count()).group_by(each.c.emails).order_by(each.c.emails)
    most = (
        select(each)
        .where(each.c.emails > 1)
        .order_by(each.c.emails.desc(), each.c.address_key)
        .limit(_MOST_NAMED)
    )
    with ledger.read() as connection:
        members = {int(emails): int(count) for emails, count in connection.execute(counted)}
        rows = connection.execute(most).all()
    return Burden(
        members=members,
        most=[Burdened(name=row.name, address=row.address_key, emails=row.emails) for row in rows],
    )
