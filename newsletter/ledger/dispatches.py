"""Dispatches in the ledger: opened whole, found again, and balanced."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, insert, literal, select, update

from newsletter.compose.compiled import CompiledIssue, documents_from_json, documents_to_json
from newsletter.errors import Refused
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import contents, deliveries, dispatches, issues, requests
from newsletter.ledger.selection import Choice, selected
from newsletter.message.batch import Recipient
from newsletter.message.frozen import Document
from newsletter.message.state import DeliveryState


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where every listed member of a dispatch stands."""

    listed: int
    excluded: int
    accepted: int
    rejected: int
    unsure: int
    pending: int
    reasons: Mapping[str, int]
    """The excluded, by reason."""

    @property
    def balances(self) -> bool:
        """Tell whether the sum is right, as it always has to be."""
        parts = (self.excluded, self.accepted, self.rejected, self.unsure, self.pending)
        return self.listed == sum(parts)

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing is left to send."""
        return self.pending == 0

    def __str__(self) -> str:
        """Write the invariant out."""
        sign = "=" if self.balances else "≠"
        return (
            f"{self.listed} listed {sign} {self.excluded} excluded + {self.accepted} accepted"
            f" + {self.rejected} rejected + {self.unsure} unsure + {self.pending} pending"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One sending of one issue to one audience through one provider."""

    id: int
    ref: str
    slug: str
    title: str
    kind: str
    """`issue`, or `proof` for a test message."""
    copy: int | None
    content_hash: str
    envelope: Mapping[str, object]
    provider: str
    audience: Mapping[str, object]
    opened: str
    listed: int
    recipients: int


def open_dispatch(ledger: Ledger, opening: Opening, choice: Choice, *, expected: int) -> Dispatch:
    """Write a dispatch to everybody `choice` selects, all of it or nothing.

    `expected` is the number of recipients that somebody confirmed.

    Raises:
        Refused: the audience has another number by now.
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        issue = _issue_id(connection, choice.slug)
        copy = _next_copy(connection, issue) if choice.again else 0
        dispatch = _insert_dispatch(connection, opening, issue=issue, kind="issue", copy=copy)
        _insert_deliveries(connection, choice, dispatch=dispatch, issue=issue, copy=copy)
        found = _insert_requests(connection, dispatch, opening.batch_size)
        if found != expected:
            raise Refused(
                f"the audience has {found} recipients now, not {expected}",
                hint="look at the dry run again",
            )
        return _dispatch(connection, dispatch)


def open_proof(ledger: Ledger, opening: Opening, slug: str, recipient: Recipient) -> Dispatch:
    """Write a dispatch of one test message, which counts for nobody's having got the issue.

    Raises:
        LedgerError: it could not be written.
    """
    (variant,) = opening.compiled.documents
    with ledger.write() as connection:
        issue = _issue_id(connection, slug)
        dispatch = _insert_dispatch(connection, opening, issue=issue, kind="proof", copy=None)
        connection.execute(
            insert(deliveries).values(
                dispatch=dispatch,
                position=0,
                issue=issue,
                member_id="proof",
                address=recipient.address.wire,
                address_key=recipient.address.key,
                name=recipient.name,
                variant=variant,
                slot_values=dict(recipient.values),
                state=DeliveryState.PENDING.value,
            )
        )
        _insert_requests(connection, dispatch, opening.batch_size)
        return _dispatch(connection, dispatch)


def find_dispatch(ledger: Ledger, dispatch: int) -> Dispatch | None:
    """Look a dispatch up by its number."""
    with ledger.read() as connection:
        row = (
            connection.execute(_dispatches().where(dispatches.c.id == dispatch)).mappings().first()
        )
    return _read(row) if row else None


def list_dispatches(ledger: Ledger, *, slug: str | None = None) -> tuple[Dispatch, ...]:
    """List the dispatches, newest first; with `slug` those of one issue, without its proofs."""
    query = _dispatches().order_by(dispatches.c.id.desc())
    if slug is not None:
        query = query.where(issues.c.slug == slug, dispatches.c.kind == "issue")
    with ledger.read() as connection:
        return tuple(_read(row) for row in connection.execute(query).mappings())


def documents_of(ledger: Ledger, dispatch: Dispatch) -> dict[str, Document]:
    """Give the frozen documents of a dispatch, by variant."""
    query = select(contents.c.documents).where(contents.c.content_hash == dispatch.content_hash)
    with ledger.read() as connection:
        packed = connection.scalars(query).one()
    return documents_from_json(zlib.decompress(packed).decode())


def balance_of(ledger: Ledger, dispatch: Dispatch) -> Balance:
    """Count where every listed member stands."""
    query = (
        select(deliveries.c.state, deliveries.c.reason, func.count())
        .where(deliveries.c.dispatch == dispatch.id)
        .group_by(deliveries.c.state, deliveries.c.reason)
    )
    states: dict[DeliveryState, int] = dict.fromkeys(DeliveryState, 0)
    reasons: dict[str, int] = {}
    with ledger.read() as connection:
        for state, reason, count in connection.execute(query):
            states[DeliveryState(state)] += count
            if reason is not None:
                reasons[reason] = count
    return Balance(
        listed=dispatch.listed,
        excluded=states[DeliveryState.EXCLUDED],
        accepted=states[DeliveryState.ACCEPTED],
        rejected=states[DeliveryState.REJECTED],
        unsure=states[DeliveryState.UNSURE],
        pending=states[DeliveryState.PENDING] + states[DeliveryState.SENDING],
        reasons=reasons,
    )


def address_of(ledger: Ledger, ref: str, position: int) -> str | None:
    """Give the address key of one delivery of the dispatch `ref`; None where there is none."""
    query = (
        select(deliveries.c.address_key)
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .where(dispatches.c.ref == ref, deliveries.c.position == position)
    )
    with ledger.read() as connection:
        found: str | None = connection.scalar(query)
        return found


@dataclass(frozen=True, slots=True)
class Remark:
    """A delivery that is not simply accepted or pending, for a person to look at."""

    address: str
    state: DeliveryState
    note: str


def remarks_of(ledger: Ledger, dispatch: Dispatch, *, limit: int = 20) -> tuple[Remark, ...]:
    """List the first rejected and unsure deliveries."""
    query = (
        select(deliveries.c.address, deliveries.c.state, deliveries.c.note)
        .where(
            deliveries.c.dispatch == dispatch.id,
            deliveries.c.state.in_([DeliveryState.REJECTED.value, DeliveryState.UNSURE.value]),
        )
        .order_by(deliveries.c.position)
        .limit(limit)
    )
    with ledger.read() as connection:
        rows = connection.execute(query)
        return tuple(Remark(row.address, DeliveryState(row.state), row.note) for row in rows)


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


def _insert_dispatch(
    connection: Connection, opening: Opening, *, issue: int, kind: str, copy: int | None
) -> int:
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
            kind=kind,
            copy=copy,
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
    chosen = selected(connection, choice)
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
        case((is_recipient, DeliveryState.PENDING.value), else_=DeliveryState.EXCLUDED.value),
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
        .where(mine, deliveries.c.state == DeliveryState.PENDING.value)
        .group_by(deliveries.c.variant)
        .order_by(func.min(deliveries.c.position))
    )
    runs = [(str(variant), int(first), int(count)) for variant, first, count in found]
    rows = [
        {"dispatch": dispatch, "number": number, "state": "pending", **piece}
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
            yield {"variant": variant, "first": first + start, "size": size}


def _dispatch(connection: Connection, dispatch: int) -> Dispatch:
    query = _dispatches().where(dispatches.c.id == dispatch)
    return _read(connection.execute(query).mappings().one())


def _dispatches() -> Select[Any]:
    return (
        select(dispatches, issues.c.slug, contents.c.title)
        .join(issues, issues.c.id == dispatches.c.issue)
        .join(contents, contents.c.content_hash == dispatches.c.content_hash)
    )


def _read(row: RowMapping) -> Dispatch:
    return Dispatch(**{name: value for name, value in row.items() if name != "issue"})


def to_json(value: object) -> str:
    """Write a value the way the ledger compares it: sorted, without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
