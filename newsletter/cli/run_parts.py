"""The parts of `newsletter run`, made from the settings of the workspace."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

from newsletter.cli.desk import desk_of, queue_of
from newsletter.cli.serve import pages_of
from newsletter.errors import Refused
from newsletter.ledger.databaseclock import is_there
from newsletter.service.scheduler import Office, Scheduler
from newsletter.service.supervisor import Part, Standing
from newsletter.web.desk.app import desk_app
from newsletter.web.errands import Errands
from newsletter.web.health import Health, with_health
from newsletter.web.server import Door, serve
from newsletter.workspace.reopened import Opened
from newsletter.workspace.runs import Runs
from newsletter.workspace.workspace import Workspace

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be kept running."""

    parts: frozenset[str]
    port: int
    """Of the public pages, or of /health alone; 0 takes a free one."""
    desk_port: int
    every: float
    """Seconds between two looks at the schedules."""
    lanes: int


class House:
    """The parts that were made, and what they share."""

    def __init__(self, workspace: Workspace, wanted: Wanted, say: Say) -> None:
        """Begin without parts."""
        self.opened = Opened(workspace)
        self.runs = Runs(self.opened)
        self.errands = Errands()
        self.parts: tuple[Part, ...] = ()
        self.standings: Callable[[], Sequence[Standing]] = tuple
        self._workspace, self._wanted, self._say = workspace, wanted, say

    def make(self) -> None:
        """Make the parts that are wanted, and tell where they answer.

        Raises:
            Refused: a port is taken, or a part cannot be had here.
        """
        wanted, found = self._wanted.parts, []
        if "scheduler" in wanted:
            found.append(self._scheduler())
        if "workers" in wanted and self._workspace.ledger.is_shared:
            found.append(self._workers())
        if "public" in wanted:
            found.append(self._public())
        if "desk" in wanted:
            found.append(self._desk())
        if not found:
            raise Refused("nothing is left to be run", hint="leave out less with --without")
        if not wanted & {"public", "desk"}:
            found.append(self._health_alone())
        self.parts = tuple(found)

    def look(self) -> Health:
        """Tell how everything stands."""
        is_answering, standings = is_there(self._workspace.ledger), self.standings()
        details = {
            each.name: {
                "state": each.state.value,
                "well": each.is_well,
                "since": each.since.isoformat(timespec="seconds"),
                "deaths": each.deaths,
            }
            for each in standings
        }
        is_well = is_answering and all(each.is_well for each in standings)
        return is_well, {"database": "ok" if is_answering else "lost", "parts": details}

    @property
    def _sends_by_workers(self) -> bool:
        return "workers" in self._wanted.parts and self._workspace.ledger.is_shared

    def _scheduler(self) -> Part:
        workspace, by_workers = self._workspace, self._sends_by_workers
        office = Office(
            open=self.opened,
            runs=self.runs,
            say=self._say,
            queue=(lambda: queue_of(workspace)) if by_workers else None,
            every=self._wanted.every,
        )
        scheduler = Scheduler(office)
        self._say(f"scheduler: looks every {self._wanted.every:g} s")
        return Part(name="scheduler", run=scheduler.run, is_well=scheduler.is_well)

    def _workers(self) -> Part:
        if find_spec("procrastinate") is None:
            raise Refused(
                "workers need another package",
                hint='install it with pip install "newsletter[workers]", or leave them out with'
                " --without workers",
            )
        from newsletter.engine.worker import Worker

        workspace, lanes = self._workspace, self._wanted.lanes
        self._say(f"workers: {lanes} at once")
        return Part(
            name="workers",
            run=lambda stop: Worker(workspace, lanes_at_once=lanes).run(stop=stop),
        )

    def _public(self) -> Part:
        door = Door(self._wanted.port)
        self._say(f"public: {door.address}/")
        self._say(f"health: {door.address}/health")

        def run(stop: threading.Event) -> None:
            pages = pages_of(self._workspace, self.errands)
            serve(with_health(pages, self.look), door.take(), stop=stop)

        return Part(name="public", run=run)

    def _desk(self) -> Part:
        door = Door(self._wanted.desk_port)
        url = self._workspace.settings.desk.base_url
        desk_of(self.opened, self.errands, url or door.address)  # whoever has no way in is told
        self._say(f"desk: {url or door.address}/")
        if url:
            self._say(f"desk, for the web server before it: {door.address}/")

        def run(stop: threading.Event) -> None:
            desk = desk_of(self.opened, self.errands, url or door.address)
            desk = replace(desk, runs=self.runs)
            app = with_health(desk_app(desk), self.look)
            serve(app, door.take(), at_end=desk.hub.close, stop=stop)

        return Part(name="desk", run=run)

    def _health_alone(self) -> Part:
        door = Door(self._wanted.port)
        self._say(f"health: {door.address}/health")
        app = with_health(None, self.look)
        return Part(name="health", run=lambda stop: serve(app, door.take(), stop=stop))


@contextmanager
def making(workspace: Workspace, wanted: Wanted, say: Say) -> Iterator[House]:
    """Make the parts, and clean up once they have ended.

    Raises:
        Refused: a port is taken, or a part cannot be had here.
    """
    house = House(workspace, wanted, say)
    try:
        house.make()
        yield house
    finally:
        house.runs.close(None)
        house.errands.close()
