"""Running a dispatch: everything that its delivering needs, from the settings of the workspace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from newsletter.dispatch import envelope
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.breaker import Breaker
from newsletter.dispatch.lock import sole_run
from newsletter.dispatch.retry import RetryPolicy
from newsletter.dispatch.run import Run
from newsletter.ledger.course import Hold
from newsletter.ledger.dispatches import Dispatch, documents_of
from newsletter.ledger.feedback import settle_by_events
from newsletter.ledger.lock import held
from newsletter.ledger.unsure import recover, sweep
from newsletter.providers.protocol import Capabilities, Provider
from newsletter.workspace.prepare import personaliser_of
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Listener:
    """Hears how a run goes."""

    settled: Callable[[int], None] = lambda _deliveries: None
    """How many more deliveries are final."""
    held: Callable[[Hold], None] = lambda _hold: None
    """Why a worker waits."""


def brake_of(workspace: Workspace) -> Brake:
    """Make the brake of a run."""
    settings = workspace.settings
    return Brake(RetryPolicy(attempts=settings.attempts, most_rejected=settings.most_rejected))


def capabilities_of(workspace: Workspace, name: str) -> Capabilities:
    """Tell what a provider can carry; nothing is opened."""
    provider = workspace.provider(name)
    try:
        return provider.capabilities
    finally:
        provider.close()


def run_of(workspace: Workspace, dispatch: Dispatch, brake: Brake, listener: Listener) -> Run:
    """Put together what delivering `dispatch` needs."""

    def provider() -> Provider:
        return workspace.provider(dispatch.provider)

    return Run(
        ledger=workspace.ledger,
        dispatch=dispatch.id,
        envelope=envelope.from_json(dispatch.envelope),
        documents=documents_of(workspace.ledger, dispatch),
        personaliser=personaliser_of(workspace, dispatch.ref),
        provider=provider,
        workers=capabilities_of(workspace, dispatch.provider).connections,
        clock=workspace.clock,
        brake=brake,
        lease=workspace.settings.lease,
        pacing=workspace.settings.pace.of(dispatch),
        settled=listener.settled,
        held=listener.held,
        watch=Breaker(
            workspace.ledger, dispatch.id, workspace.settings.thresholds, workspace.clock
        ),
    )


@contextmanager
def sole_run_of(workspace: Workspace, dispatch: Dispatch) -> Iterator[None]:
    """Keep every other run of `dispatch` away, on this machine and on others that share the ledger.

    Raises:
        TakenElsewhere: another one is going on.
    """
    with sole_run(workspace.lock_folder, dispatch.ref), held(workspace.ledger, dispatch.id):
        yield


def take_up(workspace: Workspace, dispatch: Dispatch) -> int:
    """Declare unsure what an earlier run left under way; return how many stay so.

    On one machine the lock says that nobody else is at it; where several share a ledger, only
    the end of a lease does. What events were heard of meanwhile is settled at once.
    """
    ledger = workspace.ledger
    if ledger.is_shared:
        unsure = sweep(ledger, grace=workspace.settings.grace, dispatch=dispatch.id)
    else:
        unsure = recover(ledger, dispatch.id)
    return unsure - settle_by_events(ledger, dispatch.id) if unsure else 0
