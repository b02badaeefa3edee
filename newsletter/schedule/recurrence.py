"""Recurrences: rules on the wall clock of a place, turned into moments.

An occurrence is named by its local wall time, which is unique even where the clock is put back:
02:30 on that night happens twice on the clock, and once here.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from newsletter.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a schedule is due."""

    wall: dt.datetime
    """Naive, as the clock of the place shows it; its key."""
    moment: dt.datetime
    """Aware, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule of RFC 5545 at a time of day in a time zone."""

    rule: str
    """Without times, such as `FREQ=MONTHLY;BYDAY=1TU`."""
    at: dt.time
    zone: ZoneInfo

    def after(self, moment: dt.datetime) -> Iterator[Occurrence]:
        """Walk over the occurrences later than `moment`, in order, without end.

        A wall time that the clock skips in spring is due as many minutes after the skip as it
        would have been after its start; one that comes twice in autumn is due the first time.
        """
        from dateutil.rrule import rrulestr

        start = moment.astimezone(self.zone).replace(tzinfo=None) - dt.timedelta(days=2)
        for wall in rrulestr(self.rule, dtstart=_anchor(self.at)).xafter(start):
            found = Occurrence(wall, self._moment(wall))
            if found.moment > moment:
                yield found

    def next(self, moment: dt.datetime, count: int) -> tuple[Occurrence, ...]:
        """List the next `count` occurrences later than `moment`."""
        return tuple(itertools.islice(self.after(moment), count))

    def _moment(self, wall: dt.datetime) -> dt.datetime:
        # fold=0: the first of two, and in a gap the offset that was in force before it.
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(dt.UTC)


def _anchor(at: dt.time) -> dt.datetime:
    """Begin counting on a fixed Monday: `every second week` must not depend on who asks when."""
    return dt.datetime.combine(dt.date(2024, 1, 1), at)


def parse_recurrence(rule: str, at: str, zone: str) -> Recurrence:
    """Read a recurrence as the settings write it.

    Raises:
        SettingsError: the rule, the time of day or the time zone is none.
    """
    from dateutil.rrule import rrulestr

    try:
        time = dt.time.fromisoformat(at)
    except ValueError as reason:
        raise SettingsError(f"{at!r} is no time of day", hint="write it as 09:00") from reason
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as reason:
        raise SettingsError(
            f"{zone!r} is no time zone", hint="write it like America/New_York"
        ) from reason
    try:
        rrulestr(rule, dtstart=_anchor(time))
    except (ValueError, TypeError, AttributeError) as reason:
        raise SettingsError(
            f"{rule!r} is no recurrence", hint="write it like FREQ=MONTHLY;BYDAY=1TU (RFC 5545)"
        ) from reason
    return Recurrence(rule=rule, at=time, zone=place)
