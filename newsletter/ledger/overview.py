"""All dispatches and the list in numbers, for a monitor to look at every few seconds.

What it reads grows with the requests, not with the members: the excluded, who may be nearly all of
a list in every dispatch, are what is left of those listed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, func, select, union_all

from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.feedback_tables import feedback_counts
from newsletter.ledger.members import known_list
from newsletter.ledger.people import suppressions
from newsletter.ledger.schema import (
    HAS_OWN_STATE,
    Course,
    deliveries,
    dispatches,
    requests,
    turns,
)
from newsletter.message.state import OWN_STATES, DeliveryState, RequestState


class Key(NamedTuple):
    """What a number is about: a provider, and a state, a course or a kind of event."""

    provider: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The numbers."""

    deliveries: Mapping[Key, int] = field(default_factory=dict)
    """Of every dispatch so far, by state."""
    unfinished: Mapping[Key, int] = field(default_factory=dict)
    """Dispatches that have something to send, by their course."""
    in_flight: Mapping[str, int] = field(default_factory=dict)
    """Requests that were begun and of which nothing is known yet, by provider."""
    lease_left: Mapping[str, float] = field(default_factory=dict)
    """Seconds until the first lease ends, by provider; below nothing where it is over."""
    feedback: Mapping[Key, int] = field(default_factory=dict)
    """Deliveries by the last stage that was told of them."""
    waits: Mapping[str, float] = field(default_factory=dict)
    """Seconds for which a pace lets nothing go."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Messages a second to which a pace was lowered, where a provider said that it is too much."""
    suppressions: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    listed: int = 0
    """Rows of the list."""
    faults: int = 0
    """Of them, those that cannot be mailed."""


def overview_of(ledger: Ledger) -> Overview:
    """Count everything.

    Raises:
        LedgerError: it cannot be read.
    """
    known = known_list(ledger)
    with ledger.read() as connection:
        flying = tuple(_flying(connection))
        paces = connection.execute(select(turns.c.pace, turns.c.next - Moment(), turns.c.rate))
        turned = [(pace, max(0.0, float(wait)), rate) for pace, wait, rate in paces]
        reasons = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
        return Overview(
            deliveries=_deliveries(connection),
            unfinished=_unfinished(connection),
            in_flight={provider: count for provider, count, _left in flying},
            lease_left={provider: left for provider, _count, left in flying if left is not None},
            feedback=_feedback(connection),
            waits={pace: wait for pace, wait, _rate in turned},
            rates={pace: float(rate) for pace, _wait, rate in turned if rate is not None},
            suppressions={word: int(count) for word, count in connection.execute(reasons)},
            listed=known.rows if known else 0,
            faults=known.faults if known else 0,
        )


def _deliveries(connection: Connection) -> Mapping[Key, int]:
    with_own = [state.value for state in OWN_STATES if state is not DeliveryState.EXCLUDED]
    own = (
        select(dispatches.c.provider, deliveries.c.state, func.count())
        .join(deliveries, deliveries.c.dispatch == dispatches.c.id)
        .where(HAS_OWN_STATE, deliveries.c.state.in_(with_own))
        .group_by(dispatches.c.provider, deliveries.c.state)
    )
    shared = (
        select(dispatches.c.provider, requests.c.state, func.sum(requests.c.shared))
        .join(requests, requests.c.dispatch == dispatches.c.id)
        .where(requests.c.shared > 0)
        .group_by(dispatches.c.provider, requests.c.state)
    )
    listed = select(dispatches.c.provider, func.sum(dispatches.c.listed)).group_by(
        dispatches.c.provider
    )
    found: Counter[Key] = Counter()
    for provider, state, count in connection.execute(union_all(own, shared)):
        found[Key(provider, state)] += int(count)
    for provider, total in connection.execute(listed):
        others = sum(count for key, count in found.items() if key.provider == provider)
        found[Key(provider, DeliveryState.EXCLUDED.value)] = int(total) - others
        for state in DeliveryState:  # a monitor wants to see a nought, too
            found.setdefault(Key(provider, state.value), 0)
    return found


def _unfinished(connection: Connection) -> Mapping[Key, int]:
    open_ones = (RequestState.PENDING.value, RequestState.SENDING.value)
    has_more = (
        select(requests.c.number)
        .where(requests.c.dispatch == dispatches.c.id, requests.c.state.in_(open_ones))
        .exists()
    )
    query = (
        select(dispatches.c.provider, dispatches.c.course, func.count())
        .where(has_more)
        .group_by(dispatches.c.provider, dispatches.c.course)
    )
    providers = connection.scalars(select(dispatches.c.provider).distinct())
    found = {Key(each, course.value): 0 for each in providers for course in Course}
    found.update({Key(who, course): count for who, course, count in connection.execute(query)})
    return found


def _flying(connection: Connection) -> Iterator[tuple[str, int, float | None]]:
    """Give each provider with its requests in flight, and the seconds until a lease ends."""
    query = (
        select(
            dispatches.c.provider,
            func.count(requests.c.number),
            func.min(requests.c.lease) - Moment(),
        )
        .select_from(
            dispatches.outerjoin(
                requests,
                (requests.c.dispatch == dispatches.c.id)
                & (requests.c.state == RequestState.SENDING.value),
            )
        )
        .group_by(dispatches.c.provider)
    )
    for provider, count, left in connection.execute(query):
        yield provider, count, None if left is None else float(left)


def _feedback(connection: Connection) -> Mapping[Key, int]:
    query = (
        select(
            dispatches.c.provider, feedback_counts.c.kind, func.sum(feedback_counts.c.deliveries)
        )
        .join(feedback_counts, feedback_counts.c.dispatch == dispatches.c.id)
        .group_by(dispatches.c.provider, feedback_counts.c.kind)
    )
    return {Key(who, kind): int(count) for who, kind, count in connection.execute(query)}
