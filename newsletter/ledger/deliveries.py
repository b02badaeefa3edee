"""Attempts in the ledger: claimed before the provider is called, settled after.

Every move is made only from the state it may be made from; where the database counts another
number of rows than it must, nothing is written.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    Text,
    Update,
    bindparam,
    case,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from newsletter.errors import LedgerError
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.people import wishes
from newsletter.ledger.schema import Course, deliveries, dispatches, requests
from newsletter.ledger.standing import Ground, any_of, objections
from newsletter.ledger.states import is_carried, recount
from newsletter.message.state import DeliveryState, RequestState
from newsletter.providers.protocol import Outcome

_PENDING, _SENDING = RequestState.PENDING.value, RequestState.SENDING.value
_NO_VALUES: Mapping[str, str] = {}


class Claimed(NamedTuple):
    """One delivery of a claimed request."""

    position: int
    address: str
    name: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request whose attempt is committed: from now on its deliveries may be sent."""

    dispatch: int
    number: int
    attempt: int
    """Counted from 1."""
    variant: str
    deliveries: tuple[Claimed, ...]
    """May be empty: all of them were suppressed since the dispatch was opened."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """When an attempt is made, and for how long it is its worker's."""

    now: datetime
    """Aware and in UTC."""
    lease: float = 600.0
    """Seconds, by the clock of the database: afterwards others take its outcome for unsure."""


def pending_requests(ledger: Ledger, dispatch: int) -> tuple[int, ...]:
    """List the numbers of the requests that still have something to send, the first due first."""
    query = (
        select(requests.c.number)
        .where(requests.c.dispatch == dispatch, requests.c.state == _PENDING)
        .order_by(func.coalesce(requests.c.due, 0), requests.c.number)
    )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def claim(ledger: Ledger, dispatch: int, number: int, attempt: Attempt) -> Claim | None:
    """Commit an attempt at a pending request; None where it may not be begun.

    Somebody else has it, it is not due yet, or the dispatch is paused, cancelled, still held back
    or too late. Whoever was suppressed, opted out or paused since the dispatch was opened is
    excluded here.

    Raises:
        LedgerError: it could not be written, so nothing of it may be sent.
    """
    with ledger.write() as connection:
        taken = connection.execute(
            _TAKE,
            {
                "of": dispatch,
                "at": number,
                "begun_now": attempt.now.isoformat(timespec="milliseconds"),
                "for_seconds": attempt.lease,
            },
        ).first()
        if taken is None:
            return None
        _exclude_objecting(connection, dispatch, taken, attempt.now)
        rows = connection.execute(
            _CARRIED,
            {"of": dispatch, "from_first": taken.first, "to_last": taken.first + taken.size - 1},
        )
        return Claim(
            dispatch=dispatch,
            number=number,
            attempt=taken.attempts,
            variant=taken.variant,
            deliveries=tuple(
                Claimed(
                    position, address, name, _NO_VALUES if values == "{}" else json.loads(values)
                )
                for position, address, name, values in rows
            ),
        )


_IS = (requests.c.dispatch == bindparam("of")) & (requests.c.number == bindparam("at"))
_MAY_GO = (
    select(dispatches.c.id)
    .where(
        dispatches.c.id == requests.c.dispatch,
        dispatches.c.course == Course.RUNNING.value,
        func.coalesce(dispatches.c.release, 0) <= Moment(),
        func.coalesce(dispatches.c.not_after, 1e15) >= Moment(),
    )
    .exists()
)
_TAKE = (
    update(requests)
    .where(_IS, requests.c.state == _PENDING, func.coalesce(requests.c.due, 0) <= Moment(), _MAY_GO)
    .values(
        state=_SENDING,
        attempts=requests.c.attempts + 1,
        begun=bindparam("begun_now"),
        lease=Moment() + bindparam("for_seconds"),
    )
    .returning(
        requests.c.number,
        requests.c.variant,
        requests.c.first,
        requests.c.size,
        requests.c.attempts,
    )
)
_OURS = (deliveries.c.dispatch == bindparam("of")) & deliveries.c.position.between(
    bindparam("from_first"), bindparam("to_last")
)
_CARRIED = (
    select(
        deliveries.c.position,
        deliveries.c.address,
        deliveries.c.name,
        cast(deliveries.c.slot_values, Text),
    )
    .where(_OURS, deliveries.c.state.is_(None))
    .order_by(deliveries.c.position)
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


def settle(ledger: Ledger, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    """Write what became of a claim: one outcome a delivery, in their order.

    A request with deliveries that were surely not sent is pending again. A claim without
    deliveries was settled when it was made.

    Raises:
        LedgerError: it could not be written, or the deliveries are not this claim's any more.
    """
    if not claim.deliveries:
        return
    parting = _part(claim, outcomes)
    with ledger.write() as connection:
        _write_each(connection, claim, _SET_OWN, parting.own)
        _write_each(connection, claim, _SET_REMARK, parting.remarks)
        ended = connection.execute(
            _END,
            {
                **_of(claim),
                "new_state": parting.state.value,
                "now_shared": len(claim.deliveries) - len(parting.own),
                "new_note": parting.common.note,
                "new_reference": parting.common.reference,
            },
        )
        _must_be(1, ended.rowcount)


_Ended = tuple[Claimed, Outcome]


class _Parting(NamedTuple):
    """Which deliveries of a request stand as it stands, and which by themselves."""

    state: RequestState
    own: Sequence[_Ended] = ()
    remarks: Sequence[_Ended] = ()
    """They stand as the request, each with a note or reference of its own."""
    common: Outcome = Outcome(DeliveryState.PENDING)
    """The note and the reference of the request."""


def _part(claim: Claim, outcomes: Sequence[Outcome]) -> _Parting:
    state = _state_of_all({outcome.state for outcome in outcomes})
    first = outcomes[0]
    if outcomes.count(first) == len(claim.deliveries) and state is not RequestState.SETTLED:
        return _Parting(state, common=first)  # as nearly every request of a bulk provider ends
    ended = tuple(zip(claim.deliveries, outcomes, strict=True))
    own = [each for each in ended if each[1].state.value != state.value]
    shared = [each for each in ended if each[1].state.value == state.value]
    return _Parting(state, own, shared)


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
                "at": delivery.position,
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
    middle = claim.deliveries[half].position
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


def _exclude_objecting(
    connection: Connection, dispatch: int, request: Row[Any], now: datetime
) -> None:
    """Exclude whoever was suppressed, opted out or paused since the dispatch was opened."""
    ground = connection.execute(_GROUND, {"of": dispatch}).one()
    seen = ground.wishes_seen
    if seen is not None and (ground.newest or 0) <= seen:
        return  # nobody wished anything since
    found = objections(
        deliveries, Ground(topic=ground.topic, is_notice=ground.is_notice, today=now.date())
    )
    mine = is_carried(dispatch, request.first, request.size)
    excluded = connection.execute(
        update(deliveries)
        .where(mine, deliveries.c.state.is_(None), *_of_those_since(seen), any_of(found))
        .values(
            state=DeliveryState.EXCLUDED.value,
            reason=case(*((each.is_raised, each.exclusion.value) for each in found)),
            note=case(*((each.is_raised, each.note) for each in found)),
        )
    )
    if excluded.rowcount:
        recount(connection, requests.c.dispatch == dispatch, requests.c.number == request.number)


_GROUND = select(
    dispatches.c.topic,
    dispatches.c.is_notice,
    dispatches.c.wishes_seen,
    select(func.max(wishes.c.id)).scalar_subquery().label("newest"),
).where(dispatches.c.id == bindparam("of"))


def _of_those_since(seen: int | None) -> tuple[ColumnElement[bool], ...]:
    """Look only at those whose wishes changed after `seen`; None: at everybody."""
    if seen is None:
        return ()
    new = wishes.c.id > seen
    return (
        or_(
            deliveries.c.address_key.in_(select(wishes.c.address_key).where(new)),
            deliveries.c.member_id.in_(
                select(wishes.c.member_id).where(new, wishes.c.member_id != "")
            ),
        ),
    )
