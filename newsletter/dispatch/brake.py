"""The brake of a run: the one thing its workers share."""

import threading
from dataclasses import dataclass, field

from newsletter.dispatch.retry import RetryPolicy
from newsletter.errors import NewsletterError, ProviderError, Refused


@dataclass(slots=True)
class Brake:
    """Stops all workers between requests, and keeps why."""

    policy: RetryPolicy
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reason: NewsletterError | None = None
    _settled: int = 0
    _rejected: int = 0
    _unknown: int = 0
    _refused: int = 0

    @property
    def is_on(self) -> bool:
        """Tell whether no new request may begin."""
        return self._stopped.is_set()

    @property
    def reason(self) -> NewsletterError | None:
        """Tell what went wrong; None where a person stopped the run."""
        return self._reason

    def pull(self, reason: NewsletterError | None = None) -> None:
        """Let no new request begin; the first reason is kept."""
        with self._lock:
            self._reason = self._reason or reason
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Wait, unless the brake is pulled first."""
        self._stopped.wait(seconds)

    def count_settled(self, accepted: int, rejected: int) -> None:
        """Take note of what became final; too large a share of rejected pulls the brake."""
        with self._lock:
            self._settled += accepted + rejected
            self._rejected += rejected
            is_too_bad = self.policy.is_too_bad(self._settled, self._rejected)
            words = f"{self._rejected:,} of the first {self._settled:,} were rejected"
        if is_too_bad:
            self.pull(Refused(words, hint="look at the remarks, and mend the list or the sender"))

    def count_accepted(self) -> None:
        """Take note that the provider took something."""
        with self._lock:
            self._unknown = self._refused = 0

    def count_unknown(self, doubt: ProviderError) -> None:
        """Take note of an unknown outcome; too many in a row pull the brake."""
        with self._lock:
            self._unknown += 1
            is_enough = self._unknown >= self.policy.unknown_in_a_row
        if is_enough:
            self.pull(doubt)

    def count_refused(self, refusal: ProviderError) -> None:
        """Take note of a refused request; too many in a row pull the brake."""
        with self._lock:
            self._refused += 1
            is_enough = self._refused >= self.policy.refused_in_a_row
        if is_enough:
            self.pull(refusal)
