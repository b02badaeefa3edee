"""Who works at this terminal."""

import getpass

from newsletter.ledger.decisions import Author
from newsletter.workspace.workspace import Workspace


def author(workspace: Workspace) -> Author:
    """Name whoever decides something now, as the system knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Author(name, workspace.clock.now())
