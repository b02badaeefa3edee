"""Letters: single messages that somebody asked for on the public pages.

Each is a dispatch of one delivery, like a proof, so that the ledger knows of it before it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from newsletter.audience.consent import Person, identify
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import members
from newsletter.ledger.schema import MAY_HAVE_IT, deliveries, dispatches, issues

PREFERENCES, SIGN_UP = "preferences-link", "sign-up"
"""The kinds of letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter as the ledger keeps it."""

    kind: str
    """Its slug."""
    person: Person
    values: Mapping[str, str]
    opened: datetime


def find_letter(ledger: Ledger, ref: str, position: int) -> Letter | None:
    """Find the letter that is a delivery of the dispatch `ref`; None where it is no letter."""
    query = (
        select(deliveries, dispatches.c.opened, dispatches.c.audience, issues.c.slug)
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .join(issues, issues.c.id == deliveries.c.issue)
        .where(dispatches.c.ref == ref, deliveries.c.position == position)
    )
    with ledger.read() as connection:
        row = connection.execute(query).first()
    if row is None or "letter" not in row.audience or row.address_key is None:
        return None
    return Letter(
        kind=row.slug,
        person=identify(row.address_key, row.member_id),
        values=row.slot_values,
        opened=datetime.fromisoformat(row.opened),
    )


def letters_since(
    ledger: Ledger, kinds: tuple[str, ...], address_key: str, since: datetime
) -> tuple[datetime, ...]:
    """Tell when letters of these kinds were made for an address, oldest first."""
    ids = select(issues.c.id).where(issues.c.slug.in_(kinds))
    # The words of a partial index, to the letter: it finds an address without a walk.
    query = (
        select(dispatches.c.opened)
        .join(deliveries, deliveries.c.dispatch == dispatches.c.id)
        .where(
            deliveries.c.issue.in_(ids),
            deliveries.c.copy.is_(None),
            deliveries.c.address_key == address_key,
            MAY_HAVE_IT,
            dispatches.c.opened >= since.isoformat(timespec="seconds"),
        )
        .order_by(dispatches.c.opened)
    )
    with ledger.read() as connection:
        return tuple(datetime.fromisoformat(each) for each in connection.scalars(query))


def listed_at(ledger: Ledger, address_key: str) -> Person | None:
    """Tell who of the list has this address; without an id where several members share it."""
    query = select(members.c.member_id).where(members.c.address_key == address_key).limit(2)
    with ledger.read() as connection:
        ids = list(connection.scalars(query))
    if not ids:
        return None
    return identify(address_key, ids[0]) if len(ids) == 1 else Person(address_key)
