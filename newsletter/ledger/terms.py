"""The terms of a dispatch: from when, until when, how evenly, and at whose hours it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Double, case, cast, literal, null, select

from newsletter.ledger.people import members
from newsletter.ledger.rules import attribute


@dataclass(frozen=True, slots=True)
class Hours:
    """When whose email is due, by a column of the list; in seconds since 1970."""

    column: str
    due: Mapping[str, float]
    otherwise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When a dispatch may be sent; moments are aware."""

    release: datetime | None = None
    """Nothing leaves before."""
    not_after: datetime | None = None
    """Nothing leaves after: a stale dispatch never goes out."""
    spread: float | None = None
    """Seconds over which it is spread."""
    by_workers: bool = False
    """Workers send it, wherever they run."""
    hours: Hours | None = None
    """The hours of its members, where each gets it at an hour of their own."""


def due_of(chosen: CTE, hours: Hours | None) -> ColumnElement[float]:
    """Tell when the email of each of `chosen` is due; null where it is at once."""
    if hours is None:
        return cast(null(), Double)
    zone = select(attribute(hours.column)).where(members.c.line == chosen.c.line).scalar_subquery()
    known = case(dict(hours.due), value=zone, else_=hours.otherwise) if hours.due else None
    return cast(literal(hours.otherwise) if known is None else known, Double)


def seconds_of(moment: datetime | None) -> float | None:
    """Give an aware moment in seconds since 1970."""
    return None if moment is None else moment.timestamp()
