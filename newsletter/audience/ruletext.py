"""Reading rules: the language of `rule.lark`, into a tree. The only door to lark."""

import datetime as dt
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from newsletter.audience.rule import (
    All,
    Among,
    Any,
    Comparison,
    Contains,
    InSegment,
    IsEmpty,
    Not,
    Rule,
    Today,
    Value,
    Wants,
    shifted,
)
from newsletter.errors import AudienceError, Location

if TYPE_CHECKING:
    from lark import Lark, Token, Tree


@lru_cache(maxsize=1_000)  # the desk reads the same few rules for every line of a list
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
    if kind in ("in_segment", "not_in_segment", "wants"):
        return _of_others(kind, tokens)
    column, offset = str(tokens[0]).casefold(), tokens[0].start_pos or 0
    if kind.startswith("within"):
        return _within(column, offset, _days(tokens[1:]), is_past=kind == "within_last")
    return _of_column(kind, column, offset, tokens)


def _of_column(kind: str, column: str, offset: int, tokens: "list[Token]") -> Rule:
    values = tuple(_value(token) for token in tokens[1:] if token.type in _VALUE_TOKENS)
    match kind:
        case "comparison":
            operator = "!=" if tokens[1] == "<>" else str(tokens[1])
            return Comparison(column, operator, values[0], offset)
        case "between":
            return _between(column, offset, values[0], values[1])
        case "among" | "not_among":
            among = Among(column, values, offset)
            return among if kind == "among" else Not(among)
        case "contains":
            return Contains(column, str(values[0]), offset)
        case _:
            pass
    empty = IsEmpty(column, offset)
    return empty if kind == "is_empty" else Not(empty)


def _of_others(kind: str, tokens: "list[Token]") -> Rule:
    """Read a claim that is about no column: `IN SEGMENT students`, `WANTS events`."""
    name, offset = str(tokens[-1]).strip("'"), tokens[-1].start_pos or 0
    if kind == "wants":
        return Wants(name, offset)
    inside = InSegment(name, offset)
    return inside if kind == "in_segment" else Not(inside)


def _within(column: str, offset: int, days: int, *, is_past: bool) -> Rule:
    if is_past:
        return _between(column, offset, Today(-days), Today())
    return _between(column, offset, Today(), Today(days))


def _between(column: str, offset: int, low: Value, high: Value) -> Rule:
    first = Comparison(column, ">=", low, offset)
    return All((first, Comparison(column, "<=", high, offset)))


def _days(tokens: "list[Token]") -> int:
    number = int(next(token for token in tokens if token.type == "NUMBER"))
    unit = next(token for token in tokens if token.type == "UNIT").lower()
    return number * (7 if unit.startswith("week") else 1)


_VALUE_TOKENS = frozenset({"TEXT", "DATE", "NUMBER", "TODAY"})


def _value(token: "Token") -> Value:
    text = str(token)
    match token.type:
        case "TODAY":
            return _today(text)
        case "DATE":
            return dt.date.fromisoformat(text)
        case "NUMBER":
            return float(text)
        case _:
            quote = text[0]
            inner = text[1:-1]
            return inner.replace(quote * 2, quote) if quote in "'\"" else inner


def _today(text: str) -> Today:
    """Read `TODAY`, `TODAY + 30 days` or `TODAY - 2 weeks`."""
    found = _FROM_TODAY.fullmatch(text)
    if not found or not found["number"]:
        return Today()
    days = int(found["number"]) * (7 if found["unit"].lower().startswith("week") else 1)
    return Today(-days if found["sign"] == "-" else days)


_FROM_TODAY = re.compile(
    r"today(?:\s*(?P<sign>[+-])\s*(?P<number>\d{1,5})\s*(?P<unit>days?|weeks?))?", re.IGNORECASE
)
