"""The pace of a dispatch: limits, warming up, spreading, quiet hours. Pure.

All of it is arithmetic over the settings and the time; what all workers share about it is in the
ledger (`ledger/pacing.py`).
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from newsletter.ledger.pacing import Pace

WARM_UP_CEILINGS = (50, 100, 500, 1_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000)
"""Messages on each day of a new domain, as providers advise; doubled every day afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many messages may go; None where there is no limit."""

    per_second: float | None = None
    per_hour: int | None = None
    per_day: int | None = None

    @property
    def largest_batch(self) -> int | None:
        """Tell how many messages one request may carry, so that it ever gets its turn."""
        known = [each for each in (self.per_hour, self.per_day) if each is not None]
        return min(known) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """A plan for a new sending domain: a daily ceiling that grows."""

    start: dt.date
    ceilings: tuple[int, ...] = WARM_UP_CEILINGS

    def ceiling(self, day: dt.date) -> int:
        """Tell how many messages may go on `day`; the first day's number before the start."""
        age = max(0, (day - self.start).days)
        beyond = age - (len(self.ceilings) - 1)
        return self.ceilings[age] if beyond <= 0 else self.ceilings[-1] * 2 ** min(beyond, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours of a place in which nothing goes out; they may go over midnight."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def closed_for(self, now: dt.datetime) -> float:
        """Tell for how many seconds from `now`, which is aware, nothing goes out; 0 if it does."""
        local = now.astimezone(self.zone)
        clock = local.time()
        is_over_midnight = self.begins > self.ends
        is_quiet = (
            clock >= self.begins or clock < self.ends
            if is_over_midnight
            else self.begins <= clock < self.ends
        )
        if not is_quiet:
            return 0.0
        day = local.date() + dt.timedelta(days=clock >= self.ends)
        opens = dt.datetime.combine(day, self.ends, tzinfo=self.zone)
        return (opens.astimezone(dt.UTC) - now.astimezone(dt.UTC)).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """Everything that a run keeps to."""

    provider: str = ""
    """The name of the provider's pace, which all dispatches through it share."""
    limits: Limits = field(default_factory=Limits)
    workspace: Limits = field(default_factory=Limits)
    """For all providers together."""
    warm_up: WarmUp | None = None
    quiet: Quiet | None = None
    spread: Pace | None = None
    """The pace of this dispatch alone, where it is spread over hours."""

    def paces(self, now: dt.datetime) -> tuple[Pace, ...]:
        """Give the paces that a request begun at `now`, which is aware and in UTC, has to keep."""
        if not self.provider:
            return ()
        ceiling = self.warm_up.ceiling(now.date()) if self.warm_up else None
        daily = [each for each in (self.limits.per_day, ceiling) if each is not None]
        provider = replace(self.limits, per_day=min(daily) if daily else None)
        found = [_pace(self.provider, provider)]
        if self.workspace != Limits():
            found.append(_pace(_WORKSPACE, self.workspace))
        return (*found, self.spread) if self.spread else tuple(found)

    def closed_for(self, now: dt.datetime) -> float:
        """Tell for how many seconds from `now` nothing goes out; 0 where it does."""
        return self.quiet.closed_for(now) if self.quiet else 0.0


_WORKSPACE = "all providers"


def _pace(name: str, limits: Limits) -> Pace:
    return Pace(
        name=name,
        per_second=limits.per_second,
        per_hour=limits.per_hour,
        per_day=limits.per_day,
    )


def spread_over(dispatch: int, messages: int, seconds: float) -> Pace:
    """Give the pace that spreads a dispatch of so many messages evenly."""
    return Pace(name=f"dispatch {dispatch}", per_second=messages / seconds)
