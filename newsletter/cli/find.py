"""Finding what a user named by its number."""

from newsletter.errors import Refused
from newsletter.ledger.dispatches import Dispatch, find_dispatch
from newsletter.workspace.workspace import Workspace


def find(workspace: Workspace, number: int) -> Dispatch:
    """Find the dispatch with this number.

    Raises:
        Refused: there is none.
    """
    found = find_dispatch(workspace.ledger, number)
    if found is None:
        raise Refused(f"there is no dispatch {number}", hint="list them with `newsletter status`")
    return found
