"""Claiming a request: the attempt is committed before the provider is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Text,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from newsletter.ledger.course import Hold, hold_of
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.pacing import Pace, take_turn
from newsletter.ledger.people import wishes
from newsletter.ledger.schema import Course, deliveries, dispatches, requests
from newsletter.ledger.standing import Ground, any_of, objections
from newsletter.ledger.states import is_carried, recount
from newsletter.message.recipients import Recipients
from newsletter.message.state import DeliveryState, RequestState

_PENDING, _SENDING = RequestState.PENDING.value, RequestState.SENDING.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request whose attempt is committed: from now on its deliveries may be sent."""

    dispatch: int
    number: int
    attempt: int
    """Counted from 1."""
    variant: str
    deliveries: Recipients
    """May be empty: all of them were suppressed since the dispatch was opened."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """When an attempt is made, for how long it is its worker's, and which paces it keeps."""

    now: datetime
    """Aware and in UTC."""
    lease: float = 600.0
    """Seconds, by the clock of the database: afterwards others take its outcome for unsure."""
    paces: tuple[Pace, ...] = ()


class _NotItsTurnError(Exception):
    """Ends the transaction of a claim, so that nothing of it is kept."""

    def __init__(self, seconds: float) -> None:
        """Keep for how many seconds to wait."""
        super().__init__(seconds)
        self.seconds = seconds


def pending_requests(
    ledger: Ledger, dispatch: int, *, within: float | None = None
) -> tuple[int, ...]:
    """List the numbers of the requests that still have something to send, the first due first.

    `within`: only those that are due and released within so many seconds.
    """
    query = (
        select(requests.c.number)
        .where(requests.c.dispatch == dispatch, requests.c.state == _PENDING)
        .order_by(func.coalesce(requests.c.due, 0), requests.c.number)
    )
    if within is not None:
        soon = Moment() + within
        query = query.join(dispatches, dispatches.c.id == requests.c.dispatch).where(
            func.coalesce(requests.c.due, 0) <= soon,
            func.coalesce(dispatches.c.release, 0) <= soon,
        )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def claim(ledger: Ledger, dispatch: int, number: int, attempt: Attempt) -> Claim | Hold | None:
    """Commit an attempt at a pending request, or tell why it may not be begun now.

    Whoever was suppressed, opted out or paused since the dispatch was opened is excluded here.

    Returns:
        None where somebody else has it.

    Raises:
        LedgerError: it could not be written, so nothing of it may be sent.
    """
    try:
        claimed = _claim(ledger, dispatch, number, attempt)
    except _NotItsTurnError as early:
        return Hold("the pace that is kept allows no more just now", early.seconds)
    return claimed or hold_of(ledger, dispatch, number)


def _claim(ledger: Ledger, dispatch: int, number: int, attempt: Attempt) -> Claim | None:
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
        for pace in attempt.paces:
            wait = take_turn(connection, pace, taken.shared)
            if wait > 0:
                raise _NotItsTurnError(wait)
        _exclude_objecting(connection, dispatch, taken, attempt.now)
        return attempt_of(connection, taken)


def attempt_of(connection: Connection, request: Row[Any]) -> Claim:
    """Read the attempt at a row of `requests`, with the deliveries that stand as it stands."""
    last = request.first + request.size - 1
    carried = connection.execute(
        _CARRIED, {"of": request.dispatch, "from_first": request.first, "to_last": last}
    )
    # As the driver gives them: a row of SQLAlchemy would be made and thrown away for each.
    rows = carried.cursor.fetchall()
    return Claim(
        dispatch=request.dispatch,
        number=request.number,
        attempt=request.attempts,
        variant=request.variant,
        deliveries=_recipients(rows),
    )


def _recipients(rows: Sequence[tuple[int, str, str, str]]) -> Recipients:
    positions, addresses, names, texts = zip(*rows, strict=True) if rows else ((), (), (), ())
    # One array of all values: parsing a thousand small texts takes three times as long.
    values = loads(f"[{','.join(texts)}]")
    return Recipients(deliveries=positions, addresses=addresses, names=names, values=values)


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
        requests.c.dispatch,
        requests.c.number,
        requests.c.variant,
        requests.c.first,
        requests.c.size,
        requests.c.shared,
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
