"""What a carrier of ours does to a request or a message: drawn by chance, the same for a seed."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fate(StrEnum):
    """What becomes of a request (HTTP) or of a message (SMTP)."""

    FINE = "taken and answered"
    SLOW = "taken and answered slowly"
    LOST = "taken, and the answer lost"
    LATE = "taken, and answered when nobody waits any more"
    TAKEN_5XX = "taken, and answered by a 5xx"
    TAKEN_GARBAGE = "taken, and answered by something strange"
    REFUSED_5XX = "not taken, and answered by a 5xx"
    VANISHED = "read whole, not taken, no answer"
    CUT = "broken off in the middle"
    THROTTLED = "asked to wait"
    THROTTLED_UNTIL = "asked to wait so many seconds"
    PUT_OFF = "one mailbox asks to try later"


TAKES = frozenset({Fate.FINE, Fate.SLOW, Fate.LOST, Fate.LATE, Fate.TAKEN_5XX, Fate.TAKEN_GARBAGE})
"""Those in which the carrier has it."""
LEAVES_IN_DOUBT = frozenset(
    {
        Fate.LOST,
        Fate.LATE,
        Fate.TAKEN_5XX,
        Fate.TAKEN_GARBAGE,
        Fate.REFUSED_5XX,
        Fate.VANISHED,
        Fate.CUT,
    }
)
"""Those after which nobody but the carrier can know whether it has it."""

HTTP: dict[Fate, float] = {
    Fate.SLOW: 0.02,
    Fate.LOST: 0.015,
    Fate.LATE: 0.003,
    Fate.TAKEN_5XX: 0.012,
    Fate.TAKEN_GARBAGE: 0.004,
    Fate.REFUSED_5XX: 0.008,
    Fate.VANISHED: 0.004,
    Fate.CUT: 0.012,
    Fate.THROTTLED: 0.01,
    Fate.THROTTLED_UNTIL: 0.004,
}
SMTP: dict[Fate, float] = {
    Fate.SLOW: 0.003,
    Fate.LOST: 0.002,
    Fate.LATE: 0.0005,
    Fate.TAKEN_GARBAGE: 0.001,
    Fate.VANISHED: 0.001,
    Fate.CUT: 0.001,
    Fate.THROTTLED: 0.001,
    Fate.PUT_OFF: 0.01,
}
"""By each message, of which there are many; the others are fine."""


@dataclass(frozen=True, slots=True)
class Fates:
    """Draws fates: the same thing tried for the same time always has the same one."""

    seed: int
    weights: dict[Fate, float]
    away: threading.Event = field(default_factory=threading.Event)
    """Set while the carrier is away: whatever still reaches it vanishes."""

    def draw(self, what: str, time: int) -> Fate:
        """Draw the fate of `what` when it comes for the `time`-th time."""
        if self.away.is_set():
            return Fate.VANISHED
        left = Random(f"{self.seed}-{what}-{time}").random()
        for fate, weight in self.weights.items():
            left -= weight
            if left < 0:
                return fate
        return Fate.FINE
