"""The dispatches that this desk sends just now, each on threads of its own."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import deliver
from newsletter.errors import NewsletterError, render_error
from newsletter.ledger.dispatches import Dispatch
from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up
from newsletter.workspace.workspace import Workspace


@dataclass(slots=True)
class _Run:
    thread: threading.Thread
    brake: Brake | None = None


@dataclass(slots=True)
class Runs:
    """Sends dispatches, as `newsletter dispatch resume` does.

    What a desk that is killed leaves, the next run takes up: the ledger says where it stands.
    """

    open: Callable[[], Workspace]
    opening: threading.Lock = field(default_factory=threading.Lock)
    """Held while a dispatch is opened, so that two clicks never open two."""
    _runs: dict[int, _Run] = field(default_factory=dict)
    _faults: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, dispatch: Dispatch) -> bool:
        """Send what is pending of a dispatch; tell whether it was not being sent already."""
        with self._lock:
            known = self._runs.get(dispatch.id)
            if known is not None and known.thread.is_alive():
                return False
            self._faults.pop(dispatch.id, None)
            name = f"dispatch {dispatch.id}"
            thread = threading.Thread(target=self._run, args=(dispatch,), name=name, daemon=True)
            self._runs[dispatch.id] = _Run(thread)
            thread.start()
        return True

    def is_sending(self, dispatch: int) -> bool:
        """Tell whether this desk sends it."""
        known = self._runs.get(dispatch)
        return known is not None and known.thread.is_alive()

    def fault(self, dispatch: int) -> str:
        """Say why the last run of it ended before its time; empty where none did."""
        return self._faults.get(dispatch, "")

    def close(self, patience: float = 20.0) -> None:
        """Let the requests under way end, and begin no more; wait for so many seconds at most."""
        with self._lock:
            runs = list(self._runs.values())
        for each in runs:
            if each.brake is not None:
                each.brake.pull()
        for each in runs:
            each.thread.join(patience)

    def _run(self, dispatch: Dispatch) -> None:
        try:
            workspace = self.open()
            with sole_run_of(workspace, dispatch):
                take_up(workspace, dispatch)
                brake = brake_of(workspace)
                self._runs[dispatch.id].brake = brake
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
