"""Reconciling: what is unsure is settled from the provider, where the provider can tell.

Two ways are safe. A provider that can be asked afterwards says what it has. And one that knows a
request by its key may be handed the same body once more: it sends it only if it never had it.
Whatever neither of them settles stays unsure, for events to come or for a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.dispatch.run import Run
from newsletter.errors import ProviderError
from newsletter.ledger.claiming import Claim
from newsletter.ledger.evidence import settle_by, unsure_of
from newsletter.ledger.feedback import settle_by_events
from newsletter.ledger.settling import settle
from newsletter.ledger.unsure import unsure_requests
from newsletter.message.batch import Batch
from newsletter.providers.protocol import Inquiry, Provider, Traceable

_MARGIN = timedelta(minutes=5)
"""A key is not relied upon so shortly before the provider forgets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What came of it."""

    by_events: int
    """Settled by events that were heard before."""
    by_trace: int
    """Settled by asking the provider what it has."""
    by_key: int
    """Settled by handing over the same request under the same key."""
    left: int
    """Still unsure."""
    problem: str = ""
    """Why the provider could not be asked, if so."""


def reconcile(run: Run) -> Reconciled:
    """Settle what is unsure of the dispatch of `run` as far as it can be known.

    Nobody else may be sending the dispatch meanwhile.
    """
    by_events = settle_by_events(run.ledger, run.dispatch)
    provider = run.provider()
    try:
        by_trace, problem = _by_trace(run, provider)
        by_key = _by_key(run, provider)
    finally:
        provider.close()
    left = len(unsure_of(run.ledger, run.dispatch).addresses)
    return Reconciled(
        by_events=by_events, by_trace=by_trace, by_key=by_key, left=left, problem=problem
    )


def _by_trace(run: Run, provider: Provider) -> tuple[int, str]:
    unsure = unsure_of(run.ledger, run.dispatch)
    if not isinstance(provider, Traceable) or not unsure.addresses or unsure.since is None:
        return 0, ""
    inquiry = Inquiry(
        dispatch=run.envelope.dispatch,
        issue=run.envelope.issue,
        since=unsure.since,
        until=run.clock.now(),
        addresses=unsure.addresses,
    )
    try:
        found = provider.trace(inquiry)
    except ProviderError as error:
        return 0, error.problem
    return settle_by(run.ledger, run.dispatch, found), ""


def _by_key(run: Run, provider: Provider) -> int:
    remembers = provider.capabilities.remembers_keys
    if remembers is None:
        return 0
    settled = 0
    for claim, begun in unsure_requests(run.ledger, run.dispatch):
        if _is_remembered(begun, run.clock.now(), remembers):
            settled += _hand_over_again(run, provider, claim)
    return settled


def _is_remembered(begun: datetime, now: datetime, remembers: timedelta) -> bool:
    return now - begun < remembers - _MARGIN


def _hand_over_again(run: Run, provider: Provider, claim: Claim) -> int:
    batch = Batch(
        envelope=run.envelope,
        request=claim.number,
        document=run.documents[claim.variant],
        recipients=run.personaliser.linked(claim.deliveries),
        attempt=claim.attempt,
    )
    try:
        receipt = provider.send(batch)
    except ProviderError:
        return 0  # as unsure as before
    settle(run.ledger, claim, receipt.outcomes)
    return len(claim.deliveries)
