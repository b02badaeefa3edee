"""How a dispatch went over time: counts of minutes, in steps that a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

_STEPS = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 43200)
)
_MOST_STEPS = 24
_SHARE = 0.99
"""Of what arrived is shown: one mailbox that was full for a week would flatten all else."""


@dataclass(frozen=True, slots=True)
class Point:
    """What had happened up to a moment, all together."""

    at: datetime
    accepted: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a dispatch went over time."""

    step: timedelta
    points: tuple[Point, ...]
    """In order, one a step; the first is where nothing had happened."""
    later: int
    """How many arrived after the last point."""

    def as_json(self) -> dict[str, object]:
        """Give it as JSON values."""
        return {
            "step_seconds": self.step.total_seconds(),
            "points": [
                {
                    "at": point.at.isoformat(timespec="seconds"),
                    "accepted": point.accepted,
                    "delivered": point.delivered,
                }
                for point in self.points
            ],
            "later": self.later,
        }


def make_timeline(accepted: Mapping[datetime, int], delivered: Mapping[datetime, int]) -> Timeline:
    """Sum up counts of minutes (aware, whole minutes) in at most 24 steps."""
    moments = sorted({*accepted, *delivered})
    if not moments:
        return Timeline(_STEPS[0], (), 0)
    last = max(_end(accepted), _end(delivered))
    step = next((s for s in _STEPS if last - moments[0] < s * _MOST_STEPS), _STEPS[-1])
    first = _floor(moments[0], step)
    points = [Point(first, 0, 0)]
    while points[-1].at <= last:
        at = points[-1].at + step
        points.append(Point(at, _before(accepted, at), _before(delivered, at)))
    later = sum(count for at, count in delivered.items() if at >= points[-1].at)
    return Timeline(step, tuple(points), later)


def _before(counts: Mapping[datetime, int], end: datetime) -> int:
    return sum(count for at, count in counts.items() if at < end)


def _end(counts: Mapping[datetime, int]) -> datetime:
    """Find the minute by which nearly all had happened."""
    total, so_far = sum(counts.values()), 0
    for at in sorted(counts):
        so_far += counts[at]
        if so_far >= total * _SHARE:
            return at
    return _NEVER


_NEVER = datetime.fromisoformat("1970-01-01T00:00+00:00")


def _floor(at: datetime, step: timedelta) -> datetime:
    since = (at - _NEVER) % step
    return at - since
