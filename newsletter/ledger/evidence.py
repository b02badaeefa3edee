"""What is known of unsure deliveries after all, by a trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries, requests
from newsletter.ledger.states import is_in, lock, recount, standing_of
from newsletter.ledger.unsure import accept_on_evidence
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Evidence


@dataclass(frozen=True, slots=True)
class Unsure:
    """The unsure deliveries of a dispatch, for a provider to be asked about."""

    addresses: Mapping[int, str]
    """Where each was to go, by its number."""
    since: datetime | None
    """When the first attempt at a request of the dispatch was made; None where there was none."""


def unsure_of(ledger: Ledger, dispatch: int) -> Unsure:
    """List the unsure deliveries of a dispatch."""
    query = select(deliveries.c.position, deliveries.c.address).where(
        deliveries.c.dispatch == dispatch, standing_of() == DeliveryState.UNSURE.value
    )
    first = select(func.min(requests.c.begun)).where(requests.c.dispatch == dispatch)
    with ledger.read() as connection:
        addresses = {row.position: row.address for row in connection.execute(query)}
        begun = connection.scalar(first)
    return Unsure(addresses, datetime.fromisoformat(begun) if begun else None)


def settle_by(ledger: Ledger, dispatch: int, found: Iterable[Evidence]) -> int:
    """Settle unsure deliveries by what their provider knows of them; return how many.

    Only what was accepted or rejected is settled here. What a provider has not heard of stays
    unsure: it may not have heard of it yet.
    """
    moved = 0
    with ledger.write() as connection:
        lock(connection, requests.c.dispatch == dispatch)
        for evidence in found:
            outcome, here = evidence.outcome, deliveries.c.position == evidence.delivery
            if outcome.state is DeliveryState.ACCEPTED:
                moved += accept_on_evidence(
                    connection, dispatch, [evidence.delivery], outcome.reference
                )
            elif outcome.state is DeliveryState.REJECTED:
                rejected = connection.execute(
                    update(deliveries)
                    .where(
                        deliveries.c.dispatch == dispatch,
                        here,
                        standing_of() == DeliveryState.UNSURE.value,
                    )
                    .values(state=outcome.state.value, note=outcome.note)
                )
                moved += rejected.rowcount
                holds = select(deliveries.c.position).where(is_in(), here).correlate(requests)
                recount(connection, requests.c.dispatch == dispatch, holds.exists())
    return moved
