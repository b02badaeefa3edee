"""Opening a dispatch: everything it needs is frozen in one transaction, all of it or nothing."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    case,
    func,
    insert,
    literal,
    null,
    select,
    text,
    update,
)

from newsletter.compose.compiled import CompiledIssue, documents_to_json
from newsletter.errors import Refused
from newsletter.ledger.cutting import cut_requests
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch, read_dispatch
from newsletter.ledger.items import check_told, keep_items
from newsletter.ledger.people import wishes
from newsletter.ledger.schema import contents, deliveries, dispatches, issues
from newsletter.ledger.selection import Choice, selected, whole
from newsletter.ledger.standing import Ground
from newsletter.ledger.terms import Hours, Terms, due_of, seconds_of
from newsletter.message.batch import Recipient
from newsletter.message.mark import Mark
from newsletter.message.state import DeliveryState

Then = Callable[[Connection, int], None]
"""Does something in the transaction that opens the dispatch of this number."""
Before = Callable[[Connection], None]
"""Looks at the beginning of that transaction whether it may go on."""


def alone(_connection: Connection, _dispatch: int) -> None:
    """Do nothing else: whoever opens the dispatch sends it."""


def unguarded(_connection: Connection) -> None:
    """Let everything be opened."""


def both(first: Then, second: Then) -> Then:
    """Do `first`, then `second`."""

    def then(connection: Connection, dispatch: int) -> None:
        first(connection, dispatch)
        second(connection, dispatch)

    return then


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a dispatch is opened with."""

    compiled: CompiledIssue
    envelope: Mapping[str, object]
    """What `Envelope` needs, as JSON values; kept so that a resumed message is the same message."""
    ref: str
    """A fresh random name for the outside, 16 hex digits."""
    provider: str
    batch_size: int
    audience: Mapping[str, object]
    """The names of the segments, to find the dispatch again."""
    now: datetime
    terms: Terms = field(default_factory=Terms)
    before: Before = unguarded
    """Looks at the beginning of that transaction whether it may be opened at all."""
    then: Then = alone
    """Does in the same transaction what belongs to the opening of the dispatch of this number."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a dispatch is."""

    name: str
    """`issue`, or `proof` for a test message."""
    ground: Ground
    copy: int | None = None


def open_dispatch(
    ledger: Ledger, opening: Opening, choice: Choice, *, expected: int, audience: str = ""
) -> Dispatch:
    """Write a dispatch to everybody `choice` selects, all of it or nothing.

    `expected` is the number of recipients that somebody confirmed; `audience` the mark of those
    whom somebody approved, if somebody did.

    Raises:
        Refused: the audience is another one by now.
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        opening.before(connection)
        seen = _wishes_seen(connection)
        check_told(connection, choice.told, but=choice.slug)
        issue = _issue_id(connection, choice.slug)
        copy = _next_copy(connection, issue) if choice.again else 0
        dispatch = _insert_dispatch(connection, opening, Kind("issue", choice.ground, copy), issue)
        place = _Place(dispatch=dispatch, issue=issue, copy=copy, hours=opening.terms.hours)
        _insert_deliveries(connection, choice, place)
        found = cut_requests(connection, dispatch, opening.batch_size)
        if found != expected:
            raise Refused(
                f"the audience has {found} recipients now, not {expected}",
                hint="look at the dry run again",
            )
        if audience and mark_of(connection, dispatch) != audience:
            raise Refused(
                "the audience changed since it was approved, though not in number",
                hint="look at the dry run again, and have it approved again",
            )
        connection.execute(
            update(dispatches).where(dispatches.c.id == dispatch).values(wishes_seen=seen)
        )
        opening.then(connection, dispatch)
        return read_dispatch(connection, dispatch)


def _wishes_seen(connection: Connection) -> int:
    """Tell the last wish that the selection will know of; nobody writes another until the end."""
    if connection.dialect.name == "postgresql":
        # Numbers are given before commits: without this, an earlier one could still come.
        connection.execute(text("LOCK TABLE wishes IN SHARE MODE"))
    return connection.scalar(select(func.max(wishes.c.id))) or 0


def open_proof(
    ledger: Ledger, opening: Opening, slug: str, recipient: Recipient, *, member_id: str = "proof"
) -> Dispatch:
    """Write a dispatch of one message, which counts for nobody's having got the issue.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        return open_proof_in(connection, opening, slug, Proofed(recipient, member_id))


class Proofed(NamedTuple):
    """Who gets a proof or a letter."""

    recipient: Recipient
    member_id: str = "proof"


def open_proof_in(connection: Connection, opening: Opening, slug: str, who: Proofed) -> Dispatch:
    """Do the same within a transaction."""
    (variant,) = opening.compiled.documents
    recipient = who.recipient
    issue = _issue_id(connection, slug)
    dispatch = _insert_dispatch(connection, opening, Kind("proof", Ground(is_notice=True)), issue)
    connection.execute(
        insert(deliveries).values(
            dispatch=dispatch,
            position=0,
            issue=issue,
            member_id=who.member_id,
            address=recipient.address.wire,
            address_key=recipient.address.key,
            name=recipient.name,
            variant=variant,
            slot_values=dict(recipient.values),
        )
    )
    cut_requests(connection, dispatch, opening.batch_size)
    return read_dispatch(connection, dispatch)


def _issue_id(connection: Connection, slug: str) -> int:
    known = connection.scalar(select(issues.c.id).where(issues.c.slug == slug))
    if known is not None:
        return int(known)
    new = insert(issues).values(slug=slug).returning(issues.c.id)
    return int(connection.execute(new).scalar_one())


def _next_copy(connection: Connection, issue: int) -> int:
    highest = connection.scalar(
        select(func.max(dispatches.c.copy)).where(dispatches.c.issue == issue)
    )
    return 0 if highest is None else int(highest) + 1


def _insert_dispatch(connection: Connection, opening: Opening, kind: Kind, issue: int) -> int:
    content_hash = opening.compiled.content_hash
    known = select(contents.c.content_hash).where(contents.c.content_hash == content_hash)
    if connection.scalar(known) is None:
        documents = documents_to_json(opening.compiled.documents).encode()
        connection.execute(
            insert(contents).values(
                content_hash=content_hash,
                title=opening.compiled.title,
                documents=zlib.compress(documents),
            )
        )
    keep_items(connection, content_hash, opening.compiled.items, opening.compiled.full)
    new = (
        insert(dispatches)
        .values(
            ref=opening.ref,
            issue=issue,
            kind=kind.name,
            copy=kind.copy,
            topic=kind.ground.topic,
            is_notice=kind.ground.is_notice,
            content_hash=content_hash,
            envelope=opening.envelope,
            provider=opening.provider,
            audience=opening.audience,
            opened=opening.now.isoformat(timespec="seconds"),
            release=seconds_of(opening.terms.release),
            not_after=seconds_of(opening.terms.not_after),
            spread=opening.terms.spread,
            by_workers=opening.terms.by_workers,
            listed=0,
            recipients=0,
        )
        .returning(dispatches.c.id)
    )
    return int(connection.execute(new).scalar_one())


_COPIED = (
    "dispatch",
    "position",
    "issue",
    "copy",
    "member_id",
    "address",
    "address_key",
    "name",
    "variant",
    "slot_values",
    "due",
    "state",
    "reason",
    "note",
)


def mark_of(connection: Connection, dispatch: int) -> str:
    """Give the mark of the recipients of a dispatch, as they are frozen."""
    mark = Mark()
    # An option of the statement: one of the connection would hold for all that follow.
    rows = connection.execute(
        select(deliveries.c.address, deliveries.c.variant, deliveries.c.name)
        .where(deliveries.c.dispatch == dispatch, deliveries.c.reason.is_(None))
        .order_by(deliveries.c.position)
        .execution_options(yield_per=1_000)
    )
    for address, variant, name in rows:
        mark.add(address, variant, name)
    return mark.text()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What all deliveries of a dispatch share."""

    dispatch: int
    issue: int
    copy: int
    hours: Hours | None


def _insert_deliveries(connection: Connection, choice: Choice, place: _Place) -> None:
    chosen = whole(connection, choice, selected(choice)).cte("whole")
    is_recipient = chosen.c.reason.is_(None)
    due = due_of(chosen, place.hours)
    when = (due,) if place.hours else ()
    order = (is_recipient.desc(), *when, chosen.c.variant, chosen.c.line)
    rows = select(
        literal(place.dispatch),
        (func.row_number().over(order_by=order) - 1),
        literal(place.issue),
        literal(place.copy),
        chosen.c.member_id,
        chosen.c.address,
        chosen.c.address_key,
        chosen.c.name,
        chosen.c.variant,
        chosen.c.slot_values,
        due,
        case((is_recipient, null()), else_=DeliveryState.EXCLUDED.value),
        chosen.c.reason,
        chosen.c.note,
    )
    connection.execute(insert(deliveries).from_select(_COPIED, rows))
