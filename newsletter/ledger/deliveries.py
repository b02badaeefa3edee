"""Attempts in the ledger: claimed before the provider is called, settled after.

Every move is made only from the state it may be made from; where the database counts another
number of rows than it must, nothing is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.errors import LedgerError
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries, dispatches, requests
from newsletter.ledger.standing import Ground, any_of, objections
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
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


def pending_requests(ledger: Ledger, dispatch: int) -> tuple[int, ...]:
    """List the numbers of the requests that still have something to send."""
    query = (
        select(requests.c.number)
        .where(requests.c.dispatch == dispatch, requests.c.state == "pending")
        .order_by(requests.c.number)
    )
    with ledger.read() as connection:
        return tuple(connection.scalars(query))


def claim(ledger: Ledger, dispatch: int, number: int, now: datetime) -> Claim | None:
    """Commit an attempt at a pending request; None where somebody else has it.

    Whoever was suppressed, opted out or paused since the dispatch was opened is excluded here.

    Raises:
        LedgerError: it could not be written, so nothing of it may be sent.
    """
    with ledger.write() as connection:
        taken = connection.execute(
            update(requests)
            .where(_is(dispatch, number), requests.c.state == "pending")
            .values(
                state="sending",
                attempts=requests.c.attempts + 1,
                begun=now.isoformat(timespec="milliseconds"),
            )
        )
        if taken.rowcount != 1:
            return None
        request = connection.execute(select(requests).where(_is(dispatch, number))).one()
        mine = _run(dispatch, request.first, request.size)
        _exclude_objecting(connection, mine, _ground_of(connection, dispatch, now))
        connection.execute(
            update(deliveries)
            .where(mine, deliveries.c.state == DeliveryState.PENDING.value)
            .values(state=DeliveryState.SENDING.value)
        )
        rows = connection.execute(
            select(
                deliveries.c.position,
                deliveries.c.address,
                deliveries.c.name,
                deliveries.c.slot_values.label("values"),
            )
            .where(mine, deliveries.c.state == DeliveryState.SENDING.value)
            .order_by(deliveries.c.position)
        )
        return Claim(
            dispatch=dispatch,
            number=number,
            attempt=request.attempts,
            variant=request.variant,
            deliveries=tuple(
                Claimed(position=position, address=address, name=name, values=values)
                for position, address, name, values in rows
            ),
        )


def settle(ledger: Ledger, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    """Write what became of a claim: one outcome a delivery, in their order.

    A request with deliveries that were surely not sent is pending again.

    Raises:
        LedgerError: it could not be written, or the deliveries are not this claim's any more.
    """
    by_outcome: dict[Outcome, list[int]] = {}
    for delivery, outcome in zip(claim.deliveries, outcomes, strict=True):
        by_outcome.setdefault(outcome, []).append(delivery.position)
    is_pending = any(outcome.state is DeliveryState.PENDING for outcome in by_outcome)
    with ledger.write() as connection:
        for outcome, positions in by_outcome.items():
            _move(connection, claim.dispatch, positions, outcome)
        ended = connection.execute(
            update(requests)
            .where(
                _is(claim.dispatch, claim.number),
                requests.c.state == "sending",
                requests.c.attempts == claim.attempt,
            )
            .values(state="pending" if is_pending else "settled")
        )
        _must_be(1, ended.rowcount)


def split(ledger: Ledger, claim: Claim) -> tuple[int, int]:
    """Cut a refused request in two, both pending, to find the delivery that is refused.

    Returns:
        The numbers of the two requests.
    """
    with ledger.write() as connection:
        request = connection.execute(
            select(requests).where(_is(claim.dispatch, claim.number))
        ).one()
        positions = [delivery.position for delivery in claim.deliveries]
        _move(connection, claim.dispatch, positions, Outcome(DeliveryState.PENDING))
        middle = positions[len(positions) // 2]
        last = connection.scalar(
            select(func.max(requests.c.number)).where(requests.c.dispatch == claim.dispatch)
        )
        new = int(last or 0) + 1
        connection.execute(
            insert(requests).values(
                dispatch=claim.dispatch,
                number=new,
                variant=request.variant,
                first=middle,
                size=request.first + request.size - middle,
                state="pending",
            )
        )
        halved = connection.execute(
            update(requests)
            .where(
                _is(claim.dispatch, claim.number),
                requests.c.state == "sending",
                requests.c.attempts == claim.attempt,
            )
            .values(state="pending", size=middle - request.first)
        )
        _must_be(1, halved.rowcount)
    return claim.number, new


def _move(
    connection: Connection, dispatch: int, positions: Sequence[int], outcome: Outcome
) -> None:
    values = {
        "state": outcome.state.value,
        "note": outcome.note,
        "reference": outcome.reference,
    }
    moved = 0
    for first, last in _runs(positions):
        moved += connection.execute(
            update(deliveries)
            .where(
                deliveries.c.dispatch == dispatch,
                deliveries.c.position.between(bindparam("first"), bindparam("last")),
                deliveries.c.state == DeliveryState.SENDING.value,
            )
            .values(values),
            {"first": first, "last": last},
        ).rowcount
    _must_be(len(positions), moved)


def _runs(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Join neighbouring positions into runs of first and last."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1] = (runs[-1][0], position)
        else:
            runs.append((position, position))
    return runs


def _must_be(expected: int, found: int) -> None:
    if found != expected:
        raise LedgerError(
            f"the ledger moved {found} rows where {expected} were to be moved",
            hint="look at `newsletter status`; another run may have taken the dispatch over",
        )


def _exclude_objecting(connection: Connection, mine: ColumnElement[bool], ground: Ground) -> None:
    found = objections(deliveries, ground)
    connection.execute(
        update(deliveries)
        .where(mine, deliveries.c.state == DeliveryState.PENDING.value, any_of(found))
        .values(
            state=DeliveryState.EXCLUDED.value,
            reason=case(*((each.is_raised, each.exclusion.value) for each in found)),
            note=case(*((each.is_raised, each.note) for each in found)),
        )
    )


def _ground_of(connection: Connection, dispatch: int, now: datetime) -> Ground:
    row = connection.execute(
        select(dispatches.c.topic, dispatches.c.is_notice).where(dispatches.c.id == dispatch)
    ).one()
    return Ground(topic=row.topic, is_notice=row.is_notice, today=now.date())


def _is(dispatch: int, number: int) -> ColumnElement[bool]:
    return (requests.c.dispatch == dispatch) & (requests.c.number == number)


def _run(dispatch: int, first: int, size: int) -> ColumnElement[bool]:
    return (deliveries.c.dispatch == dispatch) & deliveries.c.position.between(
        first, first + size - 1
    )
