"""The open workspace of a long-running program: one ledger, the settings as they are now."""

import threading
from dataclasses import replace

from newsletter.workspace.settings import FILE, Settings, read_settings
from newsletter.workspace.workspace import Workspace


class Opened:
    """Gives the open workspace; reads its settings anew when their file was changed."""

    def __init__(self, workspace: Workspace) -> None:
        """Begin with the settings that `workspace` was opened with."""
        self.workspace = workspace
        self._lock = threading.Lock()
        self._seen = _mark(workspace.settings)

    def __call__(self) -> Workspace:
        """Give the workspace.

        Raises:
            InputErrors: its settings are wrong now.
        """
        with self._lock:
            mark = _mark(self.workspace.settings)
            if mark != self._seen:
                # The ledger stays the one that is open: where it lies is read at the start.
                settings = read_settings(self.workspace.settings.root)
                self.workspace = replace(self.workspace, settings=settings)
                self._seen = mark
            return self.workspace


def _mark(settings: Settings) -> tuple[int, int]:
    """Tell a file of settings from another."""
    try:
        found = (settings.root / FILE).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
