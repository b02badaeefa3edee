"""Watching a dispatch: looking at the ledger again and again, whoever sends it, wherever."""

from collections.abc import Iterator

from newsletter.dispatch.pace import Pacing
from newsletter.ledger.course import Hold
from newsletter.ledger.dispatches import Dispatch, balance_of, find_dispatch
from newsletter.ledger.stages import tally
from newsletter.ledger.traffic import next_hold_of, traffic_of, wait_of
from newsletter.report.progress import Mark, Progress, Trail, handed_of
from newsletter.workspace.workspace import Workspace

_WORTH_TELLING = 2.0
"""Seconds: a shorter wait for its turn is how a pace is kept, not a hold."""


def watch(workspace: Workspace, dispatch: Dispatch, every: float) -> Iterator[Progress]:
    """Look at `dispatch` every so many seconds, until nothing more happens by itself.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    trail = Trail()
    while True:
        progress = look(workspace, dispatch, trail)
        yield progress
        if progress.is_over:
            return
        trail = progress.trail
        workspace.clock.sleep(every)


def look(workspace: Workspace, dispatch: Dispatch, trail: Trail) -> Progress:
    """Look at `dispatch` once; `trail` is what was seen before."""
    ledger, clock = workspace.ledger, workspace.clock
    now = clock.now()
    # Its course first: what ends is seen to have ended only in what is read afterwards.
    dispatch = find_dispatch(ledger, dispatch.id) or dispatch
    balance = balance_of(ledger, dispatch)
    mark = Mark(clock.monotonic(), handed_of(balance))
    with ledger.read() as connection:
        heard = tally(connection, dispatch.id)
    return Progress(
        dispatch=dispatch,
        balance=balance,
        traffic=traffic_of(ledger, dispatch.id),
        tally=heard,
        hold=_hold(workspace, dispatch),
        now=now,
        trail=trail.after(mark),
    )


def _hold(workspace: Workspace, dispatch: Dispatch) -> Hold | None:
    held = next_hold_of(workspace.ledger, dispatch.id)
    if held is not None:
        return held
    pacing = workspace.settings.pace.of(dispatch)
    closed = pacing.closed_for(workspace.clock.now())
    if closed > 0:
        return Hold("it is outside of the hours in which emails go out", closed)
    return _turn(workspace, pacing)


def _turn(workspace: Workspace, pacing: Pacing) -> Hold | None:
    """Tell whether the next request has to wait for its turn, long enough to tell."""
    names = [pace.name for pace in pacing.paces(workspace.clock.now())]
    wait = max((wait_of(workspace.ledger, name) for name in names), default=0.0)
    return (
        Hold("the next request has to wait for its turn", wait) if wait > _WORTH_TELLING else None
    )
