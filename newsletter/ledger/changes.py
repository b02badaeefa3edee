"""What changed in an audience since the last dispatch to the same segments."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select

from newsletter.audience.exclusion import Exclusion
from newsletter.ledger.schema import deliveries
from newsletter.ledger.selection import Choice, selected

GONE = "no longer in the list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Who came and who went, in numbers."""

    joined: int
    """Recipients now who were none then."""
    left: Mapping[str, int]
    """Recipients then who are none now, by the reason of today."""


def _reason(reason: ColumnElement[str], note: ColumnElement[str]) -> ColumnElement[str]:
    is_suppressed = reason == Exclusion.SUPPRESSED.value
    return case((is_suppressed, reason.concat(": ").concat(note)), else_=reason)


def changes_since(connection: Connection, choice: Choice, dispatch: int) -> Changes:
    """Compare the audience of `choice` with the one that `dispatch` was opened for."""
    now = selected(choice)
    then = (
        select(deliveries.c.member_id)
        .where(
            deliveries.c.dispatch == dispatch,
            deliveries.c.reason.is_(None),
        )
        .cte("then_recipients")
    )
    joined = (
        select(func.count())
        .select_from(now.outerjoin(then, then.c.member_id == now.c.member_id))
        .where(now.c.reason.is_(None), then.c.member_id.is_(None))
    )
    # Somebody who stands in the list twice is a recipient by one row and a duplicate by the other.
    standing = (
        select(
            now.c.member_id,
            func.max(case((now.c.reason.is_(None), 1), else_=0)).label("is_recipient"),
            func.min(_reason(now.c.reason, now.c.note)).label("reason"),
        )
        .group_by(now.c.member_id)
        .cte("standing")
    )
    reason = func.coalesce(standing.c.reason, GONE)
    left = (
        select(reason.label("words"), func.count().label("members"))
        .select_from(then.outerjoin(standing, standing.c.member_id == then.c.member_id))
        .where(func.coalesce(standing.c.is_recipient, 0) == 0)
        .group_by(reason)
    )
    return Changes(
        joined=connection.scalar(joined) or 0,
        left={row.words: row.members for row in connection.execute(left)},
    )
