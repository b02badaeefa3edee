"""One occurrence of a schedule as a dispatch to be: what would go out, on which terms, and whether.

The scheduler, the proof before it, the warning and the approvers at the desk all ask here, so that
they speak of the same.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.errors import Refused
from newsletter.finding import Finding, Severity
from newsletter.ledger.occurrences import Mark
from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule
from newsletter.workspace.approving import check_agreed
from newsletter.workspace.judging import Judged, judge_all
from newsletter.workspace.opening import Wish
from newsletter.workspace.prepare import Prepared, prepare
from newsletter.workspace.ration import check_ration
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A schedule, and when it is due."""

    schedule: Schedule
    due: Occurrence

    @property
    def mark(self) -> Mark:
        """Name it as the ledger does."""
        return Mark(schedule=self.schedule.name, wall=self.due.wall, due=self.due.moment)

    @property
    def wall(self) -> str:
        """Write down its wall time."""
        return self.due.wall.isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What can go out."""

    prepared: Prepared
    wish: Wish
    judged: Judged


def find_occasion(workspace: Workspace, name: str, wall: str) -> Occasion:
    """Find the occurrence of the schedule `name` at this wall time, past or to come.

    Raises:
        Refused: there is none (any more).
        InputErrors: a schedule is wrong.
    """
    schedule = next((s for s in schedules_of(workspace.settings) if s.name == name), None)
    if schedule is not None:
        at = dt.datetime.fromisoformat(wall)
        before = at.replace(tzinfo=schedule.recurrence.zone) - schedule.recurrence.free.farthest
        for due in schedule.recurrence.after(before):
            if due.wall == at:
                return Occasion(schedule=schedule, due=due)
            if due.wall > at + schedule.recurrence.free.farthest:
                break
    raise Refused(
        f"no schedule {name!r} is due at {wall.replace('T', ' ')}",
        hint="look at `newsletter schedules`",
    )


def wish_for(workspace: Workspace, occasion: Occasion) -> Wish:
    """Say on which terms an occurrence goes out."""
    return Wish(
        provider=workspace.settings.provider,
        not_after=occasion.due.moment + occasion.schedule.not_after,
    )


def prepare_for(workspace: Workspace, occasion: Occasion) -> Prepared:
    """Prepare what would go out from today's files.

    Raises:
        InputErrors: every problem of list, segments, announcement and theme, together.
    """
    schedule, due = occasion.schedule, occasion.due
    file = str(workspace.settings.root / schedule.file_at(due.wall))
    sent_at = max(due.moment, workspace.clock.now())
    return prepare(workspace, Task(file=file, segments=schedule.segments, sent_at=sent_at))


def check_content(workspace: Workspace, occasion: Occasion) -> Ready:
    """Make sure that nothing but people's agreement stands against an occurrence.

    Raises:
        Refused: something does.
        InputErrors: a file is wrong.
    """
    return _judged(workspace, _planned(workspace, occasion), wish_for(workspace, occasion))


def check_ready(workspace: Workspace, occasion: Occasion) -> Ready:
    """Make sure that nothing stands against an occurrence, and that people agreed where they must.

    Raises:
        Refused: something does, or they did not.
        InputErrors: a file is wrong.
    """
    prepared, wish = _planned(workspace, occasion), wish_for(workspace, occasion)
    # Before every message is made: this is asked again and again until people agree.
    check_agreed(workspace, prepared.plan, wish)
    check_ration(workspace, wish.provider, prepared.plan.summary.recipients)
    return _judged(workspace, prepared, wish)


def _planned(workspace: Workspace, occasion: Occasion) -> Prepared:
    prepared = prepare_for(workspace, occasion)
    recipients, most = prepared.plan.summary.recipients, occasion.schedule.most_recipients
    if recipients == 0:
        raise Refused("nobody would get it", hint="look at `newsletter send` with the same file")
    if most and recipients > most:
        raise Refused(
            f"{recipients:,} would get it, and most_recipients of the schedule is {most:,}",
            hint="look whom it would reach; then raise most_recipients",
        )
    _refuse_errors(prepared.findings)
    return prepared


def _judged(workspace: Workspace, prepared: Prepared, wish: Wish) -> Ready:
    judged = judge_all(workspace, prepared, wish)
    _refuse_errors(judged.findings)
    return Ready(prepared=prepared, wish=wish, judged=judged)


def _refuse_errors(findings: Iterable[Finding]) -> None:
    first = next((each for each in findings if each.severity is Severity.ERROR), None)
    if first is not None:
        raise Refused(f"an error blocks it: {first}", hint=first.hint)
