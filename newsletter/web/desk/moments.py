"""Times and numbers, in words that people read at a glance."""

import datetime as dt
from zoneinfo import ZoneInfo


def number(value: float) -> str:
    """Write a whole number with its thousands apart."""
    return f"{value:,.0f}"


def day_and_time(moment: dt.datetime | str, zone: str = "UTC") -> str:
    """Write a moment on the wall clock of `zone`: 23 Nov 2026, 20:05.

    `moment` is aware, or ISO 8601 with an offset.
    """
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return f"{moment.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}"


def pair(value: str) -> tuple[str, str]:
    """Give the option of a choice that is called what it means."""
    return (value, value)


def minutes(count: int) -> tuple[int, str]:
    """Give the option of a choice of minutes."""
    return (count, f"{count} minute{'s' if count != 1 else ''}" if count else "none")
