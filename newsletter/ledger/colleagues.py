"""The staff who use the desk, and what they are for the society."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from newsletter.address import EmailAddress, parse_address
from newsletter.errors import Refused
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import Entry, note
from newsletter.ledger.roles import Right, Role, rights_of
from newsletter.ledger.staff_tables import colleagues, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One of the staff."""

    number: int
    name: str
    address: EmailAddress
    roles: tuple[Role, ...]
    password: str = field(repr=False)
    """Its hash; empty where they have none."""
    since: dt.datetime

    @property
    def rights(self) -> frozenset[Right]:
        """Tell what they may do."""
        return rights_of(self.roles)


def colleagues_of(ledger: Ledger) -> tuple[Colleague, ...]:
    """List the staff by name."""
    query = select(colleagues).where(colleagues.c.gone.is_(None)).order_by(colleagues.c.name)
    with ledger.read() as connection:
        return tuple(_colleague(row) for row in connection.execute(query).all())


def count_colleagues(ledger: Ledger) -> int:
    """Tell how many there are."""
    query = select(func.count()).select_from(colleagues).where(colleagues.c.gone.is_(None))
    with ledger.read() as connection:
        return connection.scalar(query) or 0


def find_colleague(
    ledger: Ledger, *, key: str = "", number: int = 0, subject: str = ""
) -> Colleague | None:
    """Find one by the key of their address, their number or their subject; None if gone."""
    query = select(colleagues).where(colleagues.c.gone.is_(None))
    if key:
        query = query.where(colleagues.c.address_key == key)
    elif subject:
        query = query.where(colleagues.c.subject == subject)
    else:
        query = query.where(colleagues.c.id == number)
    with ledger.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else _colleague(row)


def add_colleague(
    ledger: Ledger, address: EmailAddress, name: str, roles: Iterable[Role], by: Author
) -> Colleague:
    """Take somebody on; whoever was taken off before comes back with new roles and no password.

    Raises:
        Refused: there is somebody with this address.
    """
    given = _listed(roles)
    with ledger.write() as connection:
        known = connection.execute(
            select(colleagues).where(colleagues.c.address_key == address.key)
        ).first()
        if known is not None and known.gone is None:
            raise Refused(
                f"{known.name} has this address", hint="change their roles: newsletter people role"
            )
        values = {
            "address": address.wire,
            "address_key": address.key,
            "name": name.strip() or address.wire.partition("@")[0],
            "roles": given,
            "password": "",
            "subject": None,
            "since": by.at.isoformat(timespec="seconds"),
            "gone": None,
        }
        if known is None:
            connection.execute(insert(colleagues).values(**values))
        else:
            connection.execute(
                update(colleagues).where(colleagues.c.id == known.id).values(**values)
            )
        _note(connection, by, "added", address.wire, ", ".join(given))
        row = connection.execute(
            select(colleagues).where(colleagues.c.address_key == address.key)
        ).one()
    return _colleague(row)


def give_roles(ledger: Ledger, who: Colleague, roles: Iterable[Role], by: Author) -> None:
    """Let somebody be something else from now on.

    Raises:
        Refused: nobody would be left to manage people.
    """
    given = _listed(roles)
    with ledger.write() as connection:
        _set(connection, who, roles=given)
        _check_admin(connection)
        _note(connection, by, "changed the roles of", who.address.wire, ", ".join(given))


def take_off(ledger: Ledger, who: Colleague, by: Author) -> None:
    """Let somebody in no more; wherever they are signed in, they are out.

    Raises:
        Refused: nobody would be left to manage people.
    """
    with ledger.write() as connection:
        _set(connection, who, gone=by.at.isoformat(timespec="seconds"), subject=None, password="")
        connection.execute(delete(sessions).where(sessions.c.colleague == who.number))
        _check_admin(connection, unless_empty=True)
        _note(connection, by, "removed", who.address.wire)


def set_password(ledger: Ledger, who: Colleague, hashed: str, by: Author) -> None:
    """Give somebody a password; wherever they are signed in, they have to sign in anew."""
    with ledger.write() as connection:
        _set(connection, who, password=hashed)
        connection.execute(delete(sessions).where(sessions.c.colleague == who.number))
        _note(connection, by, "set the password of", who.address.wire)


def bind_subject(ledger: Ledger, who: Colleague, subject: str, by: Author) -> None:
    """Remember by which subject of OpenID Connect somebody signs in."""
    with ledger.write() as connection:
        _set(connection, who, subject=subject)
        _note(connection, by, "bound a sign-in to", who.address.wire)


def _listed(roles: Iterable[Role]) -> Sequence[str]:
    given = frozenset(roles)
    if not given:
        raise Refused("somebody without a role could not even look", hint="give them a role")
    return [role.value for role in Role if role in given]


def _set(connection: Connection, who: Colleague, **values: object) -> None:
    connection.execute(update(colleagues).where(colleagues.c.id == who.number).values(**values))


def _check_admin(connection: Connection, *, unless_empty: bool = False) -> None:
    query = select(colleagues.c.roles).where(colleagues.c.gone.is_(None))
    all_roles = connection.execute(query).scalars().all()
    if not any(Role.ADMIN.value in roles for roles in all_roles) and (
        all_roles or not unless_empty
    ):
        raise Refused(
            "nobody would be left who may manage people", hint="make somebody else an admin first"
        )


def _note(connection: Connection, by: Author, act: str, address: str, details: str = "") -> None:
    note(connection, Entry(at=by.at, who=by.name, act=act, about=address, details=details))


def _colleague(row: Row[Any]) -> Colleague:
    return Colleague(
        number=row.id,
        name=row.name,
        address=parse_address(row.address),
        roles=tuple(Role(role) for role in row.roles),
        password=row.password,
        since=dt.datetime.fromisoformat(row.since),
    )
