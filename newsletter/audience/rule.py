"""Segment rules: claims over the columns of the list, parsed into a tree of our own.

A rule is never pasted into SQL: what is not a node of this module cannot be said.
Every claim is true or false, never unknown: a member without a value is not equal to anything,
is neither more nor less than anything, and is `empty`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from newsletter.audience.column import ColumnType
from newsletter.errors import AudienceError, InputErrors, Location
from newsletter.suggest import did_you_mean

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

Value = str | float | dt.date


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
Rule = Claim | Not | All | Any


def claims(rule: Rule) -> Iterator[Claim]:
    """Walk over every claim about a column."""
    match rule:
        case Not(claim):
            yield from claims(claim)
        case All(parts) | Any(parts):
            for part in parts:
                yield from claims(part)
        case _:
            yield rule


def parse_rule(text: str, at: Location) -> Rule:
    """Read a rule that begins at the place `at`.

    Raises:
        AudienceError: it does not follow the grammar; its place points at the column.
    """
    from lark import UnexpectedInput, UnexpectedToken

    if not text.strip():
        raise AudienceError("the rule is empty", at=at, hint="write one, such as country = 'US'")
    try:
        return _rule(_parser().parse(text))
    except UnexpectedInput as reason:
        is_end = isinstance(reason, UnexpectedToken) and reason.token.type == "$END"
        offset = len(text) if is_end else int(vars(reason)["pos_in_stream"])
        rest = text[offset : offset + 20].split()
        what = f"cannot be read at {rest[0]!r}" if rest else "ends too early"
        raise AudienceError(
            f"the rule {what}",
            at=shifted(at, offset),
            hint="write it like membership = 'student' AND country IN ('US', 'CA')",
        ) from reason
    except ValueError as reason:
        raise AudienceError(f"the rule has no such date: {reason}", at=at) from reason


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
    if isinstance(value, dt.date):
        return ColumnType.DATE
    return ColumnType.TEXT if isinstance(value, str) else ColumnType.NUMBER


def _show(value: Value) -> str:
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


@cache
def _parser() -> "Lark":
    from lark import Lark

    grammar = files("newsletter.audience").joinpath("rule.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False)


def _rule(node: "Tree[Token] | Token") -> Rule:
    from lark import Tree

    if not isinstance(node, Tree):
        raise TypeError(node)  # the grammar makes a tree of every claim
    children = node.children
    if node.data in ("any", "all"):
        parts = tuple(_rule(child) for child in children)
        return Any(parts) if node.data == "any" else All(parts)
    if node.data == "negation":
        return Not(_rule(children[0]))
    return _claim(str(node.data), [child for child in children if not isinstance(child, Tree)])


def _claim(kind: str, tokens: "list[Token]") -> Rule:
    column, offset = str(tokens[0]).casefold(), tokens[0].start_pos or 0
    values = tuple(_value(token) for token in tokens[1:] if token.type in _VALUE_TOKENS)
    match kind:
        case "comparison":
            operator = "!=" if tokens[1] == "<>" else str(tokens[1])
            return Comparison(column, operator, values[0], offset)
        case "between":
            low = Comparison(column, ">=", values[0], offset)
            return All((low, Comparison(column, "<=", values[1], offset)))
        case "among" | "not_among":
            among = Among(column, values, offset)
            return among if kind == "among" else Not(among)
        case "contains":
            return Contains(column, str(values[0]), offset)
        case _:
            empty = IsEmpty(column, offset)
            return empty if kind == "is_empty" else Not(empty)


_VALUE_TOKENS = frozenset({"TEXT", "DATE", "NUMBER"})


def _value(token: "Token") -> Value:
    text = str(token)
    match token.type:
        case "DATE":
            return dt.date.fromisoformat(text)
        case "NUMBER":
            return float(text)
        case _:
            quote = text[0]
            inner = text[1:-1]
            return inner.replace(quote * 2, quote) if quote in "'\"" else inner
