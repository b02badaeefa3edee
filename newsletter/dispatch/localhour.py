"""Delivery at an hour of each member's own clock. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class LocalHour:
    """A moment as clocks on walls show it, everywhere another one."""

    wall: dt.datetime
    """Without a zone."""
    default: str
    """The zone of whoever has none that is known."""

    def due(self, zones: Iterable[str]) -> dict[str, float]:
        """Tell when it is that moment in each of `zones`, in seconds since 1970.

        A name that is no time zone counts as the default: nobody is dropped for a typing mistake.
        A moment that a clock shows twice is the first of the two; one that it leaves out is as
        much later as the clock was put forward (PEP 495, fold=0).
        """
        return {name: self._moment(name) for name in zones}

    def at_default(self) -> float:
        """Tell when it is that moment in the default zone."""
        return self._moment(self.default)

    def _moment(self, name: str) -> float:
        zone = zone_of(name) or zone_of(self.default) or ZoneInfo("UTC")
        return self.wall.replace(tzinfo=zone).timestamp()


def zone_of(name: str) -> ZoneInfo | None:
    """Find a time zone of the IANA database; None where `name` is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
