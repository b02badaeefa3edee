"""What one worker prepares of its next request while the answer to the last one is awaited.

Reading a thousand members and writing them as a request takes some milliseconds, in which a
connection would be idle. Nothing is claimed by it: whether the next request is still what was read
is found out when it is claimed.
"""

from collections.abc import Callable

from newsletter.dispatch.run import Run
from newsletter.errors import LedgerError
from newsletter.ledger.claiming import Claim, Prospect, look_ahead
from newsletter.message.batch import Batch, nothing
from newsletter.message.recipients import Recipients
from newsletter.providers.protocol import Preparing, Provider

_WORTH_IT = 0.01
"""Seconds that an answer was awaited: one that is there sooner leaves no time to prepare in."""


class Ahead:
    """The next request of one worker, as far as it is prepared."""

    def __init__(self, run: Run, provider: Provider) -> None:
        """Know of none yet."""
        self._run, self._provider = run, provider
        self._prospect: Prospect | None = None
        self._linked: Recipients | None = None
        self._waits, self._since = True, 0.0

    def meanwhile(self, number: int | None) -> Callable[[], None]:
        """Give what prepares the request `number`, if there is one and it can be."""
        provider = self._provider
        if number is None or not isinstance(provider, Preparing):
            return nothing
        return lambda: self._wait(number, provider)

    def answered(self) -> None:
        """Take note that the answer is there, or will never come."""
        self._waits = self._run.clock.monotonic() - self._since > _WORTH_IT

    def of(self, number: int) -> Prospect | None:
        """Give what was read of the request `number`."""
        known = self._prospect
        return known if known is not None and known.number == number else None

    def linked(self, claimed: Claim) -> Recipients:
        """Give the recipients of a claim their links, or those that have them already."""
        prospect, linked = self._prospect, self._linked
        self._prospect = self._linked = None
        if (
            prospect is not None
            and linked is not None
            and claimed.deliveries is prospect.deliveries
        ):
            return linked
        return self._run.personaliser.linked(claimed.deliveries)

    def _wait(self, number: int, provider: Preparing) -> None:
        if self._waits:
            self._prepare(number, provider)
        self._since = self._run.clock.monotonic()

    def _prepare(self, number: int, provider: Preparing) -> None:
        run = self._run
        try:
            prospect = look_ahead(run.ledger, run.dispatch, number)
        except LedgerError:
            return  # whoever claims it will meet the same, and say so
        if prospect is None or not prospect.deliveries:
            return
        linked = run.personaliser.linked(prospect.deliveries)
        provider.prepare(
            Batch(
                envelope=run.envelope,
                request=number,
                document=run.documents[prospect.variant],
                recipients=linked,
            )
        )
        self._prospect, self._linked = prospect, linked
