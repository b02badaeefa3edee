"""Lanes for workers: runs of requests that one of them drives before it looks up again."""

from dataclasses import dataclass

from newsletter.ledger.claiming import pending_requests
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import list_dispatches
from newsletter.ledger.schema import Course

REQUESTS_A_LANE = 50
"""Half a minute of work or so: long enough to cost nothing, short enough to be spread."""


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """The requests of one dispatch whose numbers lie in one range of fifty."""

    dispatch: int
    number: int
    """Counted from 0."""

    @property
    def name(self) -> str:
        """Name the lane, so that it waits in the queue once and is driven by one at a time."""
        return f"dispatch {self.dispatch}, lane {self.number}"

    def carries(self, request: int) -> bool:
        """Tell whether the request of this number is in it."""
        return request // REQUESTS_A_LANE == self.number


def lanes_of(ledger: Ledger, dispatch: int, *, within: float) -> tuple[Lane, ...]:
    """List the lanes of a dispatch in which a request may go within so many seconds."""
    pending = pending_requests(ledger, dispatch, within=within)
    numbers = (each // REQUESTS_A_LANE for each in pending)
    return tuple(Lane(dispatch, number) for number in dict.fromkeys(numbers))


def lanes_up_to(dispatch: int, last: int) -> tuple[Lane, ...]:
    """List the lanes of a dispatch whose requests are numbered from 1 to `last`."""
    numbers = range(last // REQUESTS_A_LANE + 1) if last else ()
    return tuple(Lane(dispatch, number) for number in numbers)


def open_lanes(ledger: Ledger, *, within: float) -> tuple[Lane, ...]:
    """List the lanes of every dispatch that workers are to send within so many seconds."""
    return tuple(
        lane
        for each in list_dispatches(ledger)
        if each.by_workers and each.course is Course.RUNNING
        for lane in lanes_of(ledger, each.id, within=within)
    )
