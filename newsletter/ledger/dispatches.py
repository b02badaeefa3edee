"""Dispatches in the ledger: found again, and balanced."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, null, select

from newsletter.audience.consent import Person, identify
from newsletter.compose.compiled import documents_from_json
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import (
    HAS_OWN_STATE,
    Course,
    contents,
    deliveries,
    dispatches,
    issues,
    requests,
)
from newsletter.ledger.states import is_in
from newsletter.message.frozen import Document
from newsletter.message.state import DeliveryState, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where every listed member of a dispatch stands."""

    listed: int
    excluded: int
    accepted: int
    rejected: int
    unsure: int
    pending: int
    under_way: int
    """How many of the pending a request carries just now, or carried when its run died."""
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
    topic: str
    """What members can opt out of it by; empty for nothing."""
    is_notice: bool
    """It reaches members whatever they opted out of."""
    opened: str
    listed: int
    recipients: int
    course: Course = Course.RUNNING
    course_note: str = ""
    """Why it is paused or cancelled."""
    release: float | None = None
    """Seconds since 1970, by the clock of the database: nothing leaves before."""
    not_after: float | None = None
    """The same: nothing leaves after."""
    spread: float | None = None
    """Seconds over which it is spread."""
    by_workers: bool = False
    """It is sent by `newsletter worker`, on whatever machines it runs."""


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


def last_to_same(ledger: Ledger, audience: Mapping[str, object]) -> Dispatch | None:
    """Find the newest dispatch of an issue that was opened for the same segments."""
    return next(
        (
            each
            for each in list_dispatches(ledger)
            if each.kind == "issue" and each.audience == audience
        ),
        None,
    )


def documents_of(ledger: Ledger, dispatch: Dispatch) -> dict[str, Document]:
    """Give the frozen documents of a dispatch, by variant."""
    query = select(contents.c.documents).where(contents.c.content_hash == dispatch.content_hash)
    with ledger.read() as connection:
        packed = connection.scalars(query).one()
    return documents_from_json(zlib.decompress(packed).decode())


def balance_of(ledger: Ledger, dispatch: Dispatch) -> Balance:
    """Count where every listed member stands."""
    own = (
        select(deliveries.c.state, deliveries.c.reason, func.count())
        .where(deliveries.c.dispatch == dispatch.id, HAS_OWN_STATE)
        .group_by(deliveries.c.state, deliveries.c.reason)
    )
    shared = (
        select(requests.c.state, null(), func.sum(requests.c.shared))
        .where(requests.c.dispatch == dispatch.id, requests.c.shared > 0)
        .group_by(requests.c.state)
    )
    states: dict[DeliveryState, int] = dict.fromkeys(DeliveryState, 0)
    reasons: dict[str, int] = {}
    with ledger.read() as connection:
        for state, reason, count in (*connection.execute(own), *connection.execute(shared)):
            states[DeliveryState(state)] += int(count)
            if reason is not None:
                reasons[reason] = count
    return Balance(
        listed=dispatch.listed,
        excluded=states[DeliveryState.EXCLUDED],
        accepted=states[DeliveryState.ACCEPTED],
        rejected=states[DeliveryState.REJECTED],
        unsure=states[DeliveryState.UNSURE],
        pending=states[DeliveryState.PENDING] + states[DeliveryState.SENDING],
        under_way=states[DeliveryState.SENDING],
        reasons=reasons,
    )


def person_of(ledger: Ledger, ref: str, position: int) -> Person | None:
    """Tell whose one delivery of the dispatch `ref` is; None where there is no such delivery."""
    query = (
        select(deliveries.c.address_key, deliveries.c.member_id)
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .where(
            dispatches.c.ref == ref,
            deliveries.c.position == position,
            deliveries.c.address_key.is_not(None),
        )
    )
    with ledger.read() as connection:
        row = connection.execute(query).first()
    return identify(row.address_key, row.member_id) if row else None


def topic_of(ledger: Ledger, ref: str) -> str:
    """Name the topic of the dispatch `ref`; empty where it has none."""
    with ledger.read() as connection:
        query = select(dispatches.c.topic).where(dispatches.c.ref == ref)
        return connection.scalar(query) or ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A delivery that is not simply accepted or pending, for a person to look at."""

    address: str
    state: DeliveryState
    note: str


def remarks_of(ledger: Ledger, dispatch: Dispatch, *, limit: int = 20) -> tuple[Remark, ...]:
    """List the first rejected and unsure deliveries."""
    columns = (deliveries.c.position, deliveries.c.address)
    own = select(*columns, deliveries.c.state, deliveries.c.note).where(
        deliveries.c.dispatch == dispatch.id,
        HAS_OWN_STATE,
        deliveries.c.state.in_([DeliveryState.REJECTED.value, DeliveryState.UNSURE.value]),
    )
    note = func.coalesce(func.nullif(deliveries.c.note, ""), requests.c.note)
    shared = (
        select(*columns, requests.c.state, note)
        .select_from(requests.join(deliveries, is_in()))
        .where(
            requests.c.dispatch == dispatch.id,
            requests.c.state == RequestState.UNSURE.value,
            deliveries.c.state.is_(None),
        )
    )
    both = own.union_all(shared).subquery()
    query = select(both).order_by(both.c.position).limit(limit)
    with ledger.read() as connection:
        rows = connection.execute(query)
        return tuple(Remark(row.address, DeliveryState(row.state), row.note) for row in rows)


def read_dispatch(connection: Connection, dispatch: int) -> Dispatch:
    """Read the dispatch with this number, which has to be there."""
    query = _dispatches().where(dispatches.c.id == dispatch)
    return _read(connection.execute(query).mappings().one())


def _dispatches() -> Select[Any]:
    return (
        select(dispatches, issues.c.slug, contents.c.title)
        .join(issues, issues.c.id == dispatches.c.issue)
        .join(contents, contents.c.content_hash == dispatches.c.content_hash)
    )


def _read(row: RowMapping) -> Dispatch:
    known = {field.name for field in fields(Dispatch)}
    values = {name: value for name, value in row.items() if name in known}
    return Dispatch(**{**values, "course": Course(row["course"])})
