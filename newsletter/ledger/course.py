"""The course of a dispatch: running, paused or cancelled; held back until a time, or too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from newsletter.audience.exclusion import Exclusion
from newsletter.errors import Refused
from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.decisions import Act, Author, record
from newsletter.ledger.schema import Course, deliveries, dispatches, requests
from newsletter.ledger.states import lock, standing_of
from newsletter.log import What, tell
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


def pause(ledger: Ledger, dispatch: int, author: Author, note: str = "") -> None:
    """Let no further request of the dispatch begin, on any machine.

    Raises:
        Refused: it is cancelled.
    """
    _turn(ledger, dispatch, _Turn(Course.PAUSED, Act.PAUSE, note), author)


def resume(ledger: Ledger, dispatch: int, author: Author) -> None:
    """Let requests of a paused dispatch begin again; one that runs goes on.

    Raises:
        Refused: it is cancelled.
    """
    _turn(ledger, dispatch, _Turn(Course.RUNNING, Act.RESUME), author)


class _Turn(NamedTuple):
    course: Course
    act: Act
    note: str = ""


def _turn(ledger: Ledger, dispatch: int, turn: _Turn, author: Author) -> None:
    with ledger.write() as connection:
        mine = (dispatches.c.id == dispatch,)
        found = connection.scalar(select(dispatches.c.course).where(*mine))
        if found == turn.course.value:
            return
        turned = connection.execute(
            update(dispatches)
            .where(*mine, dispatches.c.course != Course.CANCELLED.value)
            .values(course=turn.course.value, course_note=turn.note)
        )
        record(connection, dispatch, turn.act, author)
        if not turned.rowcount:
            raise Refused(
                f"dispatch {dispatch} is cancelled, and stays so",
                hint="send the issue again: whoever got it is left out",
            )
    tell(What.TURNED, dispatch=dispatch, act=turn.act.value)


def cancel(ledger: Ledger, dispatch: int, author: Author) -> int:
    """Never send what is pending of a dispatch; return how many deliveries that excluded.

    Requests under way end as they end, and nothing of them is tried again: what turns out to be
    pending of them later is excluded then (`exclude_if_cancelled`).
    """
    with ledger.write() as connection:
        _end(connection, dispatch)
        count = _exclude_all(connection, dispatch, _UNSENT, Exclusion.CANCELLED)
        record(connection, dispatch, Act.CANCEL, author, count)
    tell(What.TURNED, dispatch=dispatch, act=Act.CANCEL.value, deliveries=count)
    return count


def take_back(ledger: Ledger, dispatch: int, author: Author) -> int:
    """Exclude everybody of a dispatch that its provider threw away; return how many.

    Only for the one who made the provider do that: nothing of it may have left.
    """
    with ledger.write() as connection:
        _end(connection, dispatch)
        count = _exclude_all(connection, dispatch, (*_UNSENT, *_HELD), Exclusion.RECALLED)
        record(connection, dispatch, Act.UNDO, author, count)
    tell(What.TURNED, dispatch=dispatch, act=Act.UNDO.value, deliveries=count)
    return count


def exclude_if_cancelled(connection: Connection, dispatch: int) -> None:
    """Exclude what became pending of a dispatch although it is cancelled.

    Nobody would ever send it, and as pending it would count as on its way for ever.
    """
    course = connection.scalar(select(dispatches.c.course).where(dispatches.c.id == dispatch))
    if course == Course.CANCELLED.value:
        _exclude_all(connection, dispatch, _UNSENT, Exclusion.CANCELLED)


_UNSENT = (DeliveryState.PENDING,)
_HELD = (DeliveryState.ACCEPTED, DeliveryState.UNSURE)


def _end(connection: Connection, dispatch: int) -> None:
    connection.execute(
        update(dispatches)
        .where(dispatches.c.id == dispatch)
        .values(course=Course.CANCELLED.value, course_note="")
    )


def _exclude_all(
    connection: Connection, dispatch: int, states: Sequence[DeliveryState], reason: Exclusion
) -> int:
    among = [state.value for state in states]
    lock(connection, requests.c.dispatch == dispatch)
    excluded = connection.execute(
        update(deliveries)
        .where(deliveries.c.dispatch == dispatch, standing_of().in_(among))
        .values(state=DeliveryState.EXCLUDED.value, reason=reason.value)
    )
    connection.execute(
        update(requests)
        .where(requests.c.dispatch == dispatch, requests.c.state.in_(among))
        .values(state=RequestState.SETTLED.value, shared=0)
    )
    return excluded.rowcount
