"""What the ledger knows of members that their association's own system should know, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from newsletter.audience.consent import is_own_id
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import members, opt_outs, preferences, suppressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One thing that is known of somebody."""

    member_id: str
    """The association's own id; empty where nobody knows it."""
    email: str
    status: str
    """A reason of suppression, `opted out of topic`, or `paused`."""
    detail: str
    """The topic; the last day of a pause; the line of the list where a forgotten one stands."""
    since: str
    """ISO 8601, UTC; empty where nobody knows it."""
    source: str


def standings(ledger: Ledger) -> Iterator[Standing]:
    """Walk over all who are not mailed everything, by address; the forgotten at the end."""
    said = union_all(
        _of(suppressions, suppressions.c.reason, literal(""), suppressions.c.source),
        _of(opt_outs, literal("opted out of topic"), opt_outs.c.topic, literal("page")),
        _of(preferences, literal("paused"), preferences.c.paused_until, literal("page")).where(
            preferences.c.paused_until.is_not(None)
        ),
    ).subquery()
    # Where somebody is known by address alone, the list may tell the id.
    listed = (
        select(members.c.address_key, func.min(members.c.member_id).label("member_id"))
        .where(members.c.address_key.is_not(None))
        .group_by(members.c.address_key)
        .subquery()
    )
    query = (
        select(said, listed.c.member_id.label("listed_id"))
        .join(listed, listed.c.address_key == said.c.address_key, isouter=True)
        .order_by(said.c.address_key, said.c.member_id, said.c.status, said.c.detail)
    )
    forgotten = (
        select(members.c.line)
        .where(members.c.bar == SuppressionReason.FORGOTTEN.value)
        .order_by(members.c.line)
    )
    with ledger.read() as connection:
        for row in connection.execution_options(yield_per=1_000).execute(query):
            own = row.member_id or row.listed_id or ""
            yield Standing(
                member_id=own if is_own_id(own, row.address_key) else "",
                email=row.address_key,
                status=row.status,
                detail=row.detail,
                since=row.since,
                source=row.source,
            )
        for line in connection.scalars(forgotten):
            yield Standing(
                member_id="",
                email="",
                status=SuppressionReason.FORGOTTEN.value,
                detail=f"line {line} of the list",
                since="",
                source="list",
            )


def _of(
    table: Any,  # noqa: ANN401 - any of three tables
    status: ColumnElement[str],
    detail: ColumnElement[str],
    source: ColumnElement[str],
) -> Select[tuple[str, str, str, str, str, str]]:
    since = table.c.since if "since" in table.c else literal("")
    return select(
        table.c.address_key,
        table.c.member_id,
        status.label("status"),
        detail.label("detail"),
        since.label("since"),
        source.label("source"),
    )
