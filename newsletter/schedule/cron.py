"""Cron's five fields, as rules of RFC 5545: minute, hour, day of the month, month, weekday.

As cron does it, a day counts where the day of the month or the weekday fits, should both be said.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

from newsletter.errors import SettingsError
from newsletter.schedule.freedays import WEEKDAYS

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


def read_cron(text: str) -> tuple[tuple[str, ...], tuple[dt.time, ...]]:
    """Give the rules of `text` and its times of day.

    Raises:
        SettingsError: it is no cron line, or is due more than once an hour.
    """
    fields = text.split()
    if len(fields) != _FIELDS:
        raise SettingsError(f"{text!r} has {len(fields)} fields, not {_FIELDS}", hint=_HINT)
    minutes = _numbers(fields[0], _MINUTE)
    if len(minutes) != 1:
        raise SettingsError(
            f"{fields[0]!r} has several minutes", hint="choose one: nobody reads more than one mail"
        )
    times = tuple(dt.time(hour, minutes[0]) for hour in _numbers(fields[1], _HOUR))
    months = _numbers(fields[3], _MONTH)
    within = "" if fields[3] == "*" else f";BYMONTH={_listed(months)}"
    rules = []
    if fields[2] != "*":
        days = "-1" if fields[2].upper() == "L" else _listed(_numbers(fields[2], _DAY))
        rules.append(f"FREQ=MONTHLY;BYMONTHDAY={days}{within}")
    if fields[4] != "*":
        rules += [f"{rule}{within}" for rule in _weekdays(fields[4])]
    return tuple(rules) or (f"FREQ=DAILY{within}",), times


def _weekdays(text: str) -> Iterator[str]:
    plain = []
    for part in text.split(","):
        nth = _NTH.fullmatch(part)
        if nth is None or part.lower() in _DAYS:
            plain.append(part)
            continue
        (day,) = _numbers(nth["day"], _WEEKDAY)
        yield f"FREQ=MONTHLY;BYDAY={nth['number'] or '-1'}{_name(day)}"
    if plain:
        found = dict.fromkeys(_name(day) for day in _numbers(",".join(plain), _WEEKDAY))
        yield f"FREQ=DAILY;BYDAY={','.join(found)}"


def _name(day: int) -> str:
    return WEEKDAYS[(day - 1) % 7]


def _numbers(text: str, of: Field) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise SettingsError(f"{part!r} is no {of.what} of cron", hint=_HINT)
        if match["low"] == "*":
            low, high = of.low, of.high
        else:
            low = _number(match["low"], of)
            high = _number(match["high"], of) if match["high"] else low
            high = of.high if match["step"] and not match["high"] else high
        if low > high:
            raise SettingsError(f"{part!r} ends before it begins", hint=_HINT)
        found.update(range(low, high + 1, int(match["step"] or 1)))
    return tuple(sorted(found))


def _number(text: str, of: Field) -> int:
    if text.lower() in of.names:
        return of.names.index(text.lower()) + of.low
    if not text.isdecimal() or not of.low <= int(text) <= of.high:
        raise SettingsError(f"{text!r} is no {of.what} of cron", hint=_HINT)
    return int(text)


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
