"""Dates as people write them, where they can mean one day only."""

import datetime as dt
import re

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_TIME = r"[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:z|utc|[+-]\d{2}:?\d{2}))?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:{_TIME})?",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?P<name>[a-z]+)\.?,? (?P<year>\d{4})",
        r"(?P<name>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
    )
)

_SHORTEST_MONTH = 3
"""In letters: `Mar` for March."""


def read_date(text: str) -> dt.date | None:
    """Read `2027-03-15`, `15 March 2027` or `March 15, 2027`; None for anything else.

    A time of day behind an ISO date, as web sites write it, is left out.

    `03/04/2027` is not read: half the world takes it for March, the other half for April.
    """
    plain = " ".join(text.lower().split())
    for form in _FORMS:
        match = form.fullmatch(plain)
        if match:
            return _date(match.groupdict())
    return None


def _date(parts: dict[str, str]) -> dt.date | None:
    month = int(parts["month"]) if "month" in parts else _month(parts["name"])
    try:
        return dt.date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:
        return None


def _month(name: str) -> int:
    """Number the month from 1; 0 where there is none of that name."""
    if len(name) < _SHORTEST_MONTH:
        return 0
    found = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]
    return found[0] if found else 0
