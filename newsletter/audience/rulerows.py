"""A rule as rows of a form: attribute, operator, value; written as people write it. Pure.

Not every rule is so simple; the others are written as text.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from newsletter.audience.column import ColumnType
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
    Value,
    Wants,
)

Join = Literal["AND", "OR"]

OPERATORS: Mapping[str, str] = {
    "=": "is",
    "!=": "is not",
    "<": "is less or before",
    "<=": "is at most, or until",
    ">": "is more or after",
    ">=": "is at least, or since",
    "in": "is one of",
    "not in": "is none of",
    "contains": "contains",
    "not contains": "does not contain",
    "empty": "is empty",
    "not empty": "is not empty",
}
"""What can be said of an attribute, as a form says it."""
_ORDERS = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the form."""

    column: str
    operator: str
    """One of `OPERATORS`."""
    value: str = ""
    """Several with commas, where the operator takes them."""

    @property
    def is_whole(self) -> bool:
        """Tell whether it says something."""
        has_value = bool(self.value.strip()) or self.operator.endswith("empty")
        return bool(self.column) and self.operator in OPERATORS and has_value


def rule_text(rows: Sequence[Row], join: Join, columns: Mapping[str, ColumnType]) -> str:
    """Write the rule that the whole rows mean; empty where there is none."""
    return f" {join} ".join(_claim(row, columns) for row in rows if row.is_whole)


def rows_of(rule: Rule) -> tuple[tuple[Row, ...], Join] | None:
    """Give the rows that mean `rule`; None where it cannot be said in rows."""
    join: Join = "OR" if isinstance(rule, Any) else "AND"
    parts = rule.claims if isinstance(rule, All | Any) else (rule,)
    rows = [_row(part) for part in parts]
    whole = tuple(row for row in rows if row is not None)
    return (whole, join) if len(whole) == len(rows) else None


def _claim(row: Row, columns: Mapping[str, ColumnType]) -> str:
    held = columns.get(row.column, ColumnType.TEXT)
    value = row.value.strip()
    match row.operator:
        case "empty" | "not empty":
            return f"{row.column} IS {row.operator.upper()}"
        case "contains":
            return f"{row.column} CONTAINS {_quoted(value)}"
        case "not contains":
            return f"NOT {row.column} CONTAINS {_quoted(value)}"
        case "in" | "not in":
            each = [_value(part.strip(), held) for part in value.split(",") if part.strip()]
            return f"{row.column} {row.operator.upper()} ({', '.join(each)})"
        case _:
            return f"{row.column} {row.operator} {_value(value, held)}"


def _value(text: str, held: ColumnType) -> str:
    """Write numbers, dates and days counted from today as they are, all else in quotes."""
    if held is ColumnType.TEXT:
        return _quoted(text)
    is_plain = all(letter.isalnum() or letter in " .+-" for letter in text)
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _row(part: Rule) -> Row | None:
    match part:
        case Comparison(column, operator, value, _):
            shown = _shown(value)
            is_simple = operator in _ORDERS and shown is not None
            return Row(column=column, operator=operator, value=shown or "") if is_simple else None
        case Contains(column, text, _):
            return Row(column=column, operator="contains", value=text)
        case IsEmpty(column, _):
            return Row(column=column, operator="empty")
        case Among(column, values, _):
            return _among(column, values)
        case Not(claim):
            return _negated(claim)
        case InSegment() | Wants() | All() | Any():
            return None


def _negated(claim: Rule) -> Row | None:
    inner = None if isinstance(claim, Not | Comparison) else _row(claim)
    if inner is None:
        return None
    return Row(column=inner.column, operator=f"not {inner.operator}", value=inner.value)


def _among(column: str, values: Sequence[Value]) -> Row | None:
    shown = [_shown(value) for value in values]
    texts = [each for each in shown if each is not None and "," not in each]
    if len(texts) != len(shown):
        return None
    return Row(column=column, operator="in", value=", ".join(texts))


def _shown(value: Value) -> str | None:
    """Write a value as a field of the form has it; None where a form has no word for it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    return value.isoformat() if isinstance(value, dt.date) else None
