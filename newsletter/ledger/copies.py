"""What one member got in one dispatch, as the ledger keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One member's delivery of a dispatch, with what filled its slots."""

    delivery: int
    address: str
    name: str
    variant: str
    values: Mapping[str, str]


def copies_to(ledger: Ledger, dispatch: int, address_key: str) -> tuple[Copy, ...]:
    """List the deliveries of a dispatch to one address, without the excluded."""
    query = select(deliveries).where(
        deliveries.c.dispatch == dispatch,
        deliveries.c.address_key == address_key,
        deliveries.c.variant.is_not(None),
        deliveries.c.reason.is_(None),
    )
    with ledger.read() as connection:
        return tuple(
            Copy(
                delivery=row.position,
                address=row.address,
                name=row.name,
                variant=row.variant,
                values=row.slot_values,
            )
            for row in connection.execute(query.order_by(deliveries.c.position))
        )
