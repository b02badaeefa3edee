"""Opening a dispatch: everything it needs is frozen in one transaction, all of it or nothing."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, insert, literal, null, select, text, update

from newsletter.compose.compiled import CompiledIssue, documents_to_json
from newsletter.errors import Refused
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch, read_dispatch
from newsletter.ledger.people import wishes
from newsletter.ledger.schema import contents, deliveries, dispatches, issues, requests
from newsletter.ledger.selection import Choice, selected, whole
from newsletter.ledger.standing import Ground
from newsletter.message.batch import Recipient
from newsletter.message.state import DeliveryState, RequestState


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


@dataclass(frozen=True, slots=True)
class Kind:
    """What a dispatch is."""

    name: str
    """`issue`, or `proof` for a test message."""
    ground: Ground
    copy: int | None = None


def open_dispatch(ledger: Ledger, opening: Opening, choice: Choice, *, expected: int) -> Dispatch:
    """Write a dispatch to everybody `choice` selects, all of it or nothing.

    `expected` is the number of recipients that somebody confirmed.

    Raises:
        Refused: the audience has another number by now.
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        seen = _wishes_seen(connection)
        issue = _issue_id(connection, choice.slug)
        copy = _next_copy(connection, issue) if choice.again else 0
        dispatch = _insert_dispatch(connection, opening, Kind("issue", choice.ground, copy), issue)
        _insert_deliveries(connection, choice, dispatch=dispatch, issue=issue, copy=copy)
        found = _insert_requests(connection, dispatch, opening.batch_size)
        if found != expected:
            raise Refused(
                f"the audience has {found} recipients now, not {expected}",
                hint="look at the dry run again",
            )
        connection.execute(
            update(dispatches).where(dispatches.c.id == dispatch).values(wishes_seen=seen)
        )
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
    (variant,) = opening.compiled.documents
    with ledger.write() as connection:
        issue = _issue_id(connection, slug)
        dispatch = _insert_dispatch(
            connection, opening, Kind("proof", Ground(is_notice=True)), issue
        )
        connection.execute(
            insert(deliveries).values(
                dispatch=dispatch,
                position=0,
                issue=issue,
                member_id=member_id,
                address=recipient.address.wire,
                address_key=recipient.address.key,
                name=recipient.name,
                variant=variant,
                slot_values=dict(recipient.values),
            )
        )
        _insert_requests(connection, dispatch, opening.batch_size)
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
    "state",
    "reason",
    "note",
)


def _insert_deliveries(
    connection: Connection, choice: Choice, *, dispatch: int, issue: int, copy: int
) -> None:
    chosen = whole(connection, choice, selected(choice)).cte("whole")
    is_recipient = chosen.c.reason.is_(None)
    order = (is_recipient.desc(), chosen.c.variant, chosen.c.line)
    rows = select(
        literal(dispatch),
        (func.row_number().over(order_by=order) - 1),
        literal(issue),
        literal(copy),
        chosen.c.member_id,
        chosen.c.address,
        chosen.c.address_key,
        chosen.c.name,
        chosen.c.variant,
        chosen.c.slot_values,
        case((is_recipient, null()), else_=DeliveryState.EXCLUDED.value),
        chosen.c.reason,
        chosen.c.note,
    )
    connection.execute(insert(deliveries).from_select(_COPIED, rows))


def _insert_requests(connection: Connection, dispatch: int, batch_size: int) -> int:
    """Cut the recipients into requests, none across two variants; return how many recipients."""
    mine = deliveries.c.dispatch == dispatch
    listed = connection.scalar(select(func.count()).select_from(deliveries).where(mine))
    found = connection.execute(
        select(deliveries.c.variant, func.min(deliveries.c.position), func.count())
        .where(mine, deliveries.c.state.is_(None))
        .group_by(deliveries.c.variant)
        .order_by(func.min(deliveries.c.position))
    )
    runs = [(str(variant), int(first), int(count)) for variant, first, count in found]
    rows = [
        {"dispatch": dispatch, "number": number, "state": RequestState.PENDING.value, **piece}
        for number, piece in enumerate(_pieces(runs, batch_size), 1)
    ]
    if rows:
        connection.execute(insert(requests), rows)
    count = sum(count for _variant, _first, count in runs)
    connection.execute(
        update(dispatches)
        .where(dispatches.c.id == dispatch)
        .values(listed=listed, recipients=count)
    )
    return count


def _pieces(runs: Iterable[tuple[str, int, int]], batch_size: int) -> Iterator[dict[str, object]]:
    for variant, first, count in runs:
        for start in range(0, count, batch_size):
            size = min(batch_size, count - start)
            yield {"variant": variant, "first": first + start, "size": size, "shared": size}
