"""People who are never mailed, and why."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select
from sqlalchemy.schema import Table
from sqlalchemy.sql.elements import ColumnElement

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import OF_THE_PERSON, SuppressionReason
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import suppressions

OF_THE_PERSON_VALUES = sorted(reason.value for reason in OF_THE_PERSON)
GRAVEST_FIRST = (
    suppressions.c.reason == SuppressionReason.UNSUBSCRIBED.value,
    suppressions.c.reason,
)
"""Which reason is told where there are several: what the member cannot take back."""


def suppress(
    ledger: Ledger, person: Person, reason: SuppressionReason, *, source: str, now: datetime
) -> bool:
    """Never mail them again; tell whether that is new.

    Every reason is kept: somebody who complained and comes back has still complained.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        return write_suppression(connection, person, reason, source=source, now=now)


def write_suppression(
    connection: Connection,
    person: Person,
    reason: SuppressionReason,
    *,
    source: str,
    now: datetime,
) -> bool:
    """Do what `suppress` does, within a transaction."""
    known = select(suppressions.c.reason).where(
        suppressions.c.address_key == person.address_key,
        suppressions.c.member_id == person.member_id,
        suppressions.c.reason == reason.value,
    )
    if connection.scalar(known) is not None:
        return False
    connection.execute(
        insert(suppressions).values(
            address_key=person.address_key,
            member_id=person.member_id,
            reason=reason.value,
            source=source,
            since=now.isoformat(timespec="seconds"),
        )
    )
    return True


def lift_unsubscription(connection: Connection, person: Person) -> bool:
    """Take back an unsubscription because the member asks for it; other reasons stay.

    Tell whether they may be mailed now.
    """
    unsubscribed = suppressions.c.reason == SuppressionReason.UNSUBSCRIBED.value
    connection.execute(delete(suppressions).where(is_of(person, suppressions), unsubscribed))
    return read_suppression(connection, person) is None


def suppression_of(ledger: Ledger, person: Person) -> SuppressionReason | None:
    """Tell why they are never mailed; None where they may be."""
    with ledger.read() as connection:
        return read_suppression(connection, person)


def read_suppression(connection: Connection, person: Person) -> SuppressionReason | None:
    """Do what `suppression_of` does, within a transaction."""
    of_address = suppressions.c.address_key == person.address_key
    query = (
        select(suppressions.c.reason)
        .where(
            is_of(person, suppressions),
            or_(of_address, suppressions.c.reason.in_(OF_THE_PERSON_VALUES)),
        )
        .order_by(*GRAVEST_FIRST)
        .limit(1)
    )
    reason = connection.scalar(query)
    return SuppressionReason(reason) if reason is not None else None


def is_of(person: Person, table: Table) -> ColumnElement[bool]:
    """Find what a table says of a person, by their address or by their id."""
    of_address = table.c.address_key == person.address_key
    return (
        or_(of_address, table.c.member_id == person.member_id) if person.member_id else of_address
    )
