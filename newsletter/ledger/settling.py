"""Settling a claimed request: what came of each of its deliveries, after the provider was called.

Every move is made only from the state it may be made from; where the database counts another
number of rows than it must, nothing is written.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Update, bindparam, func, insert, select, update

from newsletter.errors import LedgerError
from newsletter.ledger.claiming import Claim, Wish, claim_unpaced
from newsletter.ledger.course import exclude_if_cancelled
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries, dispatches, requests
from newsletter.message.state import DeliveryState, RequestState
from newsletter.providers.protocol import Outcome, common_to

_PENDING, _SENDING = RequestState.PENDING.value, RequestState.SENDING.value
_IS = (requests.c.dispatch == bindparam("of")) & (requests.c.number == bindparam("at"))
_SHARED = (
    select(requests.c.shared)
    .where(_IS, requests.c.attempts == bindparam("of_attempt"))
    .with_for_update()
)
_SET_OWN = (
    update(deliveries)
    .where(
        deliveries.c.dispatch == bindparam("of"),
        deliveries.c.position == bindparam("at"),
        deliveries.c.state.is_(None),
    )
    .values(
        state=bindparam("new_state"),
        note=bindparam("new_note"),
        reference=bindparam("new_reference"),
    )
)
_SET_REMARK = (
    update(deliveries)
    .where(
        deliveries.c.dispatch == bindparam("of"),
        deliveries.c.position == bindparam("at"),
        deliveries.c.state.is_(None),
    )
    .values(note=bindparam("new_note"), reference=bindparam("new_reference"))
)
_END = (
    update(requests)
    .where(
        _IS,
        # A worker that was taken for dead may still say what came of its own attempt.
        requests.c.state.in_([_SENDING, RequestState.UNSURE.value]),
        requests.c.attempts == bindparam("of_attempt"),
    )
    .values(
        state=bindparam("new_state"),
        shared=bindparam("now_shared"),
        note=bindparam("new_note"),
        reference=bindparam("new_reference"),
        lease=None,
    )
)
_END_WHOLE = _END.where(requests.c.shared == bindparam("now_shared"))
"""Nobody settled any of its deliveries meanwhile."""


def settle(ledger: Ledger, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    """Write what became of a claim: one outcome a delivery, in their order.

    A request with deliveries that were surely not sent is pending again, or excluded where the
    dispatch was cancelled meanwhile. A claim without deliveries was settled when it was made.
    Where the outcome comes so late that others settled some by evidence, those stay as they are.

    Raises:
        LedgerError: it could not be written, or the deliveries are not this claim's any more.
    """
    if not claim.deliveries:
        return
    with ledger.write() as connection:
        _settle(connection, claim, outcomes)


def settle_and_claim(
    ledger: Ledger, claim: Claim, outcomes: Sequence[Outcome], wish: Wish
) -> Claim | None:
    """Settle, and commit the attempt at another request with it: one sync of the disk for both.

    Returns:
        None where the other has to be claimed by itself.

    Raises:
        LedgerError: neither could be written.
    """
    with ledger.write() as connection:
        _settle(connection, claim, outcomes)
        return claim_unpaced(connection, wish)


def _settle(connection: Connection, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    if _accepted_as_one(connection, claim, outcomes):
        return
    parting = _parting(connection, claim, outcomes)
    if not parting.deliveries:
        return
    _write_each(connection, claim, _SET_OWN, parting.own)
    _write_each(connection, claim, _SET_REMARK, parting.remarks)
    ended = _ended(claim, parting.state, parting.deliveries - len(parting.own), parting.common)
    _must_be(1, connection.execute(_END, ended).rowcount)
    if parting.state is RequestState.PENDING:
        exclude_if_cancelled(connection, claim.dispatch)


def _accepted_as_one(connection: Connection, claim: Claim, outcomes: Sequence[Outcome]) -> bool:
    """End a request of which all was accepted alike, as nearly every one of a bulk provider."""
    common = common_to(outcomes)
    if common is None or common.state is not DeliveryState.ACCEPTED:
        return False
    ended = _ended(claim, RequestState.ACCEPTED, len(outcomes), common)
    return connection.execute(_END_WHOLE, ended).rowcount == 1


def _ended(claim: Claim, state: RequestState, shared: int, common: Outcome) -> dict[str, object]:
    return {
        **_of(claim),
        "new_state": state.value,
        "now_shared": shared,
        "new_note": common.note,
        "new_reference": common.reference,
    }


_Ended = tuple[int, Outcome]
"""The number of a delivery, and what came of it."""


class _Parting(NamedTuple):
    """Which deliveries of a request stand as it stands, and which by themselves."""

    deliveries: int
    """How many all of them are."""
    state: RequestState
    own: Sequence[_Ended] = ()
    remarks: Sequence[_Ended] = ()
    """They stand as the request, each with a note or reference of its own."""
    common: Outcome = Outcome(DeliveryState.PENDING)
    """The note and the reference of the request."""


def _parting(connection: Connection, claim: Claim, outcomes: Sequence[Outcome]) -> _Parting:
    shared = connection.scalar(_SHARED, _of(claim))
    is_whole = shared is None or shared == len(outcomes)
    common = common_to(outcomes)
    if is_whole and common is not None and common.state is not DeliveryState.REJECTED:
        return _Parting(len(outcomes), _state_of_all({common.state}), common=common)
    ended = tuple(zip(claim.deliveries.deliveries, outcomes, strict=True))
    return _part(ended if is_whole else _still_open(connection, claim, ended))


def _still_open(connection: Connection, claim: Claim, ended: Sequence[_Ended]) -> Sequence[_Ended]:
    """Leave out what has a state of its own by now: evidence came before the outcome."""
    still = set(
        connection.scalars(
            select(deliveries.c.position).where(
                deliveries.c.dispatch == claim.dispatch,
                deliveries.c.position.between(ended[0][0], ended[-1][0]),
                deliveries.c.state.is_(None),
            )
        )
    )
    return [each for each in ended if each[0] in still]


def _part(ended: Sequence[_Ended]) -> _Parting:
    state = _state_of_all({outcome.state for _, outcome in ended})
    own = [each for each in ended if each[1].state.value != state.value]
    shared = [each for each in ended if each[1].state.value == state.value]
    return _Parting(len(ended), state, own, shared)


def _state_of_all(states: set[DeliveryState]) -> RequestState:
    """Choose the state that a request shares; the rejected always stand by themselves."""
    if DeliveryState.PENDING in states:
        return RequestState.PENDING
    if DeliveryState.ACCEPTED in states:
        return RequestState.ACCEPTED
    return RequestState.UNSURE if DeliveryState.UNSURE in states else RequestState.SETTLED


def _write_each(
    connection: Connection, claim: Claim, statement: Update, ended: Sequence[_Ended]
) -> None:
    if not ended:
        return
    done = connection.execute(
        statement,
        [
            {
                "of": claim.dispatch,
                "at": delivery,
                "new_state": outcome.state.value,
                "new_note": outcome.note,
                "new_reference": outcome.reference,
            }
            for delivery, outcome in ended
        ],
    )
    _must_be(len(ended), done.rowcount)


def _of(claim: Claim) -> dict[str, object]:
    return {"of": claim.dispatch, "at": claim.number, "of_attempt": claim.attempt}


def split(ledger: Ledger, claim: Claim) -> tuple[int, int]:
    """Cut a refused request in two, both pending, to find the delivery that is refused.

    Returns:
        The numbers of the two requests.
    """
    half = len(claim.deliveries) // 2
    middle = claim.deliveries.deliveries[half]
    with ledger.write() as connection:
        # Two machines that cut at once must not choose the same number.
        connection.execute(
            select(dispatches.c.id).where(dispatches.c.id == claim.dispatch).with_for_update()
        )
        request = connection.execute(
            select(requests).where(
                requests.c.dispatch == claim.dispatch, requests.c.number == claim.number
            )
        ).one()
        last = select(func.max(requests.c.number)).where(requests.c.dispatch == claim.dispatch)
        new = int(connection.scalar(last) or 0) + 1
        halved = connection.execute(
            _HALVE, {**_of(claim), "now_size": middle - request.first, "now_shared": half}
        )
        _must_be(1, halved.rowcount)
        connection.execute(
            insert(requests).values(
                dispatch=claim.dispatch,
                number=new,
                variant=request.variant,
                first=middle,
                size=request.first + request.size - middle,
                shared=len(claim.deliveries) - half,
                state=_PENDING,
                due=request.due,
            )
        )
        exclude_if_cancelled(connection, claim.dispatch)
    return claim.number, new


_HALVE = (
    update(requests)
    .where(_IS, requests.c.state == _SENDING, requests.c.attempts == bindparam("of_attempt"))
    .values(state=_PENDING, size=bindparam("now_size"), shared=bindparam("now_shared"), lease=None)
)


def _must_be(expected: int, found: int) -> None:
    if found != expected:
        raise LedgerError(
            f"the ledger moved {found} rows where {expected} were to be moved",
            hint="look at `newsletter status`; another run may have taken the dispatch over",
        )
