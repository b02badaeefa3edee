"""One look at all schedules: what is due is opened as a dispatch, what was missed is told.

Whoever looks, how often, and how many at once makes no difference: an occurrence is taken in the
transaction that opens its dispatch, or nothing is opened.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from newsletter.errors import LedgerLost, NewsletterError, TakenElsewhere
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, balance_of, find_dispatch
from newsletter.ledger.occurrences import Mark, know, make_sure_it_is_free, miss, take, taken_since
from newsletter.ledger.opening import Then
from newsletter.ledger.schema import Course
from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule
from newsletter.schedule.turn import turn_of
from newsletter.workspace.occasion import Occasion, check_ready
from newsletter.workspace.opening import open_planned
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace

_STILL_SENT = dt.timedelta(days=60)
"""What was due before is over: no schedule may send it so late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking at one schedule."""

    schedule: Schedule
    due: Occurrence | None = None
    dispatch: Dispatch | None = None
    """Opened for what was due."""
    problem: NewsletterError | None = None
    """Why it was not; the next look tries it again, until it is too late."""
    missed: tuple[Mark, ...] = ()
    """Told once."""


def look_at_schedules(workspace: Workspace, queue: Then | None = None) -> Iterator[Looked]:
    """Open what is due of every schedule; `queue` wakes workers for it, should they send it.

    A schedule that fails does not keep the others from being looked at.

    Raises:
        InputErrors: a schedule is wrong.
        LedgerLost: the database went away.
    """
    for schedule in schedules_of(workspace.settings):
        try:
            yield _look(workspace, schedule, queue)
        except LedgerLost:
            raise
        except NewsletterError as problem:
            yield Looked(schedule=schedule, problem=problem)


def _look(workspace: Workspace, schedule: Schedule, queue: Then | None) -> Looked:
    now = workspace.clock.now()
    known = know(workspace.ledger, schedule.name, schedule.terms, now)
    turn = turn_of(schedule, now, since=known.since, settled=known.settled)
    missed = [Occasion(schedule=schedule, due=each).mark for each in turn.missed]
    looked = Looked(schedule=schedule, missed=miss(workspace.ledger, missed, now))
    if turn.due is None:
        return looked
    try:
        dispatch = _open(workspace, Occasion(schedule=schedule, due=turn.due), queue)
    except LedgerLost:
        raise
    except TakenElsewhere:
        return looked
    except NewsletterError as problem:
        return replace(looked, due=turn.due, problem=problem)
    return replace(looked, due=turn.due, dispatch=dispatch)


def _open(workspace: Workspace, occasion: Occasion, queue: Then | None) -> Dispatch:
    ready = check_ready(workspace, occasion)
    mark, now = occasion.mark, workspace.clock.now()
    wish = replace(
        ready.wish,
        by_workers=queue,
        audience=ready.judged.audience,
        author=Author(f"schedule {occasion.schedule.name}", now),
        before=lambda connection: make_sure_it_is_free(connection, mark, now),
        also=lambda connection, dispatch: take(connection, mark, dispatch, now),
    )
    return open_planned(workspace, ready.prepared.plan, wish)


def to_deliver(workspace: Workspace) -> Iterator[Dispatch]:
    """Give the dispatches of schedules that are not finished and are sent from here.

    Those that a look before opened and a stop broke off are among them.
    """
    since = workspace.clock.now() - _STILL_SENT
    found = map(partial(find_dispatch, workspace.ledger), taken_since(workspace.ledger, since))
    for dispatch in found:
        if dispatch is None or dispatch.by_workers or dispatch.course is not Course.RUNNING:
            continue
        if not balance_of(workspace.ledger, dispatch).is_finished:
            yield dispatch
