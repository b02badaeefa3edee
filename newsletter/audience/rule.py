"""Segment rules: claims over the columns of the list, parsed into a tree of our own.

A rule is never pasted into SQL: what is not a node of this module cannot be said.
Every claim is true or false, never unknown: a member without a value is not equal to anything,
is neither more nor less than anything, and is `empty`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from newsletter.audience.column import ColumnType
from newsletter.errors import AudienceError, InputErrors, Location
from newsletter.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Today:
    """The day on which the rule is asked, and some days before or after it."""

    days: int = 0


Value = str | float | dt.date | Today


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column operator value`; the operator is one of `= != < <= > >=`."""

    column: str
    operator: str
    value: Value
    offset: int
    """Where the column stands in the rule, in characters from 0."""


@dataclass(frozen=True, slots=True)
class Among:
    """`column IN (values)`."""

    column: str
    values: tuple[Value, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Contains:
    """`column CONTAINS 'text'`, letters compared without regard to case."""

    column: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """`column IS EMPTY`."""

    column: str
    offset: int


@dataclass(frozen=True, slots=True)
class InSegment:
    """`IN SEGMENT name`: what the rule of another segment claims."""

    name: str
    offset: int
    rule: "Rule | None" = None
    """That rule; None until it is looked up."""


@dataclass(frozen=True, slots=True)
class Wants:
    """`WANTS topic`: they have not opted out of it."""

    topic: str
    offset: int


@dataclass(frozen=True, slots=True)
class Not:
    """The claim is false."""

    claim: "Rule"


@dataclass(frozen=True, slots=True)
class All:
    """Every claim is true."""

    claims: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one claim is true."""

    claims: tuple["Rule", ...]


Claim = Comparison | Among | Contains | IsEmpty
"""What is said of one column."""
Rule = Claim | InSegment | Wants | Not | All | Any


def parts_of(rule: Rule) -> Iterator[Claim | InSegment | Wants]:
    """Walk over everything that is claimed, in order."""
    match rule:
        case Not(claim):
            yield from parts_of(claim)
        case All(parts) | Any(parts):
            for part in parts:
                yield from parts_of(part)
        case _:
            yield rule


def claims(rule: Rule) -> Iterator[Claim]:
    """Walk over every claim about a column that the rule itself makes."""
    yield from (part for part in parts_of(rule) if not isinstance(part, InSegment | Wants))


def rewrite(rule: Rule, change: Callable[[Claim | InSegment | Wants], Rule]) -> Rule:
    """Put `change` of each claim in its place."""
    match rule:
        case Not(claim):
            return Not(rewrite(claim, change))
        case All(parts):
            return All(tuple(rewrite(part, change) for part in parts))
        case Any(parts):
            return Any(tuple(rewrite(part, change) for part in parts))
        case _:
            return change(rule)


def on_day(rule: Rule, today: dt.date) -> Rule:
    """Put the day of today, and those counted from it, in place of the words for them."""

    def date(value: Value) -> Value:
        return today + dt.timedelta(days=value.days) if isinstance(value, Today) else value

    def dated(claim: Claim | InSegment | Wants) -> Rule:
        match claim:
            case Comparison(column, operator, value, offset):
                return Comparison(column, operator, date(value), offset)
            case Among(column, values, offset):
                return Among(column, tuple(map(date, values)), offset)
            case InSegment(name, offset, other) if other is not None:
                return InSegment(name, offset, on_day(other, today))
            case _:
                return claim

    return rewrite(rule, dated)


def check_rule(rule: Rule, columns: Mapping[str, ColumnType], at: Location) -> None:
    """Hold every claim of `rule` against what the `columns` of the list hold.

    Raises:
        InputErrors: columns that the list lacks, values of another type than their column.
    """
    errors = [error for claim in claims(rule) for error in _claim_errors(claim, columns, at)]
    if errors:
        raise InputErrors(errors)


def shifted(at: Location, offset: int) -> Location:
    """Move `at` by `offset` characters to the right."""
    return Location(at.path, at.line, None if at.column is None else at.column + offset)


def _claim_errors(
    claim: Claim, columns: Mapping[str, ColumnType], at: Location
) -> Iterator[AudienceError]:
    place = shifted(at, claim.offset)
    held = columns.get(claim.column)
    if held is None:
        hint = did_you_mean(claim.column, columns, otherwise=f"use one of: {', '.join(columns)}")
        yield AudienceError(f"the list has no column {claim.column!r}", at=place, hint=hint)
        return
    for value in _values(claim):
        if type_of_value(value) is not held:
            yield AudienceError(
                f"{claim.column!r} holds {_PLURALS[held]}, and {_show(value)} is not one",
                at=place,
                hint=_TYPE_HINTS[held],
            )


_PLURALS = {
    ColumnType.TEXT: "text",
    ColumnType.NUMBER: "numbers",
    ColumnType.DATE: "dates",
}
_TYPE_HINTS = {
    ColumnType.TEXT: "put the value in quotes, as in membership = 'student'",
    ColumnType.NUMBER: "write the number without quotes, as in years >= 5",
    ColumnType.DATE: "write the date without quotes, as in joined >= 2024-01-31",
}


def type_of_value(value: Value) -> ColumnType:
    """Tell which type of column `value` can be compared with."""
    if isinstance(value, dt.date | Today):
        return ColumnType.DATE
    return ColumnType.TEXT if isinstance(value, str) else ColumnType.NUMBER


def _show(value: Value) -> str:
    if isinstance(value, Today):
        return "TODAY"
    if isinstance(value, float):
        return f"{value:g}"
    return repr(value) if isinstance(value, str) else str(value)


def _values(claim: Claim) -> tuple[Value, ...]:
    match claim:
        case Comparison(value=value):
            return (value,)
        case Among(values=values):
            return values
        case Contains() | IsEmpty():
            return ()
