"""The dispatches that are to come: the one place that the calendar asks."""

import datetime as dt
from dataclasses import dataclass

from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace

_MOST = 200
"""Occurrences of one schedule that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One dispatch that is to come."""

    title: str
    at: dt.datetime
    """Aware."""
    segments: tuple[str, ...] = ()
    file: str = ""


def upcoming(workspace: Workspace, until: dt.datetime) -> tuple[Upcoming, ...]:
    """List the dispatches that are due from now until `until`, which is aware, the next first.

    Raises:
        InputErrors: a schedule is wrong.
    """
    now = workspace.clock.now()
    found = [
        Upcoming(
            title=each.name, at=due.moment, segments=each.segments, file=each.file_at(due.wall)
        )
        for each in schedules_of(workspace.settings)
        for due in each.recurrence.next(now, _MOST)
        if due.moment < until
    ]
    return tuple(sorted(found, key=lambda each: each.at))
