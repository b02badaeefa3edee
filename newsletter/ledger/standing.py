"""How people stand, as clauses over any table that has `address_key` and `member_id`.

The selection asks it of the list, and every claim asks it again of its deliveries.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, func, literal, or_, select
from sqlalchemy.schema import Table

from newsletter.audience.exclusion import PASSED_BY_NOTICES, Exclusion
from newsletter.ledger.schema import opt_outs, preferences, suppressions
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
    suppressed = func.coalesce(
        _by_address(rows, suppressions, suppressions.c.reason, *_passing(ground)),
        _by_member(
            rows,
            suppressions,
            suppressions.c.reason,
            suppressions.c.reason.in_(OF_THE_PERSON_VALUES),
            *_passing(ground),
        ),
    )
    found = [Objection(Exclusion.SUPPRESSED, suppressed)]
    if ground.is_notice:
        return tuple(found)
    if ground.topic:
        found.append(Objection(Exclusion.TOPIC, _left_topic(rows, ground.topic)))
    if ground.today:
        is_paused = preferences.c.paused_until >= ground.today.isoformat()
        until = preferences.c.paused_until
        paused = func.coalesce(
            _by_address(rows, preferences, until, is_paused),
            _by_member(rows, preferences, until, is_paused),
        )
        found.append(Objection(Exclusion.PAUSED, literal("until ").concat(paused)))
    return tuple(found)


def opted_out(rows: FromClause, topic: str) -> ColumnElement[bool]:
    """Tell whether somebody opted out of `topic`."""
    return _left_topic(rows, topic).is_not(None)


def _left_topic(rows: FromClause, topic: str) -> ColumnElement[str]:
    is_topic = opt_outs.c.topic == topic
    return func.coalesce(
        _by_address(rows, opt_outs, opt_outs.c.topic, is_topic),
        _by_member(rows, opt_outs, opt_outs.c.topic, is_topic),
    )


def any_of(found: tuple[Objection, ...]) -> ColumnElement[bool]:
    """Tell whether anything speaks against a row."""
    return or_(*(each.is_raised for each in found))


def _passing(ground: Ground) -> tuple[ColumnElement[bool], ...]:
    if not ground.is_notice:
        return ()
    return (suppressions.c.reason.not_in([reason.value for reason in PASSED_BY_NOTICES]),)


def _by_address(
    rows: FromClause, table: Table, value: ColumnElement[str], *conditions: ColumnElement[bool]
) -> ColumnElement[str]:
    return _one(table, value, rows, table.c.address_key == rows.c.address_key, *conditions)


def _by_member(
    rows: FromClause, table: Table, value: ColumnElement[str], *conditions: ColumnElement[bool]
) -> ColumnElement[str]:
    return _one(table, value, rows, table.c.member_id == rows.c.member_id, *conditions)


def _one(
    table: Table, value: ColumnElement[str], rows: FromClause, *conditions: ColumnElement[bool]
) -> ColumnElement[str]:
    query = select(value).where(*conditions).correlate(rows).limit(1)
    if table is suppressions:
        query = query.order_by(*GRAVEST_FIRST)
    return query.scalar_subquery()
