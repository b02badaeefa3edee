"""Dates and times as readers of a language write them. The only door to Babel (Unicode CLDR)."""

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.compose.when import Reading, When, zone_named

if TYPE_CHECKING:
    from babel import Locale

_OTHERWISE = {"en": "en_GB", "iw": "he", "zh": "zh_Hans"}
"""Bare `en` is not American: a society of any country writes 4 March 2027; `en-US` says more."""


@lru_cache(maxsize=64)
def locale_of(lang: str) -> "Locale":
    """Find the conventions of the language tag `lang`, or the nearest there are."""
    from babel import Locale, UnknownLocaleError

    plain = lang.replace("-", "_")
    for name in (_OTHERWISE.get(plain.lower(), plain), plain.partition("_")[0], "en_GB"):
        try:
            return Locale.parse(_OTHERWISE.get(name.lower(), name))
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("en_GB is always there")


def write_date(date: dt.date, lang: str) -> str:
    """Write a day: `12 March 2026`."""
    from babel.dates import format_date

    return str(format_date(date, "long", locale_of(lang)))


def write_month(date: dt.date, lang: str) -> str:
    """Write the name of a month as it stands in a date: `March`."""
    from babel.dates import format_date

    return str(format_date(date, "MMMM", locale_of(lang)))


def plate_of(when: When, lang: str) -> tuple[str, str]:
    """Give month and day, or days, for the plate of an event: `Mar` and `4`, `Oct` and `12-15`."""
    from babel.dates import format_date

    locale = locale_of(lang)
    month = _bare(format_date(when.first, "MMM", locale))
    day = str(when.first.day)
    if when.first == when.last:
        return month, day
    if (when.first.year, when.first.month) == (when.last.year, when.last.month):
        return month, f"{day}\u2013{when.last.day}"
    last = _bare(format_date(when.last, "MMM", locale))
    return f"{month}\u2013{last}", f"{day}\u2013{when.last.day}"


def _bare(month: str) -> str:
    """Leave out the full stop of `Okt.`, but not those of a Thai abbreviation."""
    return month.rstrip(".") if month.count(".") == 1 else month


def write_moment(when: When, zone: str, lang: str) -> str:
    """Write `when` on the clock of `zone`: `Thursday, 4 March 2027, 11:00-12:30`.

    Raises:
        ValueError: there is no such zone, or no time of day.
    """
    from babel.dates import format_date, format_time

    if when.start is None:
        raise ValueError("without a time of day there is nothing to convert")
    locale, place = locale_of(lang), zone_named(zone)
    start = when.start.astimezone(place)
    text = f"{format_date(start, 'full', locale)}, {format_time(start, 'short', locale=locale)}"
    if when.end:
        end = when.end.astimezone(place)
        day = "" if end.date() == start.date() else f"{format_date(end, 'full', locale)}, "
        text = f"{text}\u2013{day}{format_time(end, 'short', locale=locale)}"
    return text


def offset_of(when: When, zone: str) -> dt.timedelta:
    """Tell how far clocks in `zone` are ahead of UTC when it begins.

    Raises:
        ValueError: there is no such zone, or no time of day.
    """
    if when.start is None:
        raise ValueError("without a time of day there is nothing to convert")
    return when.start.astimezone(zone_named(zone)).utcoffset() or dt.timedelta()


def city_of(zone: str, lang: str) -> str:
    """Name the city of a zone in the language: `New York`, `Nueva York`; else the zone itself."""
    from babel.dates import get_timezone_location

    if zone.count("/") == 0 or zone.startswith("Etc/"):
        return zone
    return str(get_timezone_location(zone, locale_of(lang), return_city=True))


@lru_cache(maxsize=64)
def _names_of(lang: str) -> tuple[dict[str, int], frozenset[str]]:
    months: dict[str, int] = {}
    weekdays: set[str] = set()
    for locale in (locale_of(lang), locale_of("en")):
        for width in ("wide", "abbreviated"):
            # Not the names that stand alone: Babel 2.18 mixes those of languages up.
            for number, name in locale.months["format"][width].items():
                months.setdefault(name.lower().strip("."), number)
            days = locale.days["format"][width].values()
            weekdays.update(word for day in days for word in day.lower().strip(".").split("-"))
    return months | {"sept": 9}, frozenset(weekdays | {"tues", "thur", "thurs", "weds"})


def reading_in(lang: str, *, today: dt.date | None, zone: str) -> Reading:
    """Say how dates are read in an announcement in `lang`."""
    months, weekdays = _names_of(lang)
    return Reading(months=months, weekdays=weekdays, today=today, zone=zone)
