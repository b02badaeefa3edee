"""Deliveries that nobody can know about: how they come to be, and how they are settled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from newsletter.ledger.claiming import Claim, attempt_of
from newsletter.ledger.course import exclude_if_cancelled
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.decisions import Act, Author, record
from newsletter.ledger.schema import deliveries, requests
from newsletter.ledger.states import is_in, lock, recount, reference_of, standing_of
from newsletter.log import What, tell
from newsletter.message.state import DeliveryState, RequestState

_SENDING, _UNSURE = RequestState.SENDING.value, RequestState.UNSURE.value
_BY_EVENTS = "known by the provider's events"
_STOPPED = "the program stopped while this was on its way"


def recover(ledger: Ledger, dispatch: int) -> int:
    """Declare unsure what a run that died left under way; return how many deliveries.

    Only for the one who holds the dispatch's lock: nobody else may be sending it.
    """
    return _declare_unsure(ledger, requests.c.dispatch == dispatch)


def sweep(ledger: Ledger, *, grace: float, dispatch: int | None = None) -> int:
    """Declare unsure what nobody settled in its time; return how many deliveries.

    `grace` is the seconds beyond the end of a lease, by the clock of the database. It has to be
    longer than the provider may take to answer: until then its worker may be alive and waiting.
    """
    mine = () if dispatch is None else (requests.c.dispatch == dispatch,)
    return _declare_unsure(ledger, requests.c.lease + grace < Moment(), *mine)


def _declare_unsure(ledger: Ledger, *which: ColumnElement[bool]) -> int:
    with ledger.write() as connection:
        swept = connection.execute(
            update(requests)
            .where(requests.c.state == _SENDING, *which)
            .values(state=_UNSURE, note=_STOPPED, lease=None)
            .returning(requests.c.shared)
        )
        carried = [int(each) for each in swept.scalars()]
    if carried:
        tell(What.UNSURE, requests=len(carried), deliveries=sum(carried))
    return sum(carried)


def under_way(ledger: Ledger) -> tuple[int, ...]:
    """List the dispatches of which a request is under way, or was when its worker died."""
    query = select(requests.c.dispatch).where(requests.c.state == _SENDING).distinct()
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def unsure_requests(ledger: Ledger, dispatch: int) -> tuple[tuple[Claim, datetime], ...]:
    """List the attempts whose outcome is unsure as a whole, and when each was made.

    Only those whose deliveries are still the ones that were handed over: the same body is made
    of them again.
    """
    # Of whom something is known by now they were handed over, too, and would be missing.
    settled = (DeliveryState.ACCEPTED.value, DeliveryState.REJECTED.value, _UNSURE)
    known = (
        select(deliveries.c.position)
        .where(is_in(), deliveries.c.state.in_(settled))
        .correlate(requests)
        .exists()
    )
    query = (
        select(requests)
        .where(requests.c.dispatch == dispatch, requests.c.state == _UNSURE, ~known)
        .order_by(requests.c.number)
    )
    with ledger.read() as connection:
        return tuple(
            (attempt_of(connection, row), datetime.fromisoformat(row.begun))
            for row in connection.execute(query).all()
        )


def assume_sent(ledger: Ledger, dispatch: int, author: Author) -> int:
    """Count the unsure deliveries as accepted because a person says so; return how many."""
    note = "assumed to be sent"
    with ledger.write() as connection:
        shared = connection.execute(
            update(requests)
            .where(requests.c.dispatch == dispatch, requests.c.state == _UNSURE)
            .values(state=RequestState.ACCEPTED.value, note=note)
            .returning(requests.c.shared)
        )
        count = sum(int(each) for each in shared.scalars())
        own = connection.execute(
            update(deliveries)
            .where(_is_unsure_by_itself(dispatch))
            .values(state=DeliveryState.ACCEPTED.value, note=note)
        )
        count += own.rowcount
        record(connection, dispatch, Act.ASSUME_SENT, author, count)
        return count


def send_unsure_again(ledger: Ledger, dispatch: int, author: Author) -> int:
    """Make the unsure deliveries pending because a person says so; return how many.

    Those of a cancelled dispatch are excluded, so that the issue sent again reaches them.
    """
    note = "to be sent again"
    with ledger.write() as connection:
        shared = connection.execute(
            update(requests)
            .where(requests.c.dispatch == dispatch, requests.c.state == _UNSURE)
            .values(state=RequestState.PENDING.value, note=note)
            .returning(requests.c.shared)
        )
        count = sum(int(each) for each in shared.scalars())
        count += _share_unsure(connection, dispatch, note)
        exclude_if_cancelled(connection, dispatch)
        record(connection, dispatch, Act.RESEND, author, count)
        return count


def _share_unsure(connection: Connection, dispatch: int, note: str) -> int:
    """Make pending the requests in which some stand unsure by themselves; nobody else of them."""
    holds_unsure = (
        select(deliveries.c.position)
        .where(is_in(), _is_unsure_by_itself(dispatch))
        .correlate(requests)
        .exists()
    )
    # One that is under way stays as it is: its worker comes back with an outcome first.
    idle = (requests.c.dispatch == dispatch, requests.c.state != _SENDING, holds_unsure)
    numbers = list(connection.scalars(select(requests.c.number).where(*idle)))
    mine = (requests.c.dispatch == dispatch) & requests.c.number.in_(numbers)
    _let_accepted_stand_alone(connection, dispatch, numbers)
    unsure = (
        select(func.count())
        .select_from(deliveries)
        .where(is_in(), deliveries.c.state == _UNSURE)
        .correlate(requests)
        .scalar_subquery()
    )
    connection.execute(
        update(requests)
        .where(mine)
        .values(state=RequestState.PENDING.value, shared=requests.c.shared + unsure)
    )
    idle_now = select(requests.c.number).where(is_in(), mine).correlate(deliveries).exists()
    moved = connection.execute(
        update(deliveries)
        .where(_is_unsure_by_itself(dispatch), idle_now)
        .values(state=None, note=note)
    )
    return moved.rowcount


def _let_accepted_stand_alone(
    connection: Connection, dispatch: int, numbers: Sequence[int]
) -> None:
    """Write the state of an accepted request to each of its deliveries, so that it can change."""
    accepted = (
        requests.c.dispatch == dispatch,
        requests.c.number.in_(numbers),
        requests.c.state == RequestState.ACCEPTED.value,
    )
    ranges = connection.execute(
        select(requests.c.first, requests.c.size, requests.c.number).where(*accepted)
    ).all()
    for first, size, number in ranges:
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.dispatch == dispatch,
                deliveries.c.position.between(first, first + size - 1),
                deliveries.c.state.is_(None),
            )
            .values(state=DeliveryState.ACCEPTED.value, reference=reference_of())
        )
        recount(connection, requests.c.dispatch == dispatch, requests.c.number == number)


def accept_on_evidence(
    connection: Connection, dispatch: int, positions: Sequence[int], reference: str = ""
) -> int:
    """Count as accepted what the provider turned out to have; return how many moved.

    Only what is unsure moves, and what is still pending: that would be sent a second time.
    What is under way is left to its worker, or to the next call once it is unsure.
    """
    movable = [DeliveryState.UNSURE.value, DeliveryState.PENDING.value]
    holds = (
        select(deliveries.c.position)
        .where(is_in(), deliveries.c.position.in_(positions))
        .correlate(requests)
        .exists()
    )
    mine = (requests.c.dispatch == dispatch, holds)
    lock(connection, *mine)
    moved = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.dispatch == dispatch,
            deliveries.c.position.in_(positions),
            standing_of().in_(movable),
        )
        .values(
            state=DeliveryState.ACCEPTED.value,
            note=_BY_EVENTS,
            reference=reference,
        )
    ).rowcount
    if moved:
        recount(connection, *mine)
    return moved


def _is_unsure_by_itself(dispatch: int) -> ColumnElement[bool]:
    return (deliveries.c.dispatch == dispatch) & (deliveries.c.state == _UNSURE)
