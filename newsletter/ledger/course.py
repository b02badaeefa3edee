"""The course of a dispatch: running, paused or cancelled; held back until a time, or too late."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from newsletter.audience.exclusion import Exclusion
from newsletter.errors import Refused
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.schema import Course, deliveries, dispatches, requests
from newsletter.ledger.states import standing_of
from newsletter.message.state import DeliveryState, RequestState


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request may not be begun now."""

    why: str
    """In words for a person."""
    seconds: float | None = None
    """After how many seconds it may be; None: not unless a person does something."""


def hold_of(ledger: Ledger, dispatch: int, number: int) -> Hold | None:
    """Tell why the request `number` may not be begun now; None where nothing holds it."""
    due = (
        select(requests.c.due)
        .where(
            requests.c.dispatch == dispatch,
            requests.c.number == number,
            requests.c.state == RequestState.PENDING.value,
        )
        .scalar_subquery()
    )
    query = select(
        dispatches.c.course,
        dispatches.c.course_note,
        (func.coalesce(dispatches.c.release, 0) - Moment()).label("held"),
        (func.coalesce(dispatches.c.not_after, 1e15) - Moment()).label("left"),
        (due - Moment()).label("not_due"),
    ).where(dispatches.c.id == dispatch)
    with ledger.read() as connection:
        row = connection.execute(query).one()
    if row.course != Course.RUNNING.value:
        return Hold(f"it is {row.course}" + (f": {row.course_note}" if row.course_note else ""))
    if row.left < 0:
        return Hold("the time after which nothing of it may leave is over")
    if row.held > 0:
        return Hold("it is held back, so that it can be undone", float(row.held))
    if row.not_due is not None and row.not_due > 0:
        return Hold("its members are due later", float(row.not_due))
    return None


def pause(ledger: Ledger, dispatch: int, note: str = "") -> None:
    """Let no further request of the dispatch begin, on any machine.

    Raises:
        Refused: it is cancelled.
    """
    _turn(ledger, dispatch, Course.PAUSED, note)


def resume(ledger: Ledger, dispatch: int) -> None:
    """Let requests of a paused dispatch begin again.

    Raises:
        Refused: it is cancelled.
    """
    _turn(ledger, dispatch, Course.RUNNING, "")


def _turn(ledger: Ledger, dispatch: int, course: Course, note: str) -> None:
    with ledger.write() as connection:
        turned = connection.execute(
            update(dispatches)
            .where(dispatches.c.id == dispatch, dispatches.c.course != Course.CANCELLED.value)
            .values(course=course.value, course_note=note)
        )
        if not turned.rowcount:
            raise Refused(
                f"dispatch {dispatch} is cancelled, and stays so",
                hint="send the issue again: whoever got it is left out",
            )


def cancel(ledger: Ledger, dispatch: int, note: str = "") -> int:
    """Never send what is pending of a dispatch; return how many deliveries that excluded.

    Requests under way end as they end.
    """
    with ledger.write() as connection:
        connection.execute(
            update(dispatches)
            .where(dispatches.c.id == dispatch)
            .values(course=Course.CANCELLED.value, course_note=note)
        )
    return exclude_all(ledger, dispatch, DeliveryState.PENDING, Exclusion.CANCELLED)


def exclude_all(ledger: Ledger, dispatch: int, state: DeliveryState, reason: Exclusion) -> int:
    """Exclude for `reason` every delivery that stands in `state`; return how many."""
    with ledger.write() as connection:
        excluded = connection.execute(
            update(deliveries)
            .where(deliveries.c.dispatch == dispatch, standing_of() == state.value)
            .values(state=DeliveryState.EXCLUDED.value, reason=reason.value)
        )
        connection.execute(
            update(requests)
            .where(requests.c.dispatch == dispatch, requests.c.state == state.value)
            .values(state=RequestState.SETTLED.value, shared=0)
        )
        return excluded.rowcount
