"""A worker: drives lanes of any dispatch until it is stopped."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import replace

from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import drive
from newsletter.dispatch.run import Run
from newsletter.engine.lanes import Lane, open_lanes
from newsletter.engine.queue import Shift, prepare_queue, work
from newsletter.errors import HeldBack, LedgerLost, NotAccepted
from newsletter.ledger.claiming import pending_requests
from newsletter.ledger.course import pause
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, find_dispatch
from newsletter.ledger.feedback import settle_by_events
from newsletter.ledger.unsure import sweep, under_way
from newsletter.workspace.archivekeeper import Keeper
from newsletter.workspace.running import Listener, brake_of, run_of
from newsletter.workspace.workspace import Workspace

_PATIENCE = 30.0
"""Seconds: a lane that is held back for longer goes back into the queue."""
_AGAIN = 2.0
"""Seconds until a worker looks whether the database is back."""


class Worker:
    """Drives lanes, several at once; each with connections of its own."""

    def __init__(self, workspace: Workspace, *, lanes_at_once: int) -> None:
        """Take everything from the settings of `workspace`, whose ledger is on a server."""
        self._workspace = workspace
        self._lanes_at_once = lanes_at_once
        self._grace = workspace.settings.grace
        self._runs: dict[int, Run] = {}
        self._lock = threading.Lock()
        self._brakes: list[Brake] = []
        self._is_ending = False
        self._archive = Keeper()

    def run(self, *, stops_when_idle: bool = False, stop: threading.Event | None = None) -> None:
        """Work until a signal comes, or `stop` is set where it is given.

        Requests under way end; what is left of their lanes goes on elsewhere, or when a worker is
        started again. A database that goes away is waited for.

        Raises:
            LedgerError: the ledger is not on a server.
        """
        prepare_queue(self._workspace.ledger)
        shift = Shift(
            drive=self.drive,
            sweep=self.sweep,
            lanes_at_once=self._lanes_at_once,
            stops_when_idle=stops_when_idle,
            stop=stop,
            ending=self._end,
            # Its lanes wait for so long at most: no use in waiting longer than for its requests.
            stalled=min(20.0, float(self._workspace.settings.lease)),
        )
        while stop is None or not stop.is_set():
            try:
                asyncio.run(work(self._workspace.ledger, shift))
            except LedgerLost:
                self._workspace.clock.sleep(_AGAIN)
            else:
                return

    def drive(self, lane: Lane) -> None:
        """Send what is pending in `lane`; what stops it stops all workers, if it is serious."""
        run = self._run_of(lane.dispatch)
        numbers = [n for n in pending_requests(run.ledger, lane.dispatch) if lane.carries(n)]
        brake = brake_of(self._workspace)
        with self._lock:
            self._brakes.append(brake)
            if self._is_ending:
                brake.pull()
        try:
            self._archive.look(self._workspace, self._dispatch(lane.dispatch))
            drive(replace(run, brake=brake), numbers)
        finally:
            with self._lock:
                self._brakes = [each for each in self._brakes if each is not brake]
        self._tell_the_others(lane.dispatch, brake)

    def _end(self) -> None:
        """Let the requests under way be the last ones."""
        with self._lock:
            self._is_ending = True
            for brake in self._brakes:
                brake.pull()

    def sweep(self) -> Iterable[Lane]:
        """Settle what nobody settled in its time, and list what has to be in the queue."""
        ledger = self._workspace.ledger
        lanes = open_lanes(ledger, within=_PATIENCE)
        for dispatch in under_way(ledger):
            if sweep(ledger, grace=self._grace, dispatch=dispatch):
                settle_by_events(ledger, dispatch)
        self._archive.look(self._workspace)
        quiet = self._workspace.settings.pace.quiet
        is_closed = quiet is not None and quiet.closed_for(self._workspace.clock.now()) > _PATIENCE
        return () if is_closed else lanes

    def _run_of(self, number: int) -> Run:
        with self._lock:
            known = self._runs.get(number)
            if known is None:
                dispatch = self._dispatch(number)
                made = run_of(self._workspace, dispatch, brake_of(self._workspace), Listener())
                known = self._runs[number] = replace(made, patience=_PATIENCE)
            return known

    def _dispatch(self, number: int) -> Dispatch:
        dispatch = find_dispatch(self._workspace.ledger, number)
        if dispatch is None:
            raise LookupError(number)
        return dispatch

    def _tell_the_others(self, dispatch: int, brake: Brake) -> None:
        """Pause the dispatch for all workers where going on makes no sense before somebody looks.

        A provider that is away for a while is none of it: the sweeper puts its lanes back.
        """
        if brake.reason is None or isinstance(brake.reason, NotAccepted | HeldBack):
            return
        author = Author("a worker", self._workspace.clock.now())
        pause(self._workspace.ledger, dispatch, author, str(brake.reason))
