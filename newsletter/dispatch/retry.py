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

    def wait(self, failures: int, error: NotAccepted) -> float | None:
        """Say how many seconds to wait after `failures` attempts; None to give up for this run."""
        if failures >= self.attempts:
            return None
        if isinstance(error, Throttled) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.patience else None
        return min(self.longest_wait, self.first_wait * 2.0 ** (failures - 1))
