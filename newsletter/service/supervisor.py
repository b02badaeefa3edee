"""Parts of one program, each on a thread of its own: started, started again, and ended together.

A part that dies is started again after a while, longer each time. One that dies again and again
ends the program: whoever runs it (systemd, a container) should hear of it and begin anew.
"""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from newsletter.clock import Clock
from newsletter.errors import NewsletterError
from newsletter.log import What, tell

_TICK = 0.2
"""Seconds until an end is seen."""


class State(StrEnum):
    """How a part stands."""

    RUNNING = "running"
    WAITING = "waiting"
    """It died, and is started again soon."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the program."""

    name: str
    run: Callable[[threading.Event], None]
    """Works until the event is set; coming back or failing before is dying."""
    is_well: Callable[[], bool] = lambda: True
    """Tells whether it does its work, for whoever asks how it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one part stands."""

    name: str
    state: State
    since: dt.datetime
    """Aware and in UTC."""
    deaths: int = 0
    """In a row."""
    is_well: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a part may die."""

    first: float = 1.0
    """Seconds until it is started again the first time; doubled each time."""
    longest: float = 60.0
    healthy: float = 300.0
    """Seconds after which a part that lives has its deaths forgiven."""
    most: int = 8
    """Deaths in a row that end the program."""

    def wait(self, deaths: int) -> float:
        """Give the seconds until the next start after so many deaths in a row."""
        return min(self.first * 2.0 ** (deaths - 1), self.longest)


class Supervisor:
    """Keeps parts running until it is told to stop, or until one dies too often."""

    def __init__(
        self,
        parts: Sequence[Part],
        clock: Clock,
        say: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        """Take the parts; `say` tells whoever runs the program when one dies."""
        self._parts = tuple(parts)
        self._clock, self._say = clock, say
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._over = threading.Event()
        self._standings: dict[str, Standing] = {}
        self._threads: list[threading.Thread] = []
        self.lost = ""
        """The part that died too often; empty where none did."""

    def start(self) -> None:
        """Start all parts."""
        for part in self._parts:
            self._stands(part, State.RUNNING, 0)
            thread = threading.Thread(target=self._keep, args=(part,), name=part.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Wait until `is_over`, or until a part is lost; then have all parts end."""
        while not is_over() and not self._over.wait(_TICK):
            pass
        self._stop.set()

    def join(self) -> None:
        """Wait until all parts have ended."""
        for thread in self._threads:
            thread.join()

    def standings(self) -> tuple[Standing, ...]:
        """Tell how each part stands."""
        with self._lock:
            known = [self._standings[part.name] for part in self._parts]
        return tuple(
            replace(each, is_well=each.state is State.RUNNING and part.is_well())
            for part, each in zip(self._parts, known, strict=True)
        )

    def _keep(self, part: Part) -> None:
        deaths = 0
        while not self._stop.is_set():
            began = self._clock.monotonic()
            self._stands(part, State.RUNNING, deaths)
            tell(What.PART_BEGAN, part=part.name)
            kind, why = self._run(part)
            if self._stop.is_set():
                break
            lived = self._clock.monotonic() - began
            deaths = 1 if lived > self._patience.healthy else deaths + 1
            if deaths >= self._patience.most:
                tell(What.PART_DIED, part=part.name, why=kind, seconds=None)
                self._give_up(part, deaths, why)
                return
            wait = self._patience.wait(deaths)
            self._stands(part, State.WAITING, deaths)
            tell(What.PART_DIED, part=part.name, why=kind, seconds=wait)
            self._say(f"{part.name} died ({why}); it is started again in {wait:g} s")
            self._stop.wait(wait)
        self._stands(part, State.ENDED, deaths)
        tell(What.PART_ENDED, part=part.name)

    def _run(self, part: Part) -> tuple[str, str]:
        """Run a part; give why it ended, for the log and for people.

        Of an error that is not ours only the kind is told: its words might name somebody.
        """
        try:
            part.run(self._stop)
        except NewsletterError as error:
            return type(error).__name__, error.problem
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - whatever it was, the others go on
            return type(fault).__name__, type(fault).__name__
        return "ended", "it came to its end"

    def _give_up(self, part: Part, deaths: int, why: str) -> None:
        self._stands(part, State.ENDED, deaths)
        self._say(f"{part.name} died {deaths} times in a row ({why}); the program ends")
        self.lost = part.name
        self._over.set()

    def _stands(self, part: Part, state: State, deaths: int) -> None:
        standing = Standing(name=part.name, state=state, since=self._clock.now(), deaths=deaths)
        with self._lock:
            self._standings[part.name] = standing
