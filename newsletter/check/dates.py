"""Checks of dates and times as English announcements write them: the slips of a reused text.

A weekday that does not fit its date, a deadline that has passed, a time that nobody abroad can
read.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.check.writtendates import DAYS, WrittenDate, find_dates, show_day
from newsletter.errors import Location
from newsletter.finding import Finding, error, warning
from newsletter.issue.issue import Issue

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
        found = tuple(find_dates(line, self.written))
        for date in found:
            yield from _check_weekday(date, at)
            yield from self._check_past(line, date, at)
        if found and _TIME.search(line) and not _ZONE.search(line):
            yield warning(
                "time-without-zone",
                f"{_TIME.findall(line)[0].strip()!r} does not say in which time zone",
                at=at,
                hint="add it: 17:00 CET, or 5 pm New York time",
            )

    def _check_past(self, line: str, date: WrittenDate, at: Location) -> Iterator[Finding]:
        if len(date.days) == 1 and date.days[0] < self.today and _DUE.search(line):
            yield warning(
                "date-past",
                f"{date.text!r} is past on {show_day(self.today)}",
                at=at,
                hint="write the date of this time",
            )


def _check_weekday(date: WrittenDate, at: Location) -> Iterator[Finding]:
    if date.weekday and date.days and all(DAYS[d.weekday()] != date.weekday for d in date.days):
        day = date.days[0]
        yield error(
            "weekday-wrong",
            f"{show_day(day)} is a {day:%A}, not a {date.weekday.capitalize()}",
            at=at,
            hint="correct the day or the date",
        )
