"""What goes on in a dispatch just now: requests under way, what holds it, what went wrong."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from newsletter.feedback.event import plain_note
from newsletter.ledger.course import Hold, hold_of
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.schema import HAS_OWN_STATE, deliveries, requests, turns
from newsletter.message.state import DeliveryState, RequestState

_PENDING, _SENDING, _UNSURE = (
    each.value for each in (RequestState.PENDING, RequestState.SENDING, RequestState.UNSURE)
)
_MOST_TROUBLES, _MOST_WORDS = 4, 100
"""Of those that are told, and of different words that are read: most of them differ only in whom
they name."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong lately; it names nobody."""

    state: DeliveryState
    """In which it left the deliveries; those that are pending are tried again."""
    note: str
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The requests of a dispatch."""

    in_flight: int = 0
    """Requests that were begun and of which nothing is known yet."""
    carried: int = 0
    """Deliveries in them."""
    overdue: int = 0
    """Of the requests in flight, those whose lease is over: their worker may be dead."""
    oldest: str = ""
    """When the first of them was begun; ISO 8601, UTC; empty where none is in flight."""
    latest: str = ""
    """When the last request of all was begun, in the same form."""
    waiting: int = 0
    """Requests that are pending."""
    troubles: tuple[Trouble, ...] = ()
    """The newest ones first."""


def traffic_of(ledger: Ledger, dispatch: int) -> Traffic:
    """Look at the requests of a dispatch; that reads one row each, however many they carry."""
    counted = select(
        requests.c.state,
        func.count().label("number"),
        func.sum(requests.c.shared).label("carried"),
        func.min(requests.c.begun).label("oldest"),
        func.max(requests.c.begun).label("latest"),
    )
    late = select(func.count()).where(
        requests.c.dispatch == dispatch,
        requests.c.state == _SENDING,
        requests.c.lease < Moment(),
    )
    with ledger.read() as connection:
        rows = connection.execute(
            counted.where(requests.c.dispatch == dispatch).group_by(requests.c.state)
        )
        by_state = {row.state: row for row in rows}
        overdue = connection.scalar(late) or 0
        troubles = _troubles(connection, dispatch)
    sending, pending = by_state.get(_SENDING), by_state.get(_PENDING)
    return Traffic(
        in_flight=sending.number if sending else 0,
        carried=int(sending.carried) if sending else 0,
        oldest=sending.oldest if sending else "",
        overdue=overdue,
        latest=max((row.latest or "" for row in by_state.values()), default=""),
        waiting=pending.number if pending else 0,
        troubles=troubles,
    )


def next_hold_of(ledger: Ledger, dispatch: int) -> Hold | None:
    """Tell what holds the pending request back that is due first; None where nothing does."""
    first = (
        select(requests.c.number)
        .where(requests.c.dispatch == dispatch, requests.c.state == _PENDING)
        .order_by(func.coalesce(requests.c.due, 0), requests.c.number)
        .limit(1)
    )
    with ledger.read() as connection:
        number = connection.scalar(first)
    # A dispatch of which nothing is pending can be paused or cancelled all the same.
    return hold_of(ledger, dispatch, 0 if number is None else number)


def wait_of(ledger: Ledger, pace: str) -> float:
    """Tell for how many seconds a pace lets nothing go; 0 where it does."""
    query = select(turns.c.next - Moment()).where(turns.c.pace == pace)
    with ledger.read() as connection:
        return max(0.0, float(connection.scalar(query) or 0.0))


def _troubles(connection: Connection, dispatch: int) -> tuple[Trouble, ...]:
    """List what requests that are tried again met with, then what ended single deliveries."""
    shared = (
        select(
            requests.c.state,
            requests.c.note,
            func.sum(requests.c.shared).label("number"),
            func.max(requests.c.begun).label("newest"),
        )
        .where(
            requests.c.dispatch == dispatch,
            requests.c.note != "",
            or_(requests.c.state == _PENDING, requests.c.state == _UNSURE),
        )
        .group_by(requests.c.state, requests.c.note)
        .order_by(func.max(requests.c.begun).desc())
        .limit(_MOST_WORDS)
    )
    ends = (DeliveryState.REJECTED.value, DeliveryState.UNSURE.value)
    own = (
        select(
            deliveries.c.state,
            deliveries.c.note,
            func.count().label("number"),
            func.max(deliveries.c.position).label("newest"),
        )
        .where(deliveries.c.dispatch == dispatch, HAS_OWN_STATE, deliveries.c.state.in_(ends))
        .group_by(deliveries.c.state, deliveries.c.note)
        .order_by(func.max(deliveries.c.position).desc())
        .limit(_MOST_WORDS)
    )
    merged: dict[tuple[str, str], int] = {}
    for row in (*connection.execute(shared), *connection.execute(own)):
        # The same words about several members are one trouble, once they name nobody.
        kind = (row.state, plain_note(row.note))
        merged[kind] = merged.get(kind, 0) + int(row.number)
    return tuple(
        Trouble(DeliveryState(state), note, number)
        for (state, note), number in list(merged.items())[:_MOST_TROUBLES]
    )
