"""Addresses that are never mailed, and why."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import suppressions


def suppress(
    ledger: Ledger, address_key: str, reason: SuppressionReason, *, source: str, now: datetime
) -> bool:
    """Never mail the address again; tell whether that is new.

    The first reason stays: somebody who complained and then unsubscribes has complained.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        known = select(suppressions.c.reason).where(suppressions.c.address_key == address_key)
        if connection.scalar(known) is not None:
            return False
        connection.execute(
            insert(suppressions).values(
                address_key=address_key,
                reason=reason.value,
                source=source,
                since=now.isoformat(timespec="seconds"),
            )
        )
        return True


def allow_again(ledger: Ledger, address_key: str) -> bool:
    """Take back an unsubscription because the member asks for it; other reasons stay.

    Tell whether the address may be mailed now.
    """
    with ledger.write() as connection:
        connection.execute(
            delete(suppressions).where(
                suppressions.c.address_key == address_key,
                suppressions.c.reason == SuppressionReason.UNSUBSCRIBED.value,
            )
        )
        known = select(suppressions.c.reason).where(suppressions.c.address_key == address_key)
        return connection.scalar(known) is None


def suppression_of(ledger: Ledger, address_key: str) -> SuppressionReason | None:
    """Tell why the address is never mailed; None where it may be."""
    query = select(suppressions.c.reason).where(suppressions.c.address_key == address_key)
    with ledger.read() as connection:
        reason = connection.scalar(query)
    return SuppressionReason(reason) if reason is not None else None
