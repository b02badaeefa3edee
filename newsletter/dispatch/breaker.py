"""The breaker: bounces and complaints that providers tell of stop the rest of a dispatch."""

import threading
from dataclasses import dataclass

from newsletter.clock import Clock
from newsletter.ledger.course import pause
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Act, Author, decisions_of
from newsletter.ledger.stages import Tally, tally

EVERY = 5.0
"""Seconds between two looks at what was told."""
NAME = "the breaker"
"""As the ledger names it among those who decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which shares on, from 0 to 1, a dispatch is stopped.

    Mailbox providers count a complaint by the thousand: Google and Yahoo ask every sender to stay
    below 0.1 percent (support.google.com/a/answer/81126). A list of which one in twenty is gone is
    an old one, and a wrong one.
    """

    most_bounced: float = 0.05
    """Hard bounces among the deliveries of which anything was told."""
    most_complaints: float = 0.001
    """Complaints among the delivered."""
    most_blocked: float = 0.1
    """Deliveries that mailbox providers would not have, among those of which anything was told."""
    sample: int = 1000
    """Before so many, shares mean nothing."""

    def verdict(self, told: Tally) -> str:
        """Say in words for a person why a dispatch should stop; empty where it should not."""
        known, sample = told.accepted, self.sample
        if known >= sample and told.bounced_hard > known * self.most_bounced:
            return f"{told.bounced_hard:,} of the first {known:,} bounced hard"
        if known >= sample and told.blocked > known * self.most_blocked:
            return f"{told.blocked:,} of the first {known:,} were blocked"
        delivered = told.delivered
        if delivered >= sample and told.complained >= delivered * self.most_complaints:
            return f"{told.complained:,} of the first {delivered:,} complained"
        return ""


class Breaker:
    """Looks every few seconds at what was told of a dispatch; one for all workers of a run."""

    def __init__(self, ledger: Ledger, dispatch: int, thresholds: Thresholds, clock: Clock) -> None:
        """Look for the first time at the first call."""
        self._ledger = ledger
        self._dispatch = dispatch
        self._thresholds = thresholds
        self._clock = clock
        self._lock = threading.Lock()
        self._next: float | None = None

    def __call__(self) -> None:
        """Pause the dispatch, on all machines, where too much of what was told is bad.

        Whoever resumes it has looked at it: it is not stopped a second time.

        Raises:
            LedgerError: the ledger failed.
        """
        if not self._is_time():
            return
        with self._ledger.read() as connection:
            why = self._thresholds.verdict(tally(connection, self._dispatch))
        if why and not self._stopped_it_before():
            pause(self._ledger, self._dispatch, Author(NAME, self._clock.now()), why)

    def _is_time(self) -> bool:
        now = self._clock.monotonic()
        with self._lock:
            if self._next is not None and now < self._next:
                return False
            self._next = now + EVERY
            return True

    def _stopped_it_before(self) -> bool:
        return any(
            each.act is Act.PAUSE and each.author == NAME
            for each in decisions_of(self._ledger, self._dispatch)
        )
