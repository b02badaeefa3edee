"""What is to happen in a scene, what was done, and how it ended."""

from collections.abc import Callable
from dataclasses import dataclass

from verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What happens in a scene."""

    provider: str
    """`sendgrid` or `smtp`."""
    database: str
    """The URL of an empty database; empty for SQLite."""
    listed: int
    batch_size: int
    kills: int
    seed: int
    tells_events: bool = False
    """Whether the carrier posts events of what it took."""
    restart: Callable[[], None] | None = None
    """Restarts the database server, all of a sudden."""
    restarts: int = 0
    stops: int = 0
    """How often one of several workers is stopped for longer than its lease; 0: one run alone."""

    @property
    def name(self) -> str:
        """Name it for people."""
        workers = ", three workers" if self.stops else ""
        return f"{self.provider} and {'PostgreSQL' if self.database else 'SQLite'}{workers}"

    @property
    def protocol(self) -> str:
        """Name what the carrier speaks."""
        return "http" if self.provider == "sendgrid" else "smtp"


@dataclass(slots=True)
class Tally:
    """What was done to it."""

    kills: int = 0
    kills_of_the_program: int = 0
    stops: int = 0
    restarts: int = 0
    runs: int = 0
    left: int = 0
    """Members who left while the dispatch was going on."""
    settled: int = 0
    """Unsure deliveries that an event of the carrier settled meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a scene ended."""

    name: str
    listed: int
    tally: Tally
    verdict: Verdict
    """After everybody was tried."""
    told: Verdict | None
    """After the carrier's events came; None where it has none."""
    resent: Verdict
    """After a person decided to send again what was unsure."""
    fates: dict[str, int]
    seconds: float

    @property
    def problems(self) -> tuple[str, ...]:
        """List all that was found wrong."""
        verdicts = (self.verdict, self.told, self.resent)
        return tuple(problem for each in verdicts if each for problem in each.problems)
