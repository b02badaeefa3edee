"""Undoing: a dispatch that is held, here or at the provider, is taken back as a whole."""

import datetime as dt

from newsletter.dispatch.envelope import from_json
from newsletter.errors import Refused
from newsletter.ledger.course import cancel, pause, take_back
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.providers.protocol import Provider, Recallable
from newsletter.workspace.workspace import Workspace


def undo(workspace: Workspace, dispatch: Dispatch, author: Author) -> int:
    """Take `dispatch` back; return how many members do not get it for that.

    Raises:
        Refused: it is not held any more, or never was.
        ProviderError: the provider did not throw it away, or nobody knows whether it did.
    """
    envelope, now = from_json(dispatch.envelope), workspace.clock.now()
    if envelope.send_at is None or not envelope.reservation:
        return _let_go(workspace, dispatch, author, now)
    provider = workspace.provider(dispatch.provider)
    try:
        if not isinstance(provider, Recallable):
            raise _too_late(f"{provider.name} cannot throw away what it holds")
        if now > envelope.send_at - provider.recall_margin:
            raise _too_late(f"{provider.name} lets go of it at {envelope.send_at:%H:%M} UTC")
        _let_run_out(workspace, dispatch, author)
        provider.recall(envelope.reservation)
    finally:
        provider.close()
    return take_back(workspace.ledger, dispatch.id, author)


def _let_run_out(workspace: Workspace, dispatch: Dispatch, author: Author) -> None:
    """Let no further request begin, and wait for those under way: they are taken back, too."""
    pause(workspace.ledger, dispatch.id, author, "it is being taken back")
    ends = workspace.clock.monotonic() + _LONGEST_WAIT
    while balance_of(workspace.ledger, dispatch).under_way and workspace.clock.monotonic() < ends:
        workspace.clock.sleep(_LOOK)


_LOOK, _LONGEST_WAIT = 0.1, 30.0
"""Seconds: a provider answers a request within these, or its run was killed."""


def _let_go(workspace: Workspace, dispatch: Dispatch, author: Author, now: dt.datetime) -> int:
    """Take back what is held here, of which nothing has left so far."""
    balance = balance_of(workspace.ledger, dispatch)
    has_left = balance.accepted or balance.unsure or balance.under_way
    if dispatch.release is None or now.timestamp() >= dispatch.release or has_left:
        raise _too_late("it is not held back any more")
    return cancel(workspace.ledger, dispatch.id, author)


def _too_late(why: str) -> Refused:
    return Refused(
        f"it is too late to take it back: {why}",
        hint="stop the rest of it with `newsletter dispatch cancel`",
    )


def hold_at_provider(provider: Provider, until: dt.datetime) -> tuple[dt.datetime, str] | None:
    """Reserve a place where `provider` holds a dispatch so that it can be taken back till `until`.

    Returns:
        When the provider has to let it go, and its own name for it; None where it holds nothing.

    Raises:
        ProviderError: it gave no place.
    """
    if not isinstance(provider, Recallable):
        return None
    # A recall takes it some time: so it lets go later than the window closes.
    send_at = until + provider.recall_margin
    return send_at, provider.reserve()
