"""Whose turn it is: what a schedule has to send now, and what of it was missed."""

import datetime as dt
import itertools
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule

_LONGEST = dt.timedelta(days=366)
"""Who was away for longer is not told of each day of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is to be done about a schedule."""

    due: Occurrence | None
    """To be sent now; one at most, so that nothing is ever sent in a bunch."""
    missed: tuple[Occurrence, ...]
    """Too late, or overtaken by a later one."""


def turn_of(
    schedule: Schedule, now: dt.datetime, *, since: dt.datetime, settled: AbstractSet[dt.datetime]
) -> Turn:
    """Find what of `schedule` came due after `since` until `now`, but for the `settled` walls.

    The last one is due while it is within the window of the schedule; the others are missed.
    """
    walk = schedule.recurrence.after(max(since, now - _LONGEST))
    found = [
        each
        for each in itertools.takewhile(lambda one: one.moment <= now, walk)
        if each.wall not in settled
    ]
    last = found[-1] if found else None
    if last is None or now - last.moment > schedule.not_after:
        return Turn(due=None, missed=tuple(found))
    return Turn(due=last, missed=tuple(found[:-1]))
