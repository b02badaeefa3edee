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
    Select,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from newsletter.audience.exclusion import Exclusion
from newsletter.audience.segment import Segment, Selection
from newsletter.ledger.people import members, twins
from newsletter.ledger.rules import attribute, rule_clause
from newsletter.ledger.schema import MAY_HAVE_IT, deliveries, issues
from newsletter.ledger.standing import Ground, objected
from newsletter.ledger.variants import in_any, variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What decides who gets an issue, and what of them its slots need."""

    slug: str
    """The issue."""
    again: bool = False
    """Also choose those who already got it, because somebody said so."""
    selection: Selection
    blocks: tuple[tuple[Segment, ...], ...] = ()
    """The segments of each block of the issue that not everybody gets, in order; none: all."""
    untold: tuple[str, ...] = ()
    """For each of these blocks: the announcement that keeps it from those who were told it
    before, or empty."""
    told: tuple[tuple[str, int], ...] = ()
    """How many of the list were told each announcement of a digest when it was assembled."""
    is_nothing_without: bool = False
    """Whether whoever gets none of these blocks gets nothing, and so is excluded."""
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
    chosen = selected(choice)
    query = (
        whole(connection, choice, chosen)
        .where(chosen.c.reason.is_(None))
        .order_by(chosen.c.variant, chosen.c.line)
    )
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield _chosen(row)


def sample(connection: Connection, choice: Choice) -> tuple[Chosen, ...]:
    """Give the first recipient of each variant."""
    chosen = selected(choice)
    first = (
        select(func.min(chosen.c.line)).where(chosen.c.reason.is_(None)).group_by(chosen.c.variant)
    )
    query = whole(connection, choice, chosen).where(chosen.c.line.in_(first))
    return tuple(_chosen(row) for row in connection.execute(query.order_by(chosen.c.variant)))


def find(connection: Connection, choice: Choice, who: str) -> Chosen | None:
    """Find one recipient by member id or address."""
    chosen = selected(choice)
    query = whole(connection, choice, chosen).where(
        chosen.c.reason.is_(None),
        or_(chosen.c.member_id == who, chosen.c.address_key == who.lower()),
    )
    row = connection.execute(query).first()
    return _chosen(row) if row else None


def search(connection: Connection, choice: Choice, text: str, limit: int) -> tuple[Chosen, ...]:
    """Find recipients by the beginning of an id, or by a part of a name or an address.

    The first ones in the order of the list, `limit` at most.
    """
    chosen, small = selected(choice), text.lower()
    query = whole(connection, choice, chosen).where(
        chosen.c.reason.is_(None),
        or_(
            func.lower(chosen.c.member_id).startswith(small, autoescape=True),
            chosen.c.address_key.contains(small, autoescape=True),
            func.lower(members.c.name).contains(small, autoescape=True),
            # SQLite knows the small letters of ASCII alone.
            members.c.name.contains(text, autoescape=True),
            members.c.name.contains(text.title(), autoescape=True),
        ),
    )
    rows = connection.execute(query.order_by(chosen.c.line).limit(limit))
    return tuple(_chosen(row) for row in rows)


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


def whole(connection: Connection, choice: Choice, chosen: CTE) -> Select[Any]:
    """Add to the rows of `chosen` what else a delivery keeps of a member."""
    return select(
        chosen.c.line,
        chosen.c.member_id,
        members.c.address,
        chosen.c.address_key,
        members.c.name,
        chosen.c.variant,
        _slot_values(connection, choice).label("slot_values"),
        chosen.c.reason,
        chosen.c.note,
    ).select_from(chosen.join(members, members.c.line == chosen.c.line))


def selected(choice: Choice) -> CTE:
    """Build the selection: one row a listed member, `reason` null for recipients.

    `in_0`, `in_1` and so on tell whether they are in each of the chosen segments.
    """
    judged = _judged(choice)
    lines = select(twins.c.line)
    alone = select(*judged.c).where(judged.c.line.not_in(lines))
    found = union_all(alone, _compared(judged, lines)).cte("selected")
    # SQLite would else ask for each row of both parts anew who was told what.
    return found.prefix_with("MATERIALIZED") if any(choice.untold) else found


def _compared(judged: CTE, lines: Select[tuple[int]]) -> Select[Any]:
    """Let the first of those who share an id, and then an address, stand for all of them."""
    shared = select(*judged.c).where(judged.c.line.in_(lines)).cte("shared")
    is_fit = shared.c.reason.is_(None)
    by_member = select(
        *shared.c,
        *_first_of("member", partition=(is_fit, shared.c.member_id), line=shared.c.line),
    ).cte("by_member")
    is_first = and_(by_member.c.reason.is_(None), by_member.c.member_rank == 1)
    by_address = select(
        *by_member.c,
        *_first_of("address", partition=(is_first, by_member.c.address_key), line=by_member.c.line),
    ).cte("by_address")
    c = by_address.c
    is_duplicate = and_(c.reason.is_(None), or_(c.member_rank > 1, c.address_rank > 1))
    twin = case((c.member_rank > 1, c.member_line), else_=c.address_line)
    duplicate = literal(Exclusion.DUPLICATE.value)
    own = {
        "reason": case((is_duplicate, duplicate), else_=c.reason),
        "note": case((is_duplicate, literal("of line ").concat(twin)), else_=c.note),
    }
    return select(*(own.get(each.name, c[each.name]).label(each.name) for each in judged.c))


def _first_of(
    name: str, *, partition: tuple[ColumnElement[Any], ...], line: ColumnElement[int]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Rank the rows of a partition by line, and tell the line of its first."""
    rank = func.row_number().over(partition_by=partition, order_by=line)
    # In the same window, with its order: the database then sorts the list once for both.
    first = func.min(line).over(partition_by=partition, order_by=line)
    return rank.label(f"{name}_rank"), first.label(f"{name}_line")


def _judged(choice: Choice) -> CTE:
    """Give every row of the list the first reason that speaks against it alone."""
    facts, wishes = _facts(choice), objected(choice.ground)
    chosen = [facts.c[f"in_{at}"] for at in range(len(choice.selection.included))]
    is_barred = facts.c.bar.is_not(None)
    nothing = "0" * len(choice.blocks) if choice.is_nothing_without else None
    has_nothing = false() if nothing is None else facts.c.variant == nothing
    # Whoever asked to be forgotten has no address here any more, and that is why.
    is_malformed = and_(facts.c.address_key.is_(None), facts.c.bar.is_(None))
    reason = case(
        (is_malformed, literal(Exclusion.MALFORMED.value)),
        (~or_(*(flag == 1 for flag in chosen)), literal(Exclusion.NOT_CHOSEN.value))
        if chosen
        else (false(), literal(Exclusion.NOT_CHOSEN.value)),
        (facts.c.is_out == 1, literal(Exclusion.EXCLUDED_SEGMENT.value)),
        (is_barred, literal(Exclusion.SUPPRESSED.value)),
        (wishes.c.reason.is_not(None), wishes.c.reason),
        (_already(choice, facts), literal(Exclusion.ALREADY_SENT.value)),
        (has_nothing, literal(Exclusion.NOTHING_NEW.value)),
    )
    note = case(
        (is_malformed, facts.c.fault),
        (and_(is_barred, reason == Exclusion.SUPPRESSED.value), facts.c.bar),
        (reason == wishes.c.reason, wishes.c.note),
        else_="",
    )
    return (
        select(
            facts.c.line,
            facts.c.member_id,
            facts.c.address_key,
            facts.c.variant,
            *chosen,
            reason.label("reason"),
            note.label("note"),
        )
        .select_from(facts.outerjoin(wishes, wishes.c.line == facts.c.line))
        .cte("judged")
    )


def _facts(choice: Choice) -> CTE:
    """Ask every row once which segments it is in; the values of a row are slow to take apart."""
    flags = [
        case((rule_clause(segment.rule), 1), else_=0).label(f"in_{at}")
        for at, segment in enumerate(choice.selection.included)
    ]
    is_out = case((in_any(choice.selection.excluded), 1), else_=0)
    return (
        select(
            members.c.line,
            members.c.member_id,
            members.c.address_key,
            members.c.bar,
            members.c.fault,
            variant(choice.blocks, choice.untold, but=choice.slug).label("variant"),
            *flags,
            is_out.label("is_out"),
        )
        .cte("facts")
        .prefix_with("MATERIALIZED")
    )


def _already(choice: Choice, facts: CTE) -> ColumnElement[bool]:
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
        facts.c.member_id.in_(select(got.c.member_id)),
        facts.c.address_key.in_(select(got.c.address_key)),
    )


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
