"""The announcements that frozen issues carry, and who was told them: the table `items`.

One row an announcement, under the `content_hash` of the issue, in the order of the issue
(`position`, from 0). An issue of one announcement has one row; a digest has one for each that it
carries; an issue of an earlier version of this program has one, without a hash.

`announcement` is the slug, `announcement_hash` names the text of its file, `section` is the one
in which the digest shows it, `tags` are its author's, and `digest` names the digest that
assembled itself with it. `flag` says which digit of a variant's key shows it (null: each variant
does), so that it is known of each delivery whether the announcement was in it. `full` is the
whole announcement, composed as an issue of its own for nobody in particular, where the digest
shows only an excerpt of it that links to the archive (null: the issue shows all there is).

Somebody was told an announcement if a dispatch that carries it may have reached them: whatever
is accepted, pending, under way or unsure counts; what is excluded (also by cancelling or undoing)
and rejected does not. Proofs count for nobody. It is the same rule as for a whole issue.
"""

import datetime as dt
import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    case,
    delete,
    func,
    insert,
    or_,
    select,
)

from newsletter.compose.compiled import documents_from_json, documents_to_json
from newsletter.errors import Refused
from newsletter.issue.item import Item
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import members
from newsletter.ledger.schema import MAY_HAVE_IT, Course, deliveries, dispatches, issues, items
from newsletter.message.frozen import Document

_ALL = "-"
"""The variant of what is the same for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenItem:
    """One announcement of a frozen issue."""

    item: Item
    full: Document | None = None
    """The whole of it, where the issue shows an excerpt."""


def keep_items(
    connection: Connection,
    content_hash: str,
    carried: Iterable[Item],
    full: Mapping[str, Document],
) -> None:
    """Keep what the issue of `content_hash` carries, but what is known of it already.

    `full` has the whole of an announcement by its slug, where the issue shows an excerpt. What a
    proof alone had is kept anew: the text behind an excerpt may be another one by now.
    """
    mine = items.c.content_hash == content_hash
    is_sent = select(dispatches.c.id).where(
        dispatches.c.content_hash == content_hash, dispatches.c.copy.is_not(None)
    )
    if connection.scalar(is_sent.limit(1)) is None:
        connection.execute(delete(items).where(mine))
    known = set(connection.scalars(select(items.c.announcement).where(mine)))
    rows = [
        {
            "content_hash": content_hash,
            "position": position,
            "announcement": item.announcement,
            "title": item.title,
            "announcement_hash": item.announcement_hash,
            "section": item.section,
            "tags": list(item.tags),
            "digest": item.digest,
            "flag": item.flag,
            "full": _packed(full.get(item.announcement)),
        }
        for position, item in enumerate(
            (each for each in carried if each.announcement not in known), len(known)
        )
    ]
    if rows:
        connection.execute(insert(items), rows)


def items_of(ledger: Ledger, content_hash: str) -> tuple[FrozenItem, ...]:
    """List what the issue of `content_hash` carries, in its order."""
    query = select(items).where(items.c.content_hash == content_hash).order_by(items.c.position)
    with ledger.read() as connection:
        return tuple(
            FrozenItem(
                item=Item(
                    announcement=row.announcement,
                    title=row.title,
                    announcement_hash=row.announcement_hash,
                    section=row.section,
                    tags=tuple(json.loads(row.tags) if isinstance(row.tags, str) else row.tags),
                    digest=row.digest,
                    flag=row.flag,
                ),
                full=_unpacked(row.full),
            )
            for row in connection.execute(query)
        )


def _packed(document: Document | None) -> bytes | None:
    return zlib.compress(documents_to_json({_ALL: document}).encode()) if document else None


def _unpacked(stored: bytes | None) -> Document | None:
    return documents_from_json(zlib.decompress(stored).decode())[_ALL] if stored else None


def told(announcement: str, *, but: str) -> Select[Any]:
    """Give ids and addresses of those who were told `announcement` in any issue but one."""
    return (
        select(deliveries.c.member_id, deliveries.c.address_key)
        .select_from(
            items.join(dispatches, dispatches.c.content_hash == items.c.content_hash)
            .join(issues, issues.c.id == dispatches.c.issue)
            .join(deliveries, deliveries.c.dispatch == dispatches.c.id)
        )
        .where(
            items.c.announcement == announcement,
            dispatches.c.copy.is_not(None),
            issues.c.slug != but,
            _is_shown(),
            MAY_HAVE_IT,
        )
    )


def _is_shown() -> ColumnElement[bool]:
    digit = func.substr(deliveries.c.variant, items.c.flag + 1, 1)
    return or_(items.c.flag.is_(None), digit == "1")


def was_told(rows: FromClause, announcement: str, *, but: str) -> ColumnElement[bool]:
    """Tell of each of `rows` whether they were told `announcement` in any issue but one."""
    found = told(announcement, but=but).cte()
    return or_(
        rows.c.member_id.in_(select(found.c.member_id)),
        func.coalesce(rows.c.address_key, "").in_(select(found.c.address_key)),
    )


def count_told(
    connection: Connection, announcements: Sequence[str], *, but: str
) -> Mapping[str, int]:
    """Count the rows of the list that were told each of `announcements` in any issue but one."""
    known = _ever_carried(connection, announcements, but=but)
    if not known:
        return {}
    counts = [
        func.coalesce(func.sum(case((was_told(members, each, but=but), 1), else_=0)), 0)
        for each in known
    ]
    row = connection.execute(select(*counts).where(members.c.address_key.is_not(None))).one()
    return {name: int(count) for name, count in zip(known, row, strict=True) if count}


def check_told(connection: Connection, told: Sequence[tuple[str, int]], *, but: str) -> None:
    """Make sure that nobody was told an announcement while a digest was put together.

    Raises:
        Refused: somebody was.
    """
    known = {name: count for name, count in told if count}
    if told and count_told(connection, [name for name, _ in told], but=but) != known:
        raise Refused(
            "an announcement of this digest was told to somebody meanwhile",
            hint="look at the dry run again",
        )


def count_listed(connection: Connection) -> int:
    """Count the rows of the list that can be told anything."""
    query = select(func.count()).select_from(members).where(members.c.address_key.is_not(None))
    return connection.scalar(query) or 0


def _ever_carried(
    connection: Connection, announcements: Sequence[str], *, but: str
) -> tuple[str, ...]:
    """Keep those that some dispatch carried, so that nothing is counted of the others."""
    query = (
        select(items.c.announcement)
        .select_from(
            items.join(dispatches, dispatches.c.content_hash == items.c.content_hash).join(
                issues, issues.c.id == dispatches.c.issue
            )
        )
        .where(dispatches.c.copy.is_not(None), issues.c.slug != but)
        .distinct()
    )
    found = set(connection.scalars(query))
    return tuple(each for each in announcements if each in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the earlier issues of a digest told."""

    carried: Mapping[str, str]
    """By announcement: the last issue that carried it."""
    last: str = ""
    """The issue that went out last; empty where none did."""
    last_at: dt.datetime | None = None
    """When it went out, UTC."""


def told_by(
    connection: Connection,
    digest: str,
    *,
    but: str,
    audience: Collection[str] = (),
) -> Told:
    """Tell which announcements earlier issues of `digest` carried, and which issue was the last.

    `audience` names the segments that the digest is for; empty, it is for everybody. An issue that
    was cancelled, or sent to some of the audience only, is no such issue: what it carried stays
    due for whoever lacks it. One that goes out at this moment is.
    """
    wanted = frozenset(audience)
    rows = [
        row
        for row in connection.execute(_issues_of(digest, but=but))
        if _reaches(frozenset(row.audience.get("segments", ())), wanted)
    ]
    if not rows:
        return Told(carried={})
    return Told(
        carried={row.announcement: row.slug for row in rows},
        last=rows[-1].slug,
        last_at=dt.datetime.fromisoformat(rows[-1].opened),
    )


def _issues_of(digest: str, *, but: str) -> Select[Any]:
    """Give the announcements of each issue of `digest` that reached somebody, in order."""
    reached = (
        select(deliveries.c.position)
        .where(deliveries.c.dispatch == dispatches.c.id, _is_shown(), MAY_HAVE_IT)
        .exists()
    )
    return (
        select(items.c.announcement, issues.c.slug, dispatches.c.audience, dispatches.c.opened)
        .select_from(
            items.join(dispatches, dispatches.c.content_hash == items.c.content_hash).join(
                issues, issues.c.id == dispatches.c.issue
            )
        )
        .where(
            items.c.digest == digest,
            dispatches.c.copy.is_not(None),
            dispatches.c.course != Course.CANCELLED.value,
            issues.c.slug != but,
            reached,
        )
        .order_by(dispatches.c.id)
    )


def _reaches(chosen: frozenset[str], wanted: frozenset[str]) -> bool:
    """Tell whether a dispatch to the `chosen` segments is for all of the `wanted` ones."""
    return not chosen or (bool(wanted) and wanted <= chosen)
