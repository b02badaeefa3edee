"""Recurrences: rules on the wall clock of a place, turned into moments. The door to dateutil.

An occurrence is named by the local wall time that its rule gives. That is unique even where the
clock is put back (02:30 on that night happens twice on the clock, and once here), and it stays
the same when somebody adds a holiday later that moves it.
"""

import datetime as dt
import heapq
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsletter.schedule.freedays import FreeDays
from newsletter.schedule.lost import NotUnderstood

if TYPE_CHECKING:
    from dateutil.rrule import rrule

MONDAY = dt.date(2024, 1, 1)
"""Where counting begins: `every second week` must not depend on who asks when."""
_END = dt.datetime(2200, 1, 1)  # noqa: DTZ001 - on a wall clock, as all of dateutil's here
_KEYS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS")
_MORE_KEYS = ("BYWEEKNO", "BYYEARDAY", "BYEASTER", "WKST", "UNTIL")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time at which a schedule is due."""

    wall: dt.datetime
    """Naive: when the rule says, on the clock of the place. Its key."""
    local: dt.datetime
    """Aware, in the place's zone: when it is due, moved off free days and skipped hours."""
    moment: dt.datetime
    """The same in UTC."""

    @property
    def is_moved(self) -> bool:
        """Tell whether it is due on another day than its rule says."""
        return self.wall.date() != self.local.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Days by rules of RFC 5545 or by name, at times of day, in a time zone."""

    rules: tuple[str, ...] = ()
    """Without times, such as `FREQ=MONTHLY;BYDAY=1TU`; a day of any of them counts."""
    days: tuple[dt.date, ...] = ()
    """Single days, in order."""
    times: tuple[dt.time, ...]
    """In order."""
    zone: ZoneInfo
    starting: dt.date = MONDAY
    free: FreeDays = field(default_factory=FreeDays)
    off_weekends: bool = False
    """Whether days at the weekend are moved, as holidays are."""

    def after(self, moment: dt.datetime) -> Iterator[Occurrence]:
        """Walk over the occurrences later than `moment`, in order, for as long as there are any.

        A wall time that the clock skips in spring is due as long after the skip as it would have
        been after its start (RFC 5545, section 3.3.5); one that comes twice in autumn is due the
        first time. Of a day that is moved onto another one, nothing is left: that one stands in.
        """
        first = moment.astimezone(self.zone).date() - self.free.farthest - dt.timedelta(days=2)
        found = (each for day in self._moved_days(first) for each in self._on(*day))
        for one, following in itertools.pairwise(itertools.chain(found, [None])):
            # Two skipped times can fall onto one moment; the later one stands for both.
            is_last = following is None or one is None or one.moment < following.moment
            if one is not None and is_last and one.moment > moment:
                yield one

    def next(self, moment: dt.datetime, count: int) -> tuple[Occurrence, ...]:
        """List the next `count` occurrences later than `moment`; fewer where it ends before."""
        return tuple(itertools.islice(self.after(moment), count))

    def _moved_days(self, first: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
        """Give each day of the rule since `first` with the day that it is moved to."""
        days = (
            (day, self.free.moved(day, off_weekends=self.off_weekends)) for day in self._days(first)
        )
        kept = ((day, moved) for day, moved in days if moved is not None)
        waiting: tuple[dt.date, dt.date] | None = None
        for each in kept:
            if waiting and waiting[1] < each[1]:
                yield waiting
            waiting = each
        if waiting:
            yield waiting

    def _days(self, first: dt.date) -> Iterator[dt.date]:
        since = dt.datetime.combine(first, dt.time())
        walks = [rule_of(each, self.starting).xafter(since, inc=True) for each in self.rules]
        single = (dt.datetime.combine(day, dt.time()) for day in self.days if day >= first)
        merged = heapq.merge(*walks, single)
        return (moment.date() for moment, _same in itertools.groupby(merged))

    def _on(self, day: dt.date, moved: dt.date) -> Iterator[Occurrence]:
        for time in self.times:
            # fold=0: the first of two, and in a gap the offset that was in force before it.
            local = dt.datetime.combine(moved, time, self.zone).replace(fold=0)
            moment = local.astimezone(dt.UTC)
            yield Occurrence(
                wall=dt.datetime.combine(day, time),
                local=moment.astimezone(self.zone),
                moment=moment,
            )


def rule_of(rule: str, starting: dt.date = MONDAY) -> "rrule":
    """Make dateutil's own form of a rule that counts from `starting`.

    Raises:
        NotUnderstood: it is none, or says times of day.
    """
    from dateutil.rrule import rrule, rrulestr

    _check_keys(rule)
    try:
        found = rrulestr(rule, dtstart=dt.datetime.combine(starting, dt.time()))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as reason:
        raise _no_rule(rule, _wrong_part(rule, starting)) from reason
    if not isinstance(found, rrule):
        raise _no_rule(rule)
    # A rule that never comes (30 February) would be looked for until the year 9999.
    return found if "UNTIL" in rule else found.replace(until=_END)


def _parts(rule: str) -> dict[str, tuple[str, int]]:
    """Give what each key of a rule says, and where the key stands."""
    begun = len(rule) - len(rule.removeprefix("RRULE:"))
    found = re.finditer(r"(?P<key>[^=;]*)=?(?P<value>[^;]*)(?:;|$)", rule[begun:])
    return {each["key"]: (each["value"], begun + each.start()) for each in found if each[0]}


def _check_keys(rule: str) -> None:
    parts = _parts(rule)
    if "COUNT" in parts:
        raise NotUnderstood(
            "a rule with COUNT ends at another day for everybody who asks",
            parts["COUNT"][1],
            "end it with UNTIL=20271231, or list the dates",
        )
    frequency, at = parts.get("FREQ", ("", 0))
    if frequency not in _FREQUENCIES:
        raise _no_rule(rule, at)
    for key, (_value, where) in parts.items():
        if key not in _KEYS + _MORE_KEYS:
            keys = ", ".join(_KEYS)
            hint = f"use {keys}; times are `at`"
            raise NotUnderstood(f"a rule cannot have {key!r}", where, hint)
    interval, at = parts.get("INTERVAL", ("1", 0))
    if not re.fullmatch(r"[1-9]\d{0,2}", interval):
        raise NotUnderstood("INTERVAL has to be 1 or more", at, "write INTERVAL=2")


def _wrong_part(rule: str, starting: dt.date) -> int:
    """Find the part that makes a rule none: the one that dateutil does not take."""
    from dateutil.rrule import rrulestr

    parts = _parts(rule)
    frequency = f"FREQ={parts['FREQ'][0]}"
    for key, (value, at) in parts.items():
        alone = frequency if key == "FREQ" else f"{frequency};{key}={value}"
        try:
            rrulestr(alone, dtstart=dt.datetime.combine(starting, dt.time()))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            return at
    return 0


def _no_rule(rule: str, at: int = 0) -> NotUnderstood:
    hint = "write it like FREQ=MONTHLY;BYDAY=1TU (RFC 5545)"
    return NotUnderstood(f"{rule!r} is no recurrence", at, hint)


def check_rules(rules: tuple[str, ...], starting: dt.date) -> None:
    """Make sure that every one of `rules` can be read and comes sometime.

    Raises:
        NotUnderstood: it cannot, or does not.
    """
    for each in rules:
        if next(iter(rule_of(each, starting)), None) is None:
            raise NotUnderstood(f"{each!r} never comes", 0, "choose days that there are")
