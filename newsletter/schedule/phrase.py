"""Schedules in words: `first Tuesday of the month at 09:00 in America/New_York`."""

import datetime as dt
import re
from dataclasses import dataclass

from newsletter.schedule.freedays import WEEKDAYS
from newsletter.schedule.lost import NotUnderstood
from newsletter.suggest import did_you_mean

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_OTHERS = (
    *("every", "each", "other", "the", "of", "on", "at", "in", "and", "a", "day", "days", "week"),
    *("month", "quarter", "year", "working", "weekday", "daily", "weekly", "monthly"),
    *("quarterly", "yearly", "am", "pm", "noon"),
)
_EXAMPLE = "write it like: first Tuesday of the month at 09:00 in America/New_York"

_ORDINAL = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_DAY = rf"(?:{'|'.join(_NAMES)})s?"
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_TIME = r"(?:noon|\d{1,2}(?::\d\d)?(?: ?[ap]m)?)"
_ZONE = re.compile(r"\s+in\s+(?P<zone>\S+)$")
_AT = re.compile(rf"\s+at\s+(?P<times>{_TIME}(?:(?:,| and) {_TIME})*)$")
_THE_NTH = (
    rf"(?:on )?(?:every |each |the )?(?P<numbers>{_ORDINAL}(?:(?:,| and) (?:the )?{_ORDINAL})*)"
)
_OF_PERIOD = re.compile(
    rf"{_THE_NTH}(?: (?P<what>{_DAY}|day|working day|weekday))?"
    rf" of (?:the |every |each |a )?(?P<period>month|quarter|year|{_MONTH}(?:(?:,| and) {_MONTH})*)"
)
_BY_PERIOD = re.compile(
    r"(?P<period>monthly|quarterly|yearly)"
    rf"(?: {_THE_NTH}(?: (?P<what>{_DAY}|day|working day|weekday))?)?"
)
_BY_WEEK = re.compile(
    rf"(?:every |each |on |weekly on )?(?:(?P<nth>other|{_ORDINAL}) )?"
    rf"(?P<days>{_DAY}(?:(?:,| and) {_DAY})*)"
)
_BY_DAY = re.compile(r"(?:every |each )(?P<what>day|working day|weekday)|daily")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What a phrase says; times and zone may be missing."""

    rule: str
    times: tuple[dt.time, ...]
    zone: str


def read_phrase(text: str) -> Phrase:
    """Read a schedule in words.

    Raises:
        NotUnderstood: it cannot be followed.
    """
    rest, zone = text.rstrip(), ""
    in_zone = _ZONE.search(rest)
    if in_zone:
        rest, zone = rest[: in_zone.start()], in_zone["zone"]
    at = _AT.search(rest.lower())
    times = _times(at["times"], at.start("times")) if at else ()
    rest = rest[: at.start()] if at else rest
    rule = _rule(" ".join(rest.lower().split()))
    if not rule:
        raise _lost(text, rest)
    return Phrase(rule=rule, times=times, zone=zone)


def _rule(days: str) -> str:
    found = _OF_PERIOD.fullmatch(days) or _BY_PERIOD.fullmatch(days)
    if found:
        return _by_period(found)
    found = _BY_DAY.fullmatch(days)
    if found:
        is_any = found["what"] in (None, "day")
        return "FREQ=DAILY" if is_any else f"FREQ=DAILY;BYDAY={','.join(WEEKDAYS[:5])}"
    found = _BY_WEEK.fullmatch(days)
    if found is None:
        return ""
    weekdays = ",".join(_weekday(each) for each in _split(found["days"]))
    nth = 2 if found["nth"] == "other" else _number(found["nth"] or "first")
    interval = f";INTERVAL={nth}" if nth > 1 else ""
    return f"FREQ=WEEKLY{interval};BYDAY={weekdays}" if nth > 0 else ""


def _by_period(found: re.Match[str]) -> str:
    numbers = [_number(each) for each in _split(found["numbers"] or "first")]
    months = _months(found["period"], is_last=numbers == [-1])
    what, listed = found["what"] or "day", ",".join(map(str, numbers))
    if what == "day":
        return f"FREQ=MONTHLY{months};BYMONTHDAY={listed}"
    if max(numbers) > 5 and what not in ("working day", "weekday"):  # noqa: PLR2004 - of a month
        return ""
    if what in ("working day", "weekday"):
        return f"FREQ=MONTHLY{months};BYDAY={','.join(WEEKDAYS[:5])};BYSETPOS={listed}"
    weekday = _weekday(what)
    return f"FREQ=MONTHLY{months};BYDAY={','.join(f'{each}{weekday}' for each in numbers)}"


def _months(period: str, *, is_last: bool) -> str:
    """Choose the months: the last day of a quarter is in another one than its first."""
    match period:
        case "month" | "monthly":
            return ""
        case "quarter" | "quarterly":
            return ";BYMONTH=3,6,9,12" if is_last else ";BYMONTH=1,4,7,10"
        case "year" | "yearly":
            return ";BYMONTH=12" if is_last else ";BYMONTH=1"
        case _:
            return f";BYMONTH={','.join(str(_MONTHS.index(each) + 1) for each in _split(period))}"


def _split(text: str) -> list[str]:
    return [each.removeprefix("the ") for each in re.split(r", | and ", text)]


def _number(word: str) -> int:
    return _ORDINALS[word] if word in _ORDINALS else int(word[:-2])


def _weekday(word: str) -> str:
    return WEEKDAYS[_NAMES.index(word.removesuffix("s"))]


def _times(text: str, place: int) -> tuple[dt.time, ...]:
    found = []
    for each in _split(text):
        try:
            found.append(read_time(each))
        except ValueError as reason:
            hint = "write it as 09:00"
            raise NotUnderstood(f"{each!r} is no time of day", place, hint) from reason
    return tuple(sorted(set(found)))


def read_time(text: str) -> dt.time:
    """Read `09:00`, `9 am`, `5:30 pm` or `noon`.

    Raises:
        ValueError: it is none of these.
    """
    if text == "noon":
        return dt.time(12)
    found = re.fullmatch(r"(\d{1,2})(?::(\d\d))?(?: ?([ap])m)?", text.lower())
    if found is None or not (found[2] or found[3]):
        raise ValueError(text)
    hour = int(found[1])
    if found[3]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock's face
            raise ValueError(text)
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return dt.time(hour, int(found[2] or 0))


def _lost(text: str, days: str) -> NotUnderstood:
    """Point at the first word that is none of ours, or at the beginning."""
    known = (*_ORDINALS, *_NAMES, *_MONTHS, *_OTHERS)
    for found in re.finditer(r"[^\s,]+", days):
        word = found[0].lower()
        is_known = word in known or word.removesuffix("s") in known
        if not is_known and not re.fullmatch(_ORDINAL, word):
            hint = did_you_mean(word, known, otherwise=_EXAMPLE)
            return NotUnderstood(f"{found[0]!r} is not understood", found.start(), hint)
    return NotUnderstood(f"{text!r} is not understood", 0, _EXAMPLE)
