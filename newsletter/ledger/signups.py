"""People who signed up themselves: asked for once, let in when they have proved their address."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from newsletter.address import EmailAddress
from newsletter.audience.consent import Circumstance, Person
from newsletter.ledger.consent import note_opt_in
from newsletter.ledger.database import Ledger
from newsletter.ledger.forgetting import take_back
from newsletter.ledger.people import members, sign_ups
from newsletter.ledger.suppressions import lift_unsubscription
from newsletter.ledger.twins import mark_twins

PROMPTLY = timedelta(days=7)
"""How long a sign-up waits to be confirmed; then it is erased."""


def ask_in(ledger: Ledger, address: EmailAddress, name: str, now: datetime) -> int | None:
    """Keep a sign-up until it is confirmed, and give its number; None where it already is.

    Sign-ups that nobody confirmed in time are erased.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        stale = (now - PROMPTLY).isoformat(timespec="seconds")
        connection.execute(
            delete(sign_ups).where(sign_ups.c.confirmed.is_(None), sign_ups.c.asked < stale)
        )
        mine = sign_ups.c.address_key == address.key
        known = connection.execute(select(sign_ups).where(mine)).first()
        asked = now.isoformat(timespec="seconds")
        if known is None:
            new = (
                insert(sign_ups)
                .values(address=address.wire, address_key=address.key, name=name, asked=asked)
                .returning(sign_ups.c.id)
            )
            return int(connection.execute(new).scalar_one())
        if known.confirmed is not None:
            return None
        connection.execute(update(sign_ups).where(mine).values(name=name, asked=asked))
        return int(known.id)


def let_in(ledger: Ledger, number: int, how: Circumstance) -> Person | None:
    """Confirm the sign-up `number` and make them a member of the list; None where it is gone.

    An earlier unsubscription of theirs ends with it: they ask to be mailed again. Confirming
    twice changes nothing.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        row = connection.execute(select(sign_ups).where(sign_ups.c.id == number)).first()
        stale = (how.at - PROMPTLY).isoformat(timespec="seconds")
        if row is None or (row.confirmed is None and row.asked < stale):
            return None
        person = Person(row.address_key)
        if row.confirmed is None:
            connection.execute(
                update(sign_ups)
                .where(sign_ups.c.id == number)
                .values(confirmed=how.at.isoformat(timespec="seconds"))
            )
            note_opt_in(connection, person, how)
            lift_unsubscription(connection, person)
            take_back(connection, person.address_key)
            add_sign_ups(connection)
        return person


def is_confirmed(ledger: Ledger, number: int) -> bool:
    """Tell whether the sign-up `number` was confirmed already."""
    with ledger.read() as connection:
        query = select(sign_ups.c.confirmed).where(sign_ups.c.id == number)
        return connection.scalar(query) is not None


def add_sign_ups(connection: Connection) -> None:
    """Put those who signed up below the rows of the list, but who is in it already."""
    listed = select(members.c.address_key).where(members.c.address_key.is_not(None))
    missing = connection.execute(
        select(sign_ups)
        .where(sign_ups.c.confirmed.is_not(None), sign_ups.c.address_key.not_in(listed))
        .order_by(sign_ups.c.id)
    )
    last = int(connection.scalar(select(func.max(members.c.line))) or 1)
    rows = [_row(row, line) for line, row in enumerate(missing, last + 1)]
    if rows:
        connection.execute(insert(members), rows)
    mark_twins(connection)


def _row(row: Row[Any], line: int) -> dict[str, object]:
    return {
        "line": line,
        "member_id": f"sign-up {row.id}",
        "address": row.address,
        "address_key": row.address_key,
        "name": row.name,
        "fault": "",
        "bar": None,
        "attributes": {"name": row.name},
    }
