"""Checks of dates and times as English announcements write them: the slips of a reused text.

A weekday that does not fit its date, a deadline that has passed, a time that nobody abroad can
read.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.announcement.dates import read_date
from newsletter.errors import Location
from newsletter.finding import Finding, error, warning
from newsletter.issue.issue import Issue

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"(?:\b(?P<weekday>{'|'.join(_DAYS)})\b,?\s+(?:the\s+)?)?"
    rf"\b(?P<date>\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}\b\.?(?:,?\s+\d{{4}}\b)?"
    rf"|{_MONTH}\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?"
    r"|\d{4}-\d{2}-\d{2}\b)",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(deadline|apply|applications?|submit|register|registration|due|closes?|ends?|until|by)\b"
    r"|^:::\s*deadline",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:[01]?\d|2[0-3])[:.][0-5]\d\s*(?:[ap]\.?m\b\.?)?|\b(?:1[0-2]|[1-9])\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\b(?:UTC|GMT|BST|WEST?|CES?T|EES?T|MSK|IST|JST|KST|SGT|[ACEMP][SD]?T|AE[SD]T|NZ[SD]T)\b"
    r"|[+-]\d{2}:?\d{2}\b|\b(?:local|[A-Z]\w+)\s+time\b|\btime zone\b",
)
_LONGEST_MEMORY = dt.timedelta(days=120)
"""A date without a year that was less than this ago is taken for that one."""


def check_dates(issue: Issue, today: dt.date) -> Iterator[Finding]:
    """Look at every date and time of subject, preheader and body, as it will be read on `today`.

    A date without a year is one near the announcement's own date, or near `today`.
    """
    written = issue.announcement
    looking = _Looking(today, written.date or today)
    yield from looking.at_line(issue.subject, written.place("subject"))
    yield from looking.at_line(written.preheader, written.place("preheader"))
    for number, line in enumerate(written.body.split("\n"), 1):
        yield from looking.at_line(line, written.body_place(number))


@dataclass(frozen=True, slots=True)
class _Looking:
    today: dt.date
    written: dt.date

    def at_line(self, line: str, at: Location) -> Iterator[Finding]:
        for match in _DATE.finditer(line):
            days = _days_of(match["date"], self.written)
            yield from _check_weekday(match, days, at)
            yield from self._check_past(line, match, days, at)
        if _TIME.search(line) and not _ZONE.search(line) and _DATE.search(line):
            yield warning(
                "time-without-zone",
                f"{_TIME.findall(line)[0].strip()!r} does not say in which time zone",
                at=at,
                hint="add it: 17:00 CET, or 5 pm New York time",
            )

    def _check_past(
        self, line: str, match: re.Match[str], days: tuple[dt.date, ...], at: Location
    ) -> Iterator[Finding]:
        if len(days) == 1 and days[0] < self.today and _DUE.search(line):
            yield warning(
                "date-past",
                f"{match['date']!r} is past on {_shown(self.today)}",
                at=at,
                hint="write the date of this time",
            )


def _check_weekday(
    match: re.Match[str], days: tuple[dt.date, ...], at: Location
) -> Iterator[Finding]:
    weekday = (match["weekday"] or "").lower()
    if weekday and days and all(_DAYS[day.weekday()] != weekday for day in days):
        day = days[0]
        yield error(
            "weekday-wrong",
            f"{_shown(day)} is a {day:%A}, not a {match['weekday'].capitalize()}",
            at=at,
            hint="correct the day or the date",
        )


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


def _shown(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
