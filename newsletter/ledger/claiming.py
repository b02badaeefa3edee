"""Claiming a request: the attempt is committed before the provider is called."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from newsletter.ledger.carried import recipients_within
from newsletter.ledger.course import Hold, hold_of
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.pacing import Pace, is_unpaced, take_turn
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


class Prospect(NamedTuple):
    """What was read of a request that was never tried, before it is claimed."""

    number: int
    variant: str
    deliveries: Recipients

    def is_still_true(self, taken: Row[Any]) -> bool:
        """Tell whether the row of `requests` as it was claimed carries the very same.

        Until its first attempt a request only loses deliveries, and its row counts them.
        """
        same = (self.number, 1, len(self.deliveries))
        return same == (taken.number, taken.attempts, taken.shared)


class Wish(NamedTuple):
    """Which request is to be claimed, and how."""

    dispatch: int
    number: int
    attempt: Attempt
    ahead: Prospect | None = None
    """What was read of it before, which need not be read again if it is still true."""


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


def look_ahead(ledger: Ledger, dispatch: int, number: int) -> Prospect | None:
    """Read what a claim of a request would hand over now; nothing is written.

    Returns:
        None where it was tried before, or cannot be.

    Raises:
        LedgerError: it could not be read.
    """
    with ledger.read() as connection:
        row = connection.execute(_NEVER_TRIED, {"of": dispatch, "at": number}).first()
        if row is None:
            return None
        carried = recipients_within(connection, dispatch, row.first, row.size)
        return Prospect(number, row.variant, carried)


def claim(
    ledger: Ledger, dispatch: int, number: int, attempt: Attempt, ahead: Prospect | None = None
) -> Claim | Hold | None:
    """Commit an attempt at a pending request, or tell why it may not be begun now.

    Whoever was suppressed, opted out or paused since the dispatch was opened is excluded here.
    `ahead`: what was read of it before, which is not read again if it is still true.

    Returns:
        None where somebody else has it.

    Raises:
        LedgerError: it could not be written, so nothing of it may be sent.
    """
    try:
        with ledger.write() as connection:
            claimed = _claim(connection, Wish(dispatch, number, attempt, ahead))
    except _NotItsTurnError as early:
        return Hold("the pace that is kept allows no more just now", early.seconds)
    return claimed or hold_of(ledger, dispatch, number)


def claim_unpaced(connection: Connection, wish: Wish) -> Claim | None:
    """Write an attempt at a pending request that no pace may hold back, or none at all.

    It is committed, or not, with whatever else `connection` writes.
    """
    if not all(is_unpaced(connection, pace) for pace in wish.attempt.paces):
        return None
    return _claim(connection, wish._replace(attempt=replace(wish.attempt, paces=())))


def _claim(connection: Connection, wish: Wish) -> Claim | None:
    attempt = wish.attempt
    taken = connection.execute(
        _TAKE,
        {
            "of": wish.dispatch,
            "at": wish.number,
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
    excluded = _exclude_objecting(connection, wish.dispatch, taken, attempt.now)
    ahead = wish.ahead
    if ahead is not None and not excluded and ahead.is_still_true(taken):
        return _claim_of(taken, ahead.deliveries)
    return attempt_of(connection, taken)


def attempt_of(connection: Connection, request: Row[Any]) -> Claim:
    """Read the attempt at a row of `requests`, with the deliveries that stand as it stands."""
    within = recipients_within(connection, request.dispatch, request.first, request.size)
    return _claim_of(request, within)


def _claim_of(request: Row[Any], carried: Recipients) -> Claim:
    return Claim(
        dispatch=request.dispatch,
        number=request.number,
        attempt=request.attempts,
        variant=request.variant,
        deliveries=carried,
    )


_NEVER_TRIED = select(requests.c.first, requests.c.size, requests.c.variant).where(
    requests.c.dispatch == bindparam("of"),
    requests.c.number == bindparam("at"),
    requests.c.state == _PENDING,
    requests.c.attempts == 0,
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
        requests.c.dispatch,
        requests.c.number,
        requests.c.variant,
        requests.c.first,
        requests.c.size,
        requests.c.shared,
        requests.c.attempts,
    )
)


def _exclude_objecting(
    connection: Connection, dispatch: int, request: Row[Any], now: datetime
) -> int:
    """Exclude whoever was suppressed, opted out or paused since the dispatch was opened.

    Returns:
        How many of them there are.
    """
    ground = connection.execute(_GROUND, {"of": dispatch}).one()
    seen = ground.wishes_seen
    if seen is not None and (ground.newest or 0) <= seen:
        return 0  # nobody wished anything since
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
    return excluded.rowcount


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
