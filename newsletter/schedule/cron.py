"""Cron's five fields, as rules of RFC 5545: minute, hour, day of the month, month, weekday.

As cron does it, a day counts where the day of the month or the weekday fits, should both be said.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

from newsletter.schedule.freedays import WEEKDAYS
from newsletter.schedule.lost import NotUnderstood

_FIELDS = 5
_HINT = "write minute, hour, day, month and weekday: 0 9 * * 2#1 is the first Tuesday at 09:00"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_PART = re.compile(r"(?P<low>\*|\w+)(?:-(?P<high>\w+))?(?:/(?P<step>[1-9]\d*))?")
_NTH = re.compile(r"(?P<day>\w+)(?:#(?P<number>[1-5])|(?P<last>L))", re.IGNORECASE)


class Field(NamedTuple):
    """What one of the five fields may hold."""

    what: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Of its values, from the lowest."""


_MINUTE, _HOUR = Field("minute", 0, 59), Field("hour", 0, 23)
_DAY, _MONTH = Field("day", 1, 31), Field("month", 1, 12, _MONTHS)
_WEEKDAY = Field("weekday", 0, 7, _DAYS)


class _Part(NamedTuple):
    """A piece of the line, and where it begins, counted from 0."""

    text: str
    at: int

    def split(self) -> "Iterator[_Part]":
        """Take it apart at its commas."""
        at = self.at
        for each in self.text.split(","):
            yield _Part(each, at)
            at += len(each) + 1


def read_cron(text: str) -> tuple[tuple[str, ...], tuple[dt.time, ...]]:
    """Give the rules of `text` and its times of day.

    Raises:
        NotUnderstood: it is no cron line, or is due more than once an hour.
    """
    fields = [_Part(found[0], found.start()) for found in re.finditer(r"\S+", text)]
    if len(fields) != _FIELDS:
        at = fields[_FIELDS].at if len(fields) > _FIELDS else len(text)
        raise NotUnderstood(f"{text!r} has {len(fields)} fields, not {_FIELDS}", at, _HINT)
    minute, hour, day, month, weekday = fields
    minutes = _numbers(minute, _MINUTE)
    if len(minutes) != 1:
        raise NotUnderstood(
            f"{minute.text!r} has several minutes",
            minute.at,
            "choose one: nobody reads more than one mail",
        )
    times = tuple(dt.time(each, minutes[0]) for each in _numbers(hour, _HOUR))
    months = _numbers(month, _MONTH)
    within = "" if month.text == "*" else f";BYMONTH={_listed(months)}"
    rules = []
    if day.text != "*":
        days = "-1" if day.text.upper() == "L" else _listed(_numbers(day, _DAY))
        rules.append(f"FREQ=MONTHLY;BYMONTHDAY={days}{within}")
    if weekday.text != "*":
        rules += [f"{rule}{within}" for rule in _weekdays(weekday)]
    return tuple(rules) or (f"FREQ=DAILY{within}",), times


def _weekdays(field: _Part) -> Iterator[str]:
    plain: list[int] = []
    for part in field.split():
        nth = _NTH.fullmatch(part.text)
        if nth is None or part.text.lower() in _DAYS:
            plain += _of_part(part, _WEEKDAY)
            continue
        (day,) = _of_part(_Part(nth["day"], part.at), _WEEKDAY)
        yield f"FREQ=MONTHLY;BYDAY={nth['number'] or '-1'}{_name(day)}"
    if plain:
        found = dict.fromkeys(_name(day) for day in sorted(set(plain)))
        yield f"FREQ=DAILY;BYDAY={','.join(found)}"


def _name(day: int) -> str:
    return WEEKDAYS[(day - 1) % 7]


def _numbers(field: _Part, of: Field) -> tuple[int, ...]:
    return tuple(sorted({number for part in field.split() for number in _of_part(part, of)}))


def _of_part(part: _Part, of: Field) -> range:
    match = _PART.fullmatch(part.text)
    if match is None:
        raise NotUnderstood(f"{part.text!r} is no {of.what} of cron", part.at, _HINT)
    if match["low"] == "*":
        low, high = of.low, of.high
    else:
        low = _number(_Part(match["low"], part.at), of)
        until = _Part(match["high"], part.at + match.start("high")) if match["high"] else None
        high = _number(until, of) if until else low
        high = of.high if match["step"] and not until else high
    if low > high:
        raise NotUnderstood(f"{part.text!r} ends before it begins", part.at, _HINT)
    return range(low, high + 1, int(match["step"] or 1))


def _number(part: _Part, of: Field) -> int:
    text = part.text.lower()
    if text in of.names:
        return of.names.index(text) + of.low
    if not text.isdecimal() or not of.low <= int(text) <= of.high:
        raise NotUnderstood(f"{part.text!r} is no {of.what} of cron", part.at, _HINT)
    return int(text)


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
