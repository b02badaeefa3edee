"""What is to come, dispatches and the steps before them: the one place that the calendar asks."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule
from newsletter.schedule.steps import STEPS, steps_of
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace

_MOST = 200
"""Occurrences of one schedule that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One dispatch that is to come, or a step before it."""

    title: str
    at: dt.datetime
    """Aware."""
    segments: tuple[str, ...] = ()
    file: str = ""
    step: str = ""
    """What is done then before it goes out; empty where it goes out."""


def upcoming(workspace: Workspace, until: dt.datetime) -> tuple[Upcoming, ...]:
    """List what is due from now until `until`, which is aware, the next first.

    Raises:
        InputErrors: a schedule is wrong.
    """
    now = workspace.clock.now()
    found = [
        each
        for schedule in schedules_of(workspace.settings)
        for due in itertools.islice(schedule.recurrence.after(now), _MOST)
        for each in _of(schedule, due)
        if now < each.at < until
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def _of(schedule: Schedule, due: Occurrence) -> Iterator[Upcoming]:
    file = schedule.file_at(due.wall)
    yield Upcoming(title=schedule.name, at=due.moment, segments=schedule.segments, file=file)
    for step in steps_of(schedule, due):
        yield Upcoming(title=schedule.name, at=step.moment, file=file, step=STEPS[step.step])
