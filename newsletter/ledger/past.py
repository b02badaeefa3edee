"""Issues that were really sent, for the archive. It reads no member and no delivery's values."""

from sqlalchemy import exists, func, or_, select

from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.dispatches import Dispatch, list_dispatches
from newsletter.ledger.schema import HAS_OWN_STATE, Course, deliveries, dispatches, requests
from newsletter.message.state import DeliveryState, RequestState

_MAY_BE_OUT = (RequestState.SENDING, RequestState.ACCEPTED, RequestState.UNSURE)
_IS_OUT = (DeliveryState.ACCEPTED, DeliveryState.UNSURE)


def past_dispatches(ledger: Ledger) -> tuple[Dispatch, ...]:
    """List the dispatches of issues of which at least one message may have left, oldest first.

    Those that were cancelled or undone before anything left are not among them.
    """
    by_request = exists().where(
        requests.c.dispatch == dispatches.c.id,
        requests.c.shared > 0,
        requests.c.state.in_([state.value for state in _MAY_BE_OUT]),
    )
    by_itself = exists().where(
        deliveries.c.dispatch == dispatches.c.id,
        HAS_OWN_STATE,
        deliveries.c.state.in_([state.value for state in _IS_OUT]),
    )
    query = select(dispatches.c.id).where(dispatches.c.kind == "issue", or_(by_request, by_itself))
    with ledger.read() as connection:
        left = set(connection.scalars(query))
    return tuple(each for each in reversed(list_dispatches(ledger)) if each.id in left)


def leaves_now(ledger: Ledger, dispatch: Dispatch) -> bool:
    """Tell whether the first message of `dispatch` may leave at this moment."""
    query = (
        select(func.count())
        .select_from(requests.join(dispatches, dispatches.c.id == requests.c.dispatch))
        .where(
            dispatches.c.id == dispatch.id,
            dispatches.c.course == Course.RUNNING.value,
            func.coalesce(dispatches.c.release, 0) <= Moment(),
            func.coalesce(dispatches.c.not_after, 1e15) >= Moment(),
            requests.c.state == RequestState.PENDING.value,
            func.coalesce(requests.c.due, 0) <= Moment(),
        )
    )
    with ledger.read() as connection:
        return bool(connection.scalar(query))
