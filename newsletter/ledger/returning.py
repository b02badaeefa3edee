"""Whose delivery a message that came back is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, select

from newsletter.errors import Refused
from newsletter.feedback.clues import Clues
from newsletter.feedback.event import Event
from newsletter.feedback.ours import Ours
from newsletter.feedback.returned import Report, Returned
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries, dispatches
from newsletter.message.state import DeliveryState

_LOOKED_BACK = timedelta(days=30)
"""How old a dispatch may be whose delivery is known by the address alone."""

Opening = Callable[[str], tuple[str, int]]
"""Reads a token of ours: the dispatch and the delivery; raises `Refused` where it is forged."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """What became of the reports of one message."""

    events: tuple[Event, ...]
    lost: tuple[Report, ...]
    """About nobody whom we wrote to."""


def trace(ledger: Ledger, returned: Returned, opening: Opening) -> Tracing:
    """Find the deliveries that a message is about.

    A signed link is proof. A Message-ID or Feedback-ID, which anybody may write, counts only with
    the address that we wrote to; the address alone leads to the last dispatch to it.

    Raises:
        LedgerError: it could not be read.
    """
    found: list[Event] = []
    lost: list[Report] = []
    with ledger.read() as connection:
        signed = _signed(returned.clues, opening)
        for report in returned.reports:
            ours = _find(connection, report, returned, signed)
            if ours is None:
                lost.append(report)
            else:
                found.append(_event(report, ours))
    return Tracing(tuple(found), tuple(lost))


def _find(
    connection: Connection, report: Report, returned: Returned, signed: Ours | None
) -> Ours | None:
    if signed is not None and len(returned.reports) == 1:
        return signed if _address_of(connection, signed) else None
    clues = returned.clues
    addresses = tuple(dict.fromkeys((*report.addresses, *clues.written_to)))
    for known in filter(None, (signed, clues.message_id)):
        if _address_of(connection, known) in addresses:
            return known
    if clues.dispatch:
        of_dispatch = dispatches.c.ref == clues.dispatch
        return _last(connection, report.addresses, of_dispatch)
    first = (report.at - _LOOKED_BACK).isoformat(timespec="seconds")
    last = (report.at + timedelta(days=1)).isoformat(timespec="seconds")
    return _last(connection, report.addresses, dispatches.c.opened.between(first, last))


def _signed(clues: Clues, opening: Opening) -> Ours | None:
    for token in clues.tokens:
        try:
            return Ours(*opening(token))
        except Refused:
            continue
    return None


def _address_of(connection: Connection, ours: Ours) -> str | None:
    query = (
        select(deliveries.c.address_key)
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .where(dispatches.c.ref == ours.dispatch, deliveries.c.position == ours.delivery)
    )
    return connection.scalar(query)


def _last(
    connection: Connection, addresses: Sequence[str], which: ColumnElement[bool]
) -> Ours | None:
    """Find the newest delivery to one of the addresses."""
    query = (
        select(dispatches.c.ref, deliveries.c.position)
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .where(
            which,
            deliveries.c.address_key.in_(addresses),
            deliveries.c.state.is_distinct_from(DeliveryState.EXCLUDED.value),
        )
        .order_by(dispatches.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return Ours(row.ref, row.position) if row else None


def _event(report: Report, ours: Ours) -> Event:
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=report.kind,
        at=report.at,
        reason=report.reason,
        note=report.note,
    )
