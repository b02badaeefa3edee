"""Checks of what is to come: events, their deadlines, and the year of a text that was reused."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.check.written import lines_of
from newsletter.check.writtendates import find_dates, show_day
from newsletter.errors import Location
from newsletter.finding import Finding, error, warning
from newsletter.issue.issue import Issue

_EVENT = re.compile(r":::+\s*event\b", re.IGNORECASE)
_END = re.compile(r":::+\s*$")
_SIGN_UP = re.compile(
    r"\b(?:register|registration|rsvp|sign(?:ing)?[ -]?up|early[ -]bird|book(?:ing)?)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:-|\u2013|\u2014|to|until|and)\s*\d", re.IGNORECASE)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_KINDS = (
    r"(?:annual\s+)?(?:meeting|conference|congress|symposium|summit|workshop|webinar|assembly"
    r"|elections?|awards?|fellowships?|membership|dues|programme|program|call for \w+)"
)
_NAMED_YEAR = re.compile(
    rf"\b(?P<name>{_KINDS})\s+(?:of\s+)?(?P<year>20\d\d)\b|\b(?P<first>20\d\d)\s+(?P<kind>{_KINDS})\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:regist(?:er|ration)|join us|submit|apply|open(?:s|ed)?|will (?:be|take)|invit(?:e|ation)"
    r"|save the date|see you|renew|vote|nominat\w+|attend|coming)\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:recap|reports?|minutes|highlights?|review(?:ed)?|recordings?|winners?|proceedings|results"
    r"|thanks?|thank you|was|were|had|last|past|previous|since|after|from|look(?:ing|ed)? back"
    r"|archive|photos|attended|took place|held|recipients?|awarded)\b",
    re.IGNORECASE,
)
"""Words that look back: with one of them, an earlier year is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """An event block: the days it names, in order."""

    days: tuple[dt.date, ...]
    at: Location
    lines: range


def check_occasions(issue: Issue, today: dt.date) -> Iterator[Finding]:
    """Look at events, deadlines and years as they will be read on `today`."""
    written = issue.announcement
    events = tuple(_events(issue, written.date or today))
    for event in events:
        if event.days[-1] < today:
            yield warning(
                "event-past",
                f"the event of {show_day(event.days[-1])} is past on {show_day(today)}",
                at=event.at,
                hint="write the date of this time, or take the event out",
            )
    if len(events) == 1:
        yield from _check_deadlines(issue, events[0], written.date or today)
    yield from _check_years(issue, today)


def check_embargo(issue: Issue, now: dt.datetime) -> Iterator[Finding]:
    """Hold the embargo of the announcement against when it is sent."""
    written = issue.announcement
    if written.embargo and now < written.embargo:
        yield error(
            "embargo",
            f"it is held back until {written.embargo:%Y-%m-%d %H:%M %Z}",
            at=written.place("embargo"),
            hint="wait until then; `check --at` looks with the eyes of that moment",
        )


def _events(issue: Issue, written: dt.date) -> Iterator[_Event]:
    lines = issue.announcement.body.split("\n")
    first: int | None = None
    for number, line in enumerate(lines, 1):
        if _EVENT.match(line):
            first = number
        elif first is not None and _END.match(line):
            days = sorted(
                date.days[0]
                for each in lines[first - 1 : number]
                if not _SIGN_UP.search(each) and not _has_range(each, written)
                for date in find_dates(each, written)
                if len(date.days) == 1
            )
            if days:
                at = issue.announcement.body_place(first)
                yield _Event(days=tuple(days), at=at, lines=range(first, number + 1))
            first = None


def _has_range(line: str, written: dt.date) -> bool:
    """Tell whether a date of the line goes on to another day that is not read here."""
    dates = tuple(find_dates(line, written))
    return len(dates) == 1 and bool(_RANGE.match(line[dates[0].end :]))


def _check_deadlines(issue: Issue, event: _Event, written: dt.date) -> Iterator[Finding]:
    for number, line in enumerate(issue.announcement.body.split("\n"), 1):
        if not _SIGN_UP.search(line):
            continue
        for date in find_dates(line, written):
            if len(date.days) == 1 and date.days[0] > event.days[-1]:
                yield warning(
                    "deadline-after-event",
                    f"{date.text!r} is after the event, which is on {show_day(event.days[-1])}",
                    at=issue.announcement.body_place(number),
                    hint="correct the one or the other",
                )


def _check_years(issue: Issue, today: dt.date) -> Iterator[Finding]:
    written = issue.announcement
    yield from _check_year(issue.subject, written.place("subject"), today, is_title=True)
    yield from _check_year(written.preheader, written.place("preheader"), today, is_title=True)
    if written.title != issue.subject:
        yield from _check_year(written.title, written.place("title"), today, is_title=True)
    if written.button:
        yield from _check_year(written.button.label, written.place("button"), today, is_title=True)
    for line in lines_of(written):
        if not line.begins_as_code:
            is_title = bool(_HEADING.match(line.text))
            yield from _check_year(line.text, line.at, today, is_title=is_title)


def _check_year(text: str, at: Location, today: dt.date, *, is_title: bool) -> Iterator[Finding]:
    """Find a year of the past beside what a society holds every year.

    Only in a title, or beside words that look ahead; and never beside words that look back.
    """
    if _BACK.search(text) or not (is_title or _AHEAD.search(text)):
        return
    for match in _NAMED_YEAR.finditer(text):
        year = int(match["year"] or match["first"])
        if year < today.year:
            yield warning(
                "year-past",
                f"{match[0]!r} is of a year that is over on {show_day(today)}",
                at=at,
                hint="write this year, or say that you look back",
            )
