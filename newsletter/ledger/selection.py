"""Selecting the audience: every listed member becomes a recipient or is excluded for one reason.

It is one query over the whole list, so the sum balances by construction and memory stays flat.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from newsletter.audience.exclusion import Exclusion
from newsletter.audience.segment import Segment, Selection
from newsletter.ledger.rules import attribute, rule_clause
from newsletter.ledger.schema import MAY_HAVE_IT, deliveries, issues, members
from newsletter.ledger.standing import Ground, objections


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What decides who gets an issue, and what of them its slots need."""

    slug: str
    """The issue."""
    again: bool = False
    """Also choose those who already got it, because somebody said so."""
    selection: Selection
    blocks: tuple[tuple[Segment, ...], ...] = ()
    """The segments of each segment-only block of the issue, in order."""
    slots: tuple[str, ...] = ()
    """The attributes that fill slots."""
    ground: Ground = field(default_factory=Ground)
    """What members may have opted out of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One recipient of an audience."""

    line: int
    member_id: str
    address: str
    name: str
    variant: str
    values: Mapping[str, str]


def recipients(connection: Connection, choice: Choice) -> Iterator[Chosen]:
    """Walk over the recipients of `choice`, variant by variant, in the order of the list."""
    chosen = selected(connection, choice)
    query = (
        select(chosen).where(chosen.c.reason.is_(None)).order_by(chosen.c.variant, chosen.c.line)
    )
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield _chosen(row)


def sample(connection: Connection, choice: Choice) -> tuple[Chosen, ...]:
    """Give the first recipient of each variant."""
    chosen = selected(connection, choice)
    first = (
        select(func.min(chosen.c.line)).where(chosen.c.reason.is_(None)).group_by(chosen.c.variant)
    )
    query = select(chosen).where(chosen.c.line.in_(first)).order_by(chosen.c.variant)
    return tuple(_chosen(row) for row in connection.execute(query))


def find(connection: Connection, choice: Choice, who: str) -> Chosen | None:
    """Find one recipient by member id or address."""
    chosen = selected(connection, choice)
    query = select(chosen).where(
        chosen.c.reason.is_(None),
        or_(chosen.c.member_id == who, chosen.c.address_key == who.lower()),
    )
    row = connection.execute(query).first()
    return _chosen(row) if row else None


def _chosen(row: Row[Any]) -> Chosen:
    values = row.slot_values
    return Chosen(
        line=row.line,
        member_id=row.member_id,
        address=row.address,
        name=row.name,
        variant=row.variant,
        values=json.loads(values) if isinstance(values, str) else values,
    )


def selected(connection: Connection, choice: Choice) -> CTE:
    """Build the selection: one row a listed member, `reason` null for recipients."""
    judged = _judged(connection, choice)
    is_fit = judged.c.reason.is_(None)
    by_member = select(
        *judged.c,
        *_first_of("member", partition=(is_fit, judged.c.member_id), line=judged.c.line),
    ).cte("by_member")
    is_first = and_(by_member.c.reason.is_(None), by_member.c.member_rank == 1)
    by_address = select(
        *by_member.c,
        is_first.label("is_first"),
        *_first_of("address", partition=(is_first, by_member.c.address_key), line=by_member.c.line),
    ).cte("by_address")
    c = by_address.c
    is_duplicate = or_(c.member_rank > 1, c.address_rank > 1)
    twin = case((c.member_rank > 1, c.member_line), else_=c.address_line)
    return select(
        c.line,
        c.member_id,
        c.address,
        c.address_key,
        c.name,
        c.variant,
        c.slot_values,
        case(
            (c.reason.is_not(None), c.reason),
            (is_duplicate, literal(Exclusion.DUPLICATE.value)),
        ).label("reason"),
        case(
            (c.reason.is_not(None), c.note),
            (is_duplicate, literal("of line ").concat(twin)),
            else_="",
        ).label("note"),
    ).cte("selected")


def _first_of(
    name: str, *, partition: tuple[ColumnElement[Any], ...], line: ColumnElement[int]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Rank the rows of a partition by line, and tell the line of its first."""
    rank = func.row_number().over(partition_by=partition, order_by=line)
    # In the same window, with its order: the database then sorts the list once for both.
    first = func.min(line).over(partition_by=partition, order_by=line)
    return rank.label(f"{name}_rank"), first.label(f"{name}_line")


def _judged(connection: Connection, choice: Choice) -> CTE:
    """Give every row of the list the first reason that speaks against it alone."""
    wishes = objections(members, choice.ground)
    is_barred = members.c.bar.is_not(None)
    # Whoever asked to be forgotten has no address here any more, and that is why.
    is_malformed = and_(members.c.address_key.is_(None), members.c.bar.is_(None))
    reason = case(
        (is_malformed, literal(Exclusion.MALFORMED.value)),
        (~_any_of(choice.selection.included, empty=true()), literal(Exclusion.NOT_CHOSEN.value)),
        (
            _any_of(choice.selection.excluded, empty=false()),
            literal(Exclusion.EXCLUDED_SEGMENT.value),
        ),
        (is_barred, literal(Exclusion.SUPPRESSED.value)),
        *((each.is_raised, literal(each.exclusion.value)) for each in wishes),
        (_already(choice), literal(Exclusion.ALREADY_SENT.value)),
    )
    note = case(
        (is_malformed, members.c.fault),
        (and_(is_barred, reason == Exclusion.SUPPRESSED.value), members.c.bar),
        *((reason == each.exclusion.value, each.note) for each in wishes),
        else_="",
    )
    return select(
        members.c.line,
        members.c.member_id,
        members.c.address,
        members.c.address_key,
        members.c.name,
        _variant(choice).label("variant"),
        _slot_values(connection, choice).label("slot_values"),
        reason.label("reason"),
        note.label("note"),
    ).cte("judged")


def _any_of(segments: tuple[Segment, ...], *, empty: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(*(rule_clause(segment.rule) for segment in segments)) if segments else empty


def _already(choice: Choice) -> ColumnElement[bool]:
    if choice.again:
        return false()
    # The words of the partial indexes, to the letter: else SQLite would not use them.
    got = (
        select(deliveries.c.member_id, deliveries.c.address_key)
        .where(
            deliveries.c.issue
            == select(issues.c.id).where(issues.c.slug == choice.slug).scalar_subquery(),
            deliveries.c.copy.is_not(None),
            MAY_HAVE_IT,
        )
        .cte("got")
    )
    return or_(
        members.c.member_id.in_(select(got.c.member_id)),
        members.c.address_key.in_(select(got.c.address_key)),
    )


def _variant(choice: Choice) -> ColumnElement[str]:
    if not choice.blocks:
        return literal("-")
    flags = [case((_any_of(names, empty=false()), "1"), else_="0") for names in choice.blocks]
    whole: ColumnElement[str] = flags[0]
    for flag in flags[1:]:
        whole = whole.concat(flag)
    return whole


def _slot_values(connection: Connection, choice: Choice) -> ColumnElement[str]:
    is_sqlite = connection.dialect.name == "sqlite"
    if not choice.slots:
        return literal_column("'{}'" if is_sqlite else "'{}'::json")
    pairs: list[ColumnElement[str]] = []
    for name in choice.slots:
        pairs += [literal(name), attribute(name)]
    if is_sqlite:
        return func.json_object(*pairs)
    return func.json_build_object(*pairs)
