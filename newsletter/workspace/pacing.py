"""The [pace] of a workspace: how fast, and at which hours, emails leave it."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from newsletter.dispatch.pace import Limits, Pacing, Quiet, WarmUp, spread_over
from newsletter.ledger.dispatches import Dispatch
from newsletter.tables import Problems, Table

_LIMITS = ("per_second", "per_hour", "per_day")
_MOST = 1_000_000_000
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSettings:
    """What [pace] says."""

    workspace: Limits = field(default_factory=Limits)
    """For all providers together."""
    providers: Mapping[str, Limits] = field(default_factory=dict)
    warm_up: WarmUp | None = None
    quiet: Quiet | None = None

    def most_a_request(self, provider: str, batch_size: int, today: dt.date) -> int:
        """Tell how many messages one request may carry, so that it ever gets its turn."""
        known = (self.workspace, self.providers.get(provider, Limits()))
        largest = [each.largest_batch for each in known if each.largest_batch is not None]
        of_today = [self.warm_up.ceiling(today)] if self.warm_up else []
        return min([batch_size, *largest, *of_today])

    def seconds_for(
        self, provider: str, messages: int, today: dt.date, spread: float | None = None
    ) -> float | None:
        """Tell how long so many messages take at least; None where no limit of ours says it."""
        ceiling = self.warm_up.ceiling(today) if self.warm_up else None
        spans = [spread] if spread else []
        for each in (
            self.workspace,
            self.providers.get(provider, Limits()),
            Limits(per_day=ceiling),
        ):
            spans += [messages / each.per_second] if each.per_second else []
            # What fits into the first hour or day does not wait for the next.
            spans += [(messages // each.per_hour) * 3600.0] if each.per_hour else []
            spans += [(messages // each.per_day) * 86_400.0] if each.per_day else []
        return max(spans) if spans else None

    def of(self, dispatch: Dispatch) -> Pacing:
        """Give everything that a run of `dispatch` keeps to."""
        spread = None
        if dispatch.spread and dispatch.recipients:
            spread = spread_over(dispatch.id, dispatch.recipients, dispatch.spread)
        return Pacing(
            provider=dispatch.provider,
            limits=self.providers.get(dispatch.provider, Limits()),
            workspace=self.workspace,
            warm_up=self.warm_up,
            quiet=self.quiet,
            spread=spread,
        )


def read_pace(
    tables: Mapping[str, object], providers: Iterable[str], zone: str, problems: Problems
) -> PaceSettings:
    """Read [pace] and the [pace.PROVIDER] within it; hours are on the clock of `zone`."""
    names = tuple(providers)
    pace = problems.table(tables, "pace", (*_LIMITS, "warm_up", "quiet_hours", *names))
    of_each = {
        name: _limits(problems.table(pace.values, name, _LIMITS, within="pace"))
        for name in names
        if name in pace.values
    }
    return PaceSettings(
        workspace=_limits(pace),
        providers=of_each,
        warm_up=_warm_up(pace),
        quiet=_quiet(pace, zone),
    )


def _limits(table: Table) -> Limits:
    second, hour, day = (_limit(table, key) for key in _LIMITS)
    return Limits(per_second=second, per_hour=hour, per_day=day)


def _limit(table: Table, key: str) -> int | None:
    return table.number(key, 1, low=1, high=_MOST) if key in table.values else None


def _warm_up(table: Table) -> WarmUp | None:
    start = table.values.get("warm_up")
    if start is None:
        return None
    if isinstance(start, dt.date) and not isinstance(start, dt.datetime):
        return WarmUp(start=start)
    hint = "write the first day without quotes: warm_up = 2027-03-01"
    table.problem("warm_up", f"has to be a day, not {start!r}", hint)
    return None


def _quiet(table: Table, zone: str) -> Quiet | None:
    text = table.matching("quiet_hours", "", _HOURS, "hours such as 22:00-07:00")
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    begins, ends = (dt.time(int(found[at]), int(found[at + 1])) for at in (1, 3))
    if begins == ends:
        table.problem("quiet_hours", "leaves no time of the day", "write 22:00-07:00")
        return None
    return Quiet(begins=begins, ends=ends, zone=ZoneInfo(zone or "UTC"))
