"""What became of a dispatch, read for a report: over time, by reason, by domain."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from newsletter.audience.consent import Act
from newsletter.feedback.event import Kind, Reason
from newsletter.feedback.machine import Touch
from newsletter.ledger.feedback_tables import feedback_events, feedback_stages
from newsletter.ledger.people import consents
from newsletter.ledger.schema import deliveries, requests
from newsletter.ledger.states import is_in
from newsletter.message.state import DeliveryState

NOT_ARRIVED = (Kind.HARD, Kind.SOFT, Kind.BLOCKED, Kind.DROPPED)
"""The stages of what the provider had and no member has."""
_MINUTE = len("2026-11-23T12:00")
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some did not arrive."""

    kind: Kind
    reason: Reason
    deliveries: int


@dataclass(frozen=True, slots=True)
class DomainCount:
    """How the members at one domain fared."""

    recipients: int
    failed: int


def causes_of(connection: Connection, dispatch: int) -> tuple[Cause, ...]:
    """Count what did not arrive by what happened and why, the most first."""
    table = feedback_stages.c
    query = (
        select(table.kind, table.reason, func.count().label("deliveries"))
        .where(table.dispatch == dispatch, table.kind.in_([kind.value for kind in NOT_ARRIVED]))
        .group_by(table.kind, table.reason)
    )
    found = [
        Cause(Kind(row.kind), Reason(row.reason), row.deliveries)
        for row in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (-each.deliveries, each.kind, each.reason)))


def domains_of(connection: Connection, dispatch: int) -> dict[str, DomainCount]:
    """Count recipients, and what did not arrive, by the domain of the address."""
    everybody = select(deliveries.c.address_key).where(
        deliveries.c.dispatch == dispatch,
        deliveries.c.state.is_distinct_from(DeliveryState.EXCLUDED.value),
    )
    failed = everybody.join(
        feedback_stages,
        and_(
            feedback_stages.c.dispatch == deliveries.c.dispatch,
            feedback_stages.c.position == deliveries.c.position,
        ),
    ).where(feedback_stages.c.kind.in_([kind.value for kind in NOT_ARRIVED]))
    recipients, bad = _domains(connection, everybody), _domains(connection, failed)
    return {name: DomainCount(count, bad[name]) for name, count in recipients.items()}


def _domains(connection: Connection, query: Select[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for some in rows.partitions():
        # Whoever asked to be forgotten has no domain any more.
        found.update((row[0] or "").rpartition("@")[2] for row in some)
    found.pop("", None)
    return Counter({name: count for name, count in found.items() if not name.startswith("#")})


def delivered_by_minute(connection: Connection, dispatch: int) -> Counter[datetime]:
    """Count the deliveries that arrived, by the minute of the first word of it."""
    table = feedback_events.c
    first = (
        select(func.min(table.moment).label("moment"))
        .where(table.dispatch == dispatch, table.kind == Kind.DELIVERED.value)
        .group_by(table.position)
        .subquery()
    )
    minute = func.substr(first.c.moment, 1, _MINUTE)
    return _by_minute(connection, select(minute, func.count()).group_by(minute))


def accepted_by_minute(connection: Connection, dispatch: int) -> Counter[datetime]:
    """Count the deliveries that the provider accepted, by the minute of their last attempt."""
    minute = func.substr(requests.c.begun, 1, _MINUTE)
    accepted = DeliveryState.ACCEPTED.value
    mine = (requests.c.dispatch == dispatch, requests.c.begun.is_not(None))
    shared = select(minute, func.sum(requests.c.shared)).where(*mine, requests.c.state == accepted)
    own = (
        select(minute, func.count())
        .select_from(requests.join(deliveries, is_in()))
        .where(*mine, deliveries.c.state == accepted)
    )
    return _by_minute(connection, shared.group_by(minute)) + _by_minute(
        connection, own.group_by(minute)
    )


def _by_minute(connection: Connection, query: Select[Any]) -> Counter[datetime]:
    return Counter(
        {
            datetime.fromisoformat(f"{at}+00:00"): int(count)
            for at, count in connection.execute(query)
        }
    )


@dataclass(frozen=True, slots=True)
class Leavers:
    """Recipients who wished for less mail, soon after they got this."""

    everything: int
    topics: int


def leavers_of(connection: Connection, dispatch: int, opened: datetime, days: int) -> Leavers:
    """Count the recipients who opted out within some days after the dispatch was opened."""
    until = opened + timedelta(days=days)
    own = (
        select(deliveries.c.position)
        .where(
            deliveries.c.dispatch == dispatch,
            deliveries.c.address_key == consents.c.address_key,
            deliveries.c.state.is_distinct_from(DeliveryState.EXCLUDED.value),
        )
        .correlate(consents)
        .exists()
    )
    left = select(func.count(consents.c.address_key.distinct())).where(
        consents.c.act == Act.OPT_OUT.value,
        consents.c.at.between(
            opened.isoformat(timespec="seconds"), until.isoformat(timespec="seconds")
        ),
        own,
    )
    return Leavers(
        everything=connection.scalar(left.where(consents.c.topic.is_(None))) or 0,
        topics=connection.scalar(left.where(consents.c.topic.is_not(None))) or 0,
    )


def touches_of(connection: Connection, dispatch: int, kind: Kind) -> dict[int, list[Touch]]:
    """Give the opens, or the clicks, by delivery."""
    found: dict[int, list[Touch]] = {}
    for row in _events(connection, dispatch, kind):
        found.setdefault(row.position, []).append(
            Touch(
                at=datetime.fromisoformat(row.moment),
                agent=row.agent,
                link=row.link,
                is_machine=row.is_machine,
            )
        )
    return found


def delivered_at(connection: Connection, dispatch: int) -> dict[int, datetime]:
    """Tell when each delivery that was opened or clicked in arrived, as far as it was told."""
    found: dict[int, datetime] = {}
    touched = select(feedback_events.c.position).where(
        feedback_events.c.dispatch == dispatch,
        feedback_events.c.kind.in_([Kind.OPENED.value, Kind.CLICKED.value]),
    )
    mine = feedback_events.c.position.in_(touched)
    for row in _events(connection, dispatch, Kind.DELIVERED, mine):
        at = datetime.fromisoformat(row.moment)
        found[row.position] = min(at, found.get(row.position, at))
    return found


def _events(
    connection: Connection, dispatch: int, kind: Kind, *which: ColumnElement[bool]
) -> Iterator[Row[Any]]:
    query = select(feedback_events).where(
        feedback_events.c.dispatch == dispatch, feedback_events.c.kind == kind.value, *which
    )
    yield from connection.execute(query)
