"""Erasing somebody who asks for it, and never taking them in again.

What stays is a keyed hash of their address and id. The key lives in the ledger alone, so the hash
tells whether somebody new is the one who left, and does not tell who that was.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import blake2b

from sqlalchemy import Connection, delete, insert, select, update

from newsletter.audience.consent import Act, Circumstance, identify
from newsletter.audience.exclusion import Exclusion, SuppressionReason
from newsletter.ledger.database import Ledger
from newsletter.ledger.feedback_tables import soft_bounces
from newsletter.ledger.metadata import meta
from newsletter.ledger.people import (
    consents,
    forgotten,
    members,
    opt_outs,
    preferences,
    sign_ups,
    suppressions,
    wishes,
)
from newsletter.ledger.schema import deliveries, requests
from newsletter.ledger.states import is_in, recount, standing_of
from newsletter.message.state import DeliveryState, RequestState

_KEY = "forgetting_key"


@dataclass(frozen=True, slots=True)
class Marks:
    """The hashes of those who are forgotten."""

    key: bytes = field(repr=False)
    known: frozenset[str]

    def has(self, address_key: str | None, member_id: str) -> bool:
        """Tell whether this is somebody who asked to be forgotten."""
        if not self.known:
            return False
        return any(mark in self.known for mark in marks_of(self.key, address_key, member_id))


def marks_of(key: bytes, address_key: str | None, member_id: str) -> tuple[str, ...]:
    """Make the marks of somebody: of the address, and of the association's own id."""
    person = identify(address_key or "", member_id)
    found = [f"address {person.address_key}"] if person.address_key else []
    if person.member_id:
        found.append(f"member {person.member_id}")
    return tuple(blake2b(each.encode(), key=key, digest_size=16).hexdigest() for each in found)


def read_marks(connection: Connection) -> Marks:
    """Read who is forgotten."""
    known = frozenset(connection.scalars(select(forgotten.c.mark)))
    return Marks(_key(connection) if known else b"", known)


def forget(ledger: Ledger, address_key: str, how: Circumstance) -> bool:
    """Erase somebody everywhere in the ledger; tell whether anything of them was there.

    What was sent stays counted, under no name. What is still to be sent to them is not sent.

    Raises:
        LedgerError: it could not be written; then nothing of it is.
    """
    with ledger.write() as connection:
        key = _key(connection)
        ids = _ids(connection, address_key)
        marks = dict.fromkeys(
            mark for each in ("", *ids) for mark in marks_of(key, address_key, each)
        )
        known = set(connection.scalars(select(forgotten.c.mark)))
        since = how.at.isoformat(timespec="seconds")
        new = [{"mark": mark, "since": since} for mark in marks if mark not in known]
        if new:
            connection.execute(insert(forgotten), new)
        nameless = f"#{next(iter(marks))}"
        found = _erase(connection, address_key, nameless)
        if found or new:
            connection.execute(
                insert(consents).values(
                    address_key=nameless,
                    act=Act.FORGET.value,
                    source=how.source,
                    words=how.words,
                    at=since,
                )
            )
        return found > 0


def take_back(connection: Connection, address_key: str) -> None:
    """Know somebody again, because they signed up themselves."""
    marks = marks_of(_key(connection), address_key, "")
    connection.execute(delete(forgotten).where(forgotten.c.mark.in_(marks)))


def _ids(connection: Connection, address_key: str) -> list[str]:
    of_list = select(members.c.member_id).where(members.c.address_key == address_key)
    of_past = select(deliveries.c.member_id).where(deliveries.c.address_key == address_key)
    return sorted(set(connection.scalars(of_list.union(of_past))))


def _erase(connection: Connection, address_key: str, nameless: str) -> int:
    """Take the name from every row; tell how many there were."""
    is_theirs = deliveries.c.address_key == address_key
    pending = update(deliveries).where(is_theirs, standing_of() == DeliveryState.PENDING.value)
    connection.execute(
        pending.values(
            state=DeliveryState.EXCLUDED.value,
            reason=Exclusion.SUPPRESSED.value,
            note=SuppressionReason.FORGOTTEN.value,
        )
    )
    theirs = select(deliveries.c.position).where(is_in(), is_theirs).correlate(requests).exists()
    recount(connection, requests.c.state == RequestState.PENDING.value, theirs)
    statements = (
        update(members)
        .where(members.c.address_key == address_key)
        .values(
            member_id=nameless,
            address="",
            address_key=None,
            name="",
            fault="",
            bar=SuppressionReason.FORGOTTEN.value,
            attributes={},
        ),
        update(deliveries)
        .where(deliveries.c.address_key == address_key)
        .values(member_id=nameless, address="", address_key=nameless, name="", slot_values={}),
        update(consents)
        .where(consents.c.address_key == address_key)
        .values(address_key=nameless, member_id=""),
        *(
            delete(table).where(table.c.address_key == address_key)
            for table in (suppressions, opt_outs, preferences, sign_ups, wishes, soft_bounces)
        ),
    )
    return sum(connection.execute(statement).rowcount for statement in statements)


def _key(connection: Connection) -> bytes:
    found = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(insert(meta).values(key=_KEY, value=found))
    return bytes.fromhex(found)
