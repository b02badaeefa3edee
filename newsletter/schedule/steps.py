"""The steps before a dispatch of a schedule: reminding, the proof, a warning where it is not ready.

Days are counted in working days of the calendar: a proof that arrives on a Sunday helps nobody.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule

_LONGEST = dt.timedelta(days=366)
"""Who was away for longer is not told of each step of it."""
_FARTHEST = 400
"""Days that are walked back at most to find working days."""


class Step(StrEnum):
    """What is done before a dispatch is due, in this order."""

    REMIND = "remind"
    """Its owners are told when the text has to be there."""
    PROOF = "proof"
    """It is assembled, and approvers get it as it would go out."""
    WARN = "warn"
    """The staff are told if it could not go out as it stands."""


STEPS = {
    Step.REMIND: "reminder of the deadline",
    Step.PROOF: "proof to the approvers",
    Step.WARN: "last look",
}
"""As calendars say them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One step of one occurrence."""

    step: Step
    of: Occurrence
    local: dt.datetime
    """Aware, in the place's zone: when it is due."""

    @property
    def moment(self) -> dt.datetime:
        """Give the same in UTC."""
        return self.local.astimezone(dt.UTC)

    @property
    def key(self) -> "StepKey":
        """Name it as the ledger does."""
        return (self.of.wall, self.step.value)


StepKey = tuple[dt.datetime, str]
"""The wall time of an occurrence, and the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTurn:
    """What is to be done about the steps of a schedule."""

    due: tuple[Planned, ...]
    """To be done now."""
    late: tuple[Planned, ...]
    """Their time passed while nobody looked, and they are of no use any more."""


def steps_of(schedule: Schedule, of: Occurrence) -> tuple[Planned, ...]:
    """List the steps before an occurrence, the first one first."""
    leads = schedule.leads
    found = []
    if leads.remind:
        found.append((Step.REMIND, _working_days_before(schedule, of, leads.remind)))
    if leads.proof:
        found.append((Step.PROOF, _working_days_before(schedule, of, leads.proof)))
    if leads.warn:
        hours = dt.timedelta(hours=leads.warn)
        found.append((Step.WARN, (of.moment - hours).astimezone(schedule.recurrence.zone)))
    return tuple(Planned(step=step, of=of, local=local) for step, local in found)


def deadline_of(schedule: Schedule, of: Occurrence) -> dt.datetime:
    """Tell until when texts have to be there: the proof is assembled then; aware, local."""
    proof = (each.local for each in steps_of(schedule, of) if each.step is Step.PROOF)
    return next(proof, of.local)


def step_turn(
    schedule: Schedule, now: dt.datetime, *, since: dt.datetime, settled: AbstractSet[StepKey]
) -> StepTurn:
    """Find which steps came due until `now`, but for the `settled` ones.

    One that came due while nobody looked is done now if it is of use still: before its dispatch
    is due, and before the next step of its kind has taken its place. `since` says from when on
    the schedule is followed.
    """
    due, late = [], []
    for planned in _come(schedule, now, since):
        if planned.key in settled:
            continue
        if now < _useful_until(schedule, planned):
            due.append(planned)
        elif planned.moment > since:
            late.append(planned)
    return StepTurn(due=tuple(due), late=tuple(late))


def _come(schedule: Schedule, now: dt.datetime, since: dt.datetime) -> Iterator[Planned]:
    """Give the steps whose time has come, of occurrences that are not long over."""
    for of in schedule.recurrence.after(max(since, now - _LONGEST)):
        steps = [each for each in steps_of(schedule, of) if each.moment <= now]
        if not steps and of.moment > now:
            return
        yield from steps


def _useful_until(schedule: Schedule, planned: Planned) -> dt.datetime:
    """Tell until when a step is of use: nobody is reminded of a deadline that is over."""
    if planned.step is Step.REMIND:
        return min(deadline_of(schedule, planned.of).astimezone(dt.UTC), planned.of.moment)
    return planned.of.moment


def _working_days_before(schedule: Schedule, of: Occurrence, count: int) -> dt.datetime:
    """Go back so many working days on the wall clock; where there are too few, plain days."""
    zone, free = schedule.recurrence.zone, schedule.recurrence.free
    wall = of.local.replace(tzinfo=None)
    days = (wall.date() - dt.timedelta(days=back) for back in range(1, _FARTHEST))
    working = (day for day in days if free.is_working(day))
    day = next(itertools.islice(working, count - 1, None), wall.date() - dt.timedelta(days=count))
    local = dt.datetime.combine(day, wall.time(), zone).replace(fold=0)
    return local.astimezone(dt.UTC).astimezone(zone)
