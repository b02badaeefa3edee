"""Errands: what is done after the answer was given, so that the time of an answer tells nothing."""

import queue
import sys
import threading
from collections.abc import Callable

from newsletter.errors import NewsletterError, render_error

_MOST = 500
"""Errands that wait; who comes after them is asked to come back."""


class Errands:
    """Runs one errand after another, on a thread of its own."""

    def __init__(self) -> None:
        """Begin to wait for errands."""
        self._waiting: queue.Queue[Callable[[], None] | None] = queue.Queue(_MOST)
        self._thread = threading.Thread(target=self._work, name="errands", daemon=True)
        self._thread.start()

    def add(self, errand: Callable[[], None]) -> bool:
        """Have something done soon; tell whether there was room for it."""
        try:
            self._waiting.put_nowait(errand)
        except queue.Full:
            return False
        return True

    def close(self, patience: float = 5.0) -> None:
        """Finish what waits, for so many seconds at most."""
        self._waiting.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        while (errand := self._waiting.get()) is not None:
            try:
                errand()
            except NewsletterError as error:
                # For whoever runs the program; such errors name nobody.
                sys.stderr.write(f"a letter could not be sent: {render_error(error)}\n")
            except Exception as fault:  # noqa: BLE001 - a fault of ours must not end all that follow
                # Its words might name somebody, so only its kind is told.
                sys.stderr.write(f"a letter could not be sent: {type(fault).__name__}\n")
