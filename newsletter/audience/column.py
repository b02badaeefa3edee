"""Columns of the list: their names as rules and slots use them, and what they hold."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum


class ColumnType(StrEnum):
    """What every filled value of a column is."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    """ISO 8601 calendar dates, `2026-11-23`."""


_NUMBER = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,9})?", re.ASCII)
"""No leading zeros: a postal code or a membership number is text."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def column_name(heading: str) -> str:
    """Turn a heading such as `First Name` into the name that rules and slots use: `first_name`."""
    plain = unicodedata.normalize("NFKC", heading).strip().casefold()
    return re.sub(r"\W+", "_", plain).strip("_")


def type_of(value: str) -> ColumnType:
    """Tell what one value is."""
    if _NUMBER.fullmatch(value):
        return ColumnType.NUMBER
    if _DATE.fullmatch(value):
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            return ColumnType.TEXT
        return ColumnType.DATE
    return ColumnType.TEXT


class ColumnTypes:
    """What the columns of a list hold, as far as it was read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._types: dict[str, ColumnType | None] = {}
        self._seen: dict[str, set[str]] = {}

    def add(self, name: str, values: Iterable[str]) -> None:
        """Take note of more values of the column `name`, each different one once."""
        known = self._types.get(name)
        if known is ColumnType.TEXT:
            return
        seen = self._seen.setdefault(name, set())
        new = set(values) - seen
        for value in new:
            known = merge_types(known, value)
        self._types[name] = known
        if len(seen) < _REMEMBERED:
            seen |= new

    def of(self, names: Iterable[str]) -> dict[str, ColumnType]:
        """Tell what each column holds; a column that is always empty holds text."""
        return {name: self._types.get(name) or ColumnType.TEXT for name in names}


_REMEMBERED = 5_000
"""Different values of one column."""


def merge_types(known: ColumnType | None, value: str) -> ColumnType | None:
    """Tell what a column is that was `known` so far and now shows `value`; None while empty."""
    if known is ColumnType.TEXT or not value:
        return known
    found = type_of(value)
    return found if known in (None, found) else ColumnType.TEXT
