"""The dispatches that this program sends just now, each on threads of its own."""

import sys
import threading
from collections.abc import Callable

from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import deliver
from newsletter.errors import NewsletterError, render_error
from newsletter.ledger.dispatches import Dispatch
from newsletter.workspace.archivekeeper import tell_whoever_runs_it
from newsletter.workspace.archiving import kept_up
from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up
from newsletter.workspace.workspace import Workspace


class Runs:
    """Sends dispatches, as `newsletter dispatch resume` does.

    What a program that is killed leaves, the next run takes up: the ledger says where it stands.
    """

    def __init__(self, workspace: Callable[[], Workspace]) -> None:
        """Begin with none; `workspace` gives it with its settings as they are now."""
        self.opening = threading.Lock()
        """Held while a dispatch is opened, so that two clicks never open two."""
        self._open = workspace
        self._threads: dict[int, threading.Thread] = {}
        self._brakes: dict[int, Brake] = {}
        self._faults: dict[int, str] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def begin(self, dispatch: Dispatch) -> bool:
        """Send what is pending of a dispatch; tell whether it was not being sent already."""
        with self._lock:
            if self._is_closed or self.is_sending(dispatch.id):
                return False
            self._faults.pop(dispatch.id, None)
            brake = self._brakes[dispatch.id] = brake_of(self._open())
            thread = threading.Thread(
                target=self._run,
                args=(dispatch, brake),
                name=f"dispatch {dispatch.id}",
                daemon=True,  # a second Ctrl-C ends the program at once
            )
            self._threads[dispatch.id] = thread
            thread.start()
        return True

    def is_sending(self, dispatch: int) -> bool:
        """Tell whether this program sends it."""
        thread = self._threads.get(dispatch)
        return thread is not None and thread.is_alive()

    def fault(self, dispatch: int) -> str:
        """Say why the last run of it ended before its time; empty where none did."""
        return self._faults.get(dispatch, "")

    def close(self, patience: float | None = 20.0) -> None:
        """Let the requests under way end, and begin no more.

        Waits for so many seconds at most; None for as long as it takes.
        """
        with self._lock:
            self._is_closed = True
            for brake in self._brakes.values():
                brake.pull()
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(patience)

    def _run(self, dispatch: Dispatch, brake: Brake) -> None:
        try:
            workspace = self._open()
            with sole_run_of(workspace, dispatch):
                take_up(workspace, dispatch)
                with kept_up(workspace, dispatch, tell_whoever_runs_it):
                    deliver(run_of(workspace, dispatch, brake, Listener()))
            if brake.reason:
                self._faults[dispatch.id] = render_error(brake.reason)
        except NewsletterError as error:
            self._faults[dispatch.id] = render_error(error)
        except Exception as fault:
            # Its words might name somebody, so only its kind is told.
            self._faults[dispatch.id] = f"the run broke off ({type(fault).__name__})"
            sys.stderr.write(f"dispatch {dispatch.id} broke off: {type(fault).__name__}\n")
            raise
