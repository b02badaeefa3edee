"""When something is: a line such as `Thursday 4 March 2027, 17:00-18:30 CET`, understood. Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ABBREVIATIONS = {
    **dict.fromkeys(("utc", "gmt", "z"), "UTC"),
    **dict.fromkeys(("cet", "cest", "mez", "mesz", "mesz", "hec"), "Europe/Berlin"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    **dict.fromkeys(("et", "est", "edt"), "America/New_York"),
    **dict.fromkeys(("ct", "cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("mt", "mst", "mdt"), "America/Denver"),
    **dict.fromkeys(("pt", "pst", "pdt"), "America/Los_Angeles"),
    "brt": "America/Sao_Paulo",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "sast": "Africa/Johannesburg",
    "eat": "Africa/Nairobi",
    "wat": "Africa/Lagos",
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
}
"""The clock of a region: who writes CET for a day in July means the clock on the wall there.

IST is missing on purpose: it is the time of India, of Israel and of Ireland.
"""

_DASH = re.compile(
    r"\s*[-\u2010-\u2015\u2212~\u301c\uff5e]\s*"
    r"|\s+(?:to|until|till|bis|au|al|a|hasta|tot|\u05e2\u05d3|\u0625\u0644\u0649)\s+"
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?:(?:[:h\u6642\u70b9]|\.(?=\d\d(?!\d)))(?P<minute>\d{2})?|(?=\s*[ap]\.?m))"
    r"(?:\u5206)?\s*(?P<half>[ap]\.?m\b\.?)?(?:\s*(?:uhr|h)\b)?"
)
_SHORT_RANGE = re.compile(
    r"(?<![\d:.])(\d{1,2}(?::\d{2})?)(\s*[-\u2010-\u2015]\s*\d{1,2}(?::\d{2})?\s*([ap])\.?m\b)"
)
"""5-6:30 pm: the half of the day is written once."""
_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt)\s?(?P<sign>[+\u2212-])|(?<=\d)\s?\+(?=\d\d:?\d\d$))"
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}))?$"
)
"""UTC+2, GMT-3:30, or +02:00 behind a time; a bare minus is a dash."""
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:t(?=\d))?")
_WORD = re.compile(r"\d+|[^\W\d_]+", re.UNICODE)
_IDLE = frozenset(
    {"at", "on", "of", "the", "from", "st", "nd", "rd", "th", "de", "del", "el", "um", "am", "den"}
    | {"le", "à", "dal", "il", "di", "om", "op", "em", "às", "del", "uhr", "ab", "von", "from"}
    | {"\u5e74", "\u6708", "\u65e5", "time", "hrs", "h"}
)
"""Words that say nothing more."""
_SEASONAL = re.compile(r"[acempn]?[a-z][sd]t|ces?t|wes?t|ees?t")
"""Abbreviations of one half of the year; ET and CT are of both."""
_HEBREW_IN = "\u05d1"
"""Stands before the month, in one word with it."""
_NOON = 12
_MOST_HOURS = 14
"""UTC+14 is the clock furthest ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A stretch of time; days alone where no time of day was written."""

    first: dt.date
    last: dt.date
    """The same for a single day."""
    start: dt.datetime | None = None
    """Aware; None where no time, or no zone, was written."""
    end: dt.datetime | None = None
    has_time: bool = False
    """Whether a time of day was written; `start` is None all the same where no zone is known."""
    is_off_season: bool = False
    """The abbreviation is that of the other half of the year, such as CET in July."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading depends on."""

    months: Mapping[str, int]
    """Names and abbreviations in lower case, from 1."""
    weekdays: frozenset[str]
    today: dt.date | None = None
    """A date without a year is the next one from here."""
    zone: str = ""
    """The IANA name of the zone of a time without one."""


@dataclass(frozen=True, slots=True)
class _Day:
    year: int = 0
    month: int = 0
    day: int = 0


def read_when(text: str, reading: Reading) -> When | None:
    """Understand a date, a stretch of days, with or without times of day; None for all else."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().replace("\u202f", " ").split())
    plain = _SHORT_RANGE.sub(r"\1\3m\2", plain)
    plain, zone, is_off = _without_zone(plain)
    plain = _ISO.sub(lambda iso: f"{int(iso['day'])} #{int(iso['month'])} {iso['year']} ", plain)
    times = [_time(found) for found in _TIME.finditer(plain)]
    if None in times or len(times) > 2:  # noqa: PLR2004 - from and until
        return None
    days = _days(_TIME.sub(" ", plain), reading)
    if days is None:
        return None
    first, last = days
    if not times:
        return When(first=first, last=last)
    return _timed(
        first, last, [time for time in times if time], zone or _zone(reading.zone), is_off
    )


def _timed(
    first: dt.date, last: dt.date, times: list[dt.time], zone: dt.tzinfo | None, abbreviation: str
) -> When:
    if zone is None:
        return When(first=first, last=last, has_time=True)
    start = dt.datetime.combine(first, times[0], zone)
    end = dt.datetime.combine(last, times[1], zone) if len(times) > 1 else None
    if end and end <= start:
        end += dt.timedelta(days=1)
    is_off = bool(abbreviation) and abbreviation.upper() != start.tzname()
    return When(first=first, last=last, start=start, end=end, has_time=True, is_off_season=is_off)


def _time(found: re.Match[str]) -> dt.time | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").replace(".", "")
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        return dt.time(hour, minute)
    except ValueError:
        return None


def _without_zone(plain: str) -> tuple[str, dt.tzinfo | None, str]:
    """Take the zone off the end; the third is an abbreviation that fits one season only."""
    bare = re.sub(r"[()\[\]]", " ", plain).strip()
    offset = _OFFSET.search(bare)
    if offset and int(offset["hour"]) <= _MOST_HOURS:
        away = dt.timedelta(hours=int(offset["hour"]), minutes=int(offset["minute"] or 0))
        is_ahead = offset["sign"] in (None, "+")
        return bare[: offset.start()], dt.timezone(away if is_ahead else -away), ""
    for name, begin in _last_words(bare):
        key = _ABBREVIATIONS.get(name, "") or _zone_names().get(name.replace(" ", "_"), "")
        if key:
            return bare[:begin], ZoneInfo(key), name if _SEASONAL.fullmatch(name) else ""
    return bare, None, ""


def _last_words(text: str) -> Iterator[tuple[str, int]]:
    """Give the last one to three words, without `time` behind them, and where they begin."""
    text = re.sub(r"\s+time$|\s+uhr zeit$", "", text)
    for count in (3, 2, 1):
        found = re.search(rf"(?:(?<=\s)|(?<=\d)|^)[^\s\d,]+(?:\s[^\s\d,]+){{{count - 1}}}$", text)
        if found:
            yield found[0], found.start()


@cache
def all_zones() -> tuple[str, ...]:
    """List the names of the IANA time zone database, those of old links included."""
    # zoneinfo.available_timezones() opens every file there is; the package brings a list along.
    return tuple(sorted(files("tzdata").joinpath("zones").read_text("utf-8").split()))


@cache
def _zone_names() -> Mapping[str, str]:
    """Give the IANA names by themselves and by their cities, in lower case."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
    cities = {
        name.rpartition("/")[2].lower(): name
        for name in reversed(all_zones())
        if name.startswith(regions)
    }
    return cities | {name.lower(): name for name in all_zones()}


def zone_named(name: str) -> ZoneInfo:
    """Give a zone of the IANA time zone database.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as reason:
        raise ValueError(f"{name!r} is no time zone") from reason


def is_zone(name: str) -> bool:
    """Tell whether `name` is a zone of the IANA time zone database."""
    try:
        zone_named(name)
    except ValueError:
        return False
    return True


def _zone(name: str) -> dt.tzinfo | None:
    return zone_named(name) if name else None


def _days(text: str, reading: Reading) -> tuple[dt.date, dt.date] | None:
    sides = [side for side in _DASH.split(text) if _WORD.search(side)]
    found = [_side(side, reading) for side in sides]
    if not found or len(found) > 2 or None in found:  # noqa: PLR2004 - from and until
        return None
    days = [each for each in found if each]
    last = _completed(days[-1], days[0], reading.today)
    first = _completed(days[0], _Day(last.year, last.month) if last else _Day(), reading.today)
    if not (first and last) or last < first:
        return None
    return first, last


def _side(text: str, reading: Reading) -> _Day | None:
    """Read one end of a stretch of days; None where a word of it is not understood."""
    year = month = day = 0
    for match in re.finditer(r"#(\d+)|\d+|[^\s\d#,.;:()]+", text):
        word = match[0]
        if match[1]:
            month = int(match[1])
        elif word.isdecimal() and len(word) == 4:  # noqa: PLR2004 - a year
            year = int(word)
        elif word.isdecimal() and text[match.end() : match.end() + 1] == "\u6708":
            month = int(word)
        elif word.isdecimal() and not day:
            day = int(word)
        elif not word.isdecimal() and word.removeprefix(_HEBREW_IN) in reading.months:
            month = reading.months[word.removeprefix(_HEBREW_IN)]
        elif word not in reading.weekdays and word not in _IDLE:
            return None
    return _Day(year, month, day)


def _completed(day: _Day, other: _Day, today: dt.date | None) -> dt.date | None:
    month, year = day.month or other.month, day.year or other.year
    try:
        if not year and today:
            this = dt.date(today.year, month, day.day)
            return this if this >= today else this.replace(year=today.year + 1)
        return dt.date(year, month, day.day)
    except (ValueError, OverflowError):
        return None
