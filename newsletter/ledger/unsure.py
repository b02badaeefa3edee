"""Deliveries that nobody can know about: how they come to be, and how a person settles them."""

from sqlalchemy import Connection, select, update

from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries, requests
from newsletter.message.state import DeliveryState


def recover(ledger: Ledger, dispatch: int) -> int:
    """Declare unsure what a run that died left under way; return how many deliveries.

    Only for the one who holds the dispatch's lock: nobody else may be sending it.
    """
    note = "the program stopped while this was on its way"
    with ledger.write() as connection:
        found = connection.execute(
            update(deliveries)
            .where(
                deliveries.c.dispatch == dispatch,
                deliveries.c.state == DeliveryState.SENDING.value,
            )
            .values(state=DeliveryState.UNSURE.value, note=note)
        )
        connection.execute(
            update(requests)
            .where(requests.c.dispatch == dispatch, requests.c.state == "sending")
            .values(state="settled")
        )
        return found.rowcount


def assume_sent(ledger: Ledger, dispatch: int) -> int:
    """Count the unsure deliveries as accepted because a person says so; return how many."""
    with ledger.write() as connection:
        return _settle_unsure(connection, dispatch, DeliveryState.ACCEPTED, "assumed to be sent")


def send_unsure_again(ledger: Ledger, dispatch: int) -> int:
    """Make the unsure deliveries pending because a person says so; return how many."""
    with ledger.write() as connection:
        unsure = (
            select(deliveries.c.position)
            .where(
                deliveries.c.dispatch == dispatch,
                deliveries.c.state == DeliveryState.UNSURE.value,
            )
            .order_by(deliveries.c.position)
        )
        holds_unsure = (
            unsure.where(
                deliveries.c.position >= requests.c.first,
                deliveries.c.position < requests.c.first + requests.c.size,
            )
            .correlate(requests)
            .exists()
        )
        connection.execute(
            update(requests)
            .where(requests.c.dispatch == dispatch, holds_unsure)
            .values(state="pending")
        )
        return _settle_unsure(connection, dispatch, DeliveryState.PENDING, "to be sent again")


def _settle_unsure(connection: Connection, dispatch: int, state: DeliveryState, note: str) -> int:
    moved = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.dispatch == dispatch,
            deliveries.c.state == DeliveryState.UNSURE.value,
        )
        .values(state=state.value, note=note)
    )
    return moved.rowcount
