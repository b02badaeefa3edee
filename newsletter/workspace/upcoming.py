"""The dispatches that are to come: the one place that the calendar asks."""

import datetime as dt
from dataclasses import dataclass

from newsletter.schedule.schedule import read_schedules
from newsletter.workspace.settings import settings_lines
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
    path, lines = settings_lines(workspace.settings.root)
    now = workspace.clock.now()
    found = [
        Upcoming(title=each.name, at=due.moment, segments=each.segments, file=each.file)
        for each in read_schedules(workspace.settings.schedules, path, lines)
        for due in each.recurrence.next(now, _MOST)
        if due.moment < until
    ]
    return tuple(sorted(found, key=lambda each: each.at))
