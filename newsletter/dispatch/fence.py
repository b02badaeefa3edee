"""The fence: nothing leaves this machine for a request that may be somebody else's by now."""

from dataclasses import dataclass

from newsletter.clock import Clock
from newsletter.errors import LeaseLost


@dataclass(frozen=True, slots=True)
class Fence:
    """The end of a lease as this machine measures it.

    It is set up before the claim, so that it ends before the lease does by the clock of the
    database, and it is checked just before something leaves. A process that was stopped, or a
    machine that slept, finds out here that its time is over.
    """

    clock: Clock
    ends: float

    @classmethod
    def of(cls, clock: Clock, lease: float) -> "Fence":
        """Set up the fence of a lease of so many seconds that is taken next."""
        return cls(clock, clock.monotonic() + lease)

    def check(self) -> None:
        """Let nothing pass after the end.

        Raises:
            LeaseLost: the lease is over.
        """
        if self.clock.monotonic() >= self.ends:
            raise LeaseLost(
                "this worker was held up for longer than its lease; nothing more was sent by it"
            )
