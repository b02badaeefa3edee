"""How people stand, as clauses over any table that has `address_key` and `member_id`.

The selection asks it of the list, and every claim asks it again of its deliveries.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.schema import Table

from newsletter.audience.exclusion import PASSED_BY_NOTICES, Exclusion, SuppressionReason
from newsletter.ledger.people import members, opt_outs, preferences, suppressions
from newsletter.ledger.suppressions import GRAVEST_FIRST, OF_THE_PERSON_VALUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an issue is, as far as wishes of members speak against it."""

    topic: str = ""
    """Empty: no topic can keep it from anybody."""
    is_notice: bool = False
    """A formal notice reaches members whatever they opted out of."""
    today: dt.date | None = None
    """The day on which a pause is or is not over; None: no pause counts."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason that speaks against a row, null where it does not, and its note."""

    exclusion: Exclusion
    note: ColumnElement[str]

    @property
    def is_raised(self) -> ColumnElement[bool]:
        """Tell whether it speaks against the row."""
        return self.note.is_not(None)


def objections(rows: FromClause, ground: Ground) -> tuple[Objection, ...]:
    """Give what may speak against each of `rows`, in the order in which it is looked for."""
    by_member = suppressions.c.reason.in_(OF_THE_PERSON_VALUES)
    found = [
        Objection(
            Exclusion.SUPPRESSED,
            _first(rows, suppressions, GRAVEST_FIRST, *_passing(ground), by_member=by_member),
        )
    ]
    if ground.is_notice:
        return tuple(found)
    if ground.topic:
        found.append(Objection(Exclusion.TOPIC, _left_topic(rows, ground.topic)))
    if ground.today:
        until = preferences.c.paused_until
        last = _first(rows, preferences, (until,), until >= ground.today.isoformat())
        found.append(Objection(Exclusion.PAUSED, literal("until ").concat(last)))
    return tuple(found)


def objected(ground: Ground, name: str = "objected") -> CTE:
    """Find every row of the list against which a wish of its member speaks, with the first one.

    It starts from the wishes, which are few, and not from the list. `name` tells two of them in
    one statement apart.
    """
    found = [*_suppressed(ground)]
    if not ground.is_notice:
        found += _left(ground) if ground.topic else []
        found += _paused(ground.today) if ground.today else []
    ranked = union_all(*found).cte(f"{name}_all")
    # One text sorts by rank, so the least of them is the first reason with its own note.
    first = (
        select(ranked.c.line, func.min(ranked.c.words).label("words"))
        .group_by(ranked.c.line)
        .cte(f"{name}_first")
    )
    rank = func.substr(first.c.words, 1, 1)
    names = {str(at): each.value for at, each in enumerate(_RANKED)}
    return select(
        first.c.line,
        case(names, value=rank).label("reason"),
        func.substr(first.c.words, 3).label("note"),
    ).cte(name)


_RANKED = (Exclusion.SUPPRESSED, Exclusion.TOPIC, Exclusion.PAUSED)


def _suppressed(ground: Ground) -> Iterator[Select[Any]]:
    reason = suppressions.c.reason
    gravity = case((reason == SuppressionReason.UNSUBSCRIBED.value, "1"), else_="0")
    words = literal("0").concat(gravity).concat(reason)
    yield _rows(suppressions, "address_key", words).where(*_passing(ground))
    yield _rows(suppressions, "member_id", words).where(
        reason.in_(OF_THE_PERSON_VALUES), *_passing(ground)
    )


def _left(ground: Ground) -> Iterator[Select[Any]]:
    words = literal("1-").concat(opt_outs.c.topic)
    for column in ("address_key", "member_id"):
        yield _rows(opt_outs, column, words).where(opt_outs.c.topic == ground.topic)


def _paused(today: dt.date) -> Iterator[Select[Any]]:
    until = preferences.c.paused_until
    words = literal("2-until ").concat(until)
    for column in ("address_key", "member_id"):
        yield _rows(preferences, column, words).where(until >= today.isoformat())


def _rows(table: Table, column: str, words: ColumnElement[str]) -> Select[Any]:
    same = table.c[column] == members.c[column]
    return select(members.c.line, words.label("words")).select_from(table.join(members, same))


def opted_out(rows: FromClause, topic: str) -> ColumnElement[bool]:
    """Tell whether somebody opted out of `topic`."""
    return _left_topic(rows, topic).is_not(None)


def _left_topic(rows: FromClause, topic: str) -> ColumnElement[str]:
    return _first(rows, opt_outs, (opt_outs.c.topic,), opt_outs.c.topic == topic)


def any_of(found: tuple[Objection, ...]) -> ColumnElement[bool]:
    """Tell whether anything speaks against a row."""
    return or_(*(each.is_raised for each in found))


def _passing(ground: Ground) -> tuple[ColumnElement[bool], ...]:
    if not ground.is_notice:
        return ()
    return (suppressions.c.reason.not_in([reason.value for reason in PASSED_BY_NOTICES]),)


def _first(
    rows: FromClause,
    table: Table,
    order: tuple[ColumnElement[Any], ...],
    *conditions: ColumnElement[bool],
    by_member: ColumnElement[bool] | None = None,
) -> ColumnElement[str]:
    """Give the last of `order` from the first row of `table` that is about one of `rows`.

    Without `by_member`, whatever is said of a member holds at any address of theirs.
    """
    same_member = table.c.member_id == rows.c.member_id
    query = select(order[-1]).where(
        or_(
            table.c.address_key == rows.c.address_key,
            same_member if by_member is None else and_(same_member, by_member),
        ),
        *conditions,
    )
    return query.order_by(*order).correlate(rows).limit(1).scalar_subquery()
