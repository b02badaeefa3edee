"""Dates as English announcements write them, found in running text. Pure."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.announcement.dates import read_date

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"(?:\b(?P<weekday>{'|'.join(DAYS)})\b,?\s+(?:the\s+)?)?"
    rf"\b(?P<date>\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}\b\.?(?:,?\s+\d{{4}}\b)?"
    rf"|{_MONTH}\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?"
    r"|\d{4}-\d{2}-\d{2}\b)",
    re.IGNORECASE,
)
_LONGEST_MEMORY = dt.timedelta(days=120)
"""A date without a year that was less than this ago is taken for that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDate:
    """One date in a line."""

    text: str
    weekday: str
    """In lower case; empty where none is written before it."""
    days: tuple[dt.date, ...]
    """The days it may mean, the earliest first: one where it has a year."""
    start: int
    """Where it begins in the line, counted from 0."""
    end: int


def find_dates(line: str, written: dt.date) -> Iterator[WrittenDate]:
    """Find the dates in a line; one without a year is near the day `written`."""
    for match in _DATE.finditer(line):
        yield WrittenDate(
            text=match["date"],
            weekday=(match["weekday"] or "").lower(),
            days=_days_of(match["date"], written),
            start=match.start(),
            end=match.end(),
        )


def show_day(day: dt.date) -> str:
    """Write a day as a person would: `11 June 2027`."""
    return f"{day.day} {day:%B %Y}"


def _days_of(text: str, written: dt.date) -> tuple[dt.date, ...]:
    """Give the days that `text` may mean: one with a year, else the next and the one just past."""
    plain = re.sub(r"(?i)\s+of\s+", " ", text).replace(".", "")
    exact = read_date(plain)
    if exact:
        return (exact,)
    years = (written.year, written.year + 1, written.year - 1)
    found = [day for year in years if (day := read_date(f"{plain} {year}"))]
    near = [day for day in found if written - _LONGEST_MEMORY <= day]
    return tuple(sorted(near)[:2])
