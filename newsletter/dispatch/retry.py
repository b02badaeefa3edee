"""What to do after a request went wrong: pure decisions."""

from dataclasses import dataclass

from newsletter.errors import NotAccepted, Throttled


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how fast to try again what was surely not sent."""

    attempts: int = 6
    """How often one request is tried in a run; afterwards it stays pending for the next run."""
    first_wait: float = 1.0
    """Seconds before the second attempt; doubled each time."""
    longest_wait: float = 60.0
    """Seconds, at most, where the provider names no time of its own."""
    patience: float = 300.0
    """Seconds: a provider that wants a longer pause ends the run instead."""
    unknown_in_a_row: int = 3
    """So many requests without a known outcome, one after another, end the run."""
    refused_in_a_row: int = 20
    """So many refused requests, with nothing accepted in between, end the run."""

    most_rejected: float = 0.05
    """The share of the settled that a provider may reject before the run ends: a list or a sender
    in such a state costs the society its reputation."""
    sample: int = 1000
    """So many deliveries are settled before shares count."""

    def wait(self, failures: int, error: NotAccepted, *, chance: float = 1.0) -> float | None:
        """Say how many seconds to wait after `failures` attempts; None to give up for this run.

        `chance`, from 0 to 1, spreads the waits of many workers between half and all of the time.
        """
        if failures >= self.attempts:
            return None
        if isinstance(error, Throttled) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.patience else None
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (failures - 1))
        return longest * (0.5 + chance / 2)

    def is_too_bad(self, settled: int, rejected: int) -> bool:
        """Tell whether too many were rejected for the rest to be tried."""
        return settled >= self.sample and rejected > settled * self.most_rejected
