"""Opening a workspace for a command: whatever takes long is shown in the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from newsletter.cli.progress import counter
from newsletter.workspace import workspace
from newsletter.workspace.workspace import Workspace


@contextmanager
def open_workspace(folder: str | None) -> Iterator[Workspace]:
    """Open the workspace at `folder`, or the one around the current folder.

    Raises:
        SettingsError: there is none.
        InputErrors: its settings are wrong.
        LedgerError: its ledger cannot be opened.
    """
    with workspace.open_workspace(folder, counter) as opened:
        yield opened
