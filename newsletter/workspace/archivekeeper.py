"""The archive of one machine, kept up with whatever is sent on all of them."""

import sys
import threading
from collections.abc import Callable

from newsletter.ledger.dispatches import Dispatch
from newsletter.ledger.past import leaves_now
from newsletter.workspace.archiving import is_kept_up, shown_now, try_to_build
from newsletter.workspace.workspace import Workspace


def tell_whoever_runs_it(words: str) -> None:
    """Write to the standard error of the program."""
    sys.stderr.write(f"{words}\n")


class Keeper:
    """Builds the archive of this machine whenever the ledger has other issues for it.

    Who sent them, and where, makes no difference: what counts is what the ledger says. So what
    was sent by a program that died before it could build is in it with the next look, too.
    """

    def __init__(self, say: Callable[[str], object] = tell_whoever_runs_it) -> None:
        """Begin without knowing what the archive shows; `say` hears why it cannot be built."""
        self._say = say
        self._shown: frozenset[int] | None = None
        self._failed: frozenset[int] | None = None
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def look(self, workspace: Workspace, begins: Dispatch | None = None) -> None:
        """Build the archive if it does not show what it should.

        `begins` is a dispatch that is about to leave, so that its first reader finds the page.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        if not is_kept_up(workspace):
            return
        coming = begins if begins and leaves_now(workspace.ledger, begins) else None
        with self._lock:
            wanted = shown_now(workspace, coming)
            if wanted == self._shown or (begins and wanted == self._failed):
                return  # what leaves does not wait for a second failure
            if try_to_build(workspace, coming, self._say_once):
                self._shown, self._failed = wanted, None
                self._told.clear()
            else:
                self._failed = wanted

    def _say_once(self, words: str) -> None:
        """Say something that would be the same at every look once only."""
        if words not in self._told:
            self._told.add(words)
            self._say(words)
