"""Columns of the list: their names as rules and slots use them, and what they hold."""

import datetime as dt
import re
import unicodedata
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


def merge_types(known: ColumnType | None, value: str) -> ColumnType | None:
    """Tell what a column is that was `known` so far and now shows `value`; None while empty."""
    if known is ColumnType.TEXT or not value:
        return known
    found = type_of(value)
    return found if known in (None, found) else ColumnType.TEXT
