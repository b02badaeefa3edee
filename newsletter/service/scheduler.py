"""The scheduler of the long-running program: looks at the schedules again and again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.errors import LedgerLost, NewsletterError, render_error
from newsletter.ledger.opening import Then
from newsletter.log import What, tell
from newsletter.workspace.archivekeeper import Keeper
from newsletter.workspace.posting import NOBODY
from newsletter.workspace.runs import Runs
from newsletter.workspace.scheduling import Looked, look_at_schedules, to_deliver
from newsletter.workspace.stepping import Stepped, look_at_steps
from newsletter.workspace.workspace import Workspace

_OVERDUE = 5
"""Looks that may fail in a row before it counts as not well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a scheduler works with."""

    open: Callable[[], Workspace]
    """Gives the workspace with its settings as the files say them now."""
    runs: Runs
    """Sends what is opened here."""
    say: Callable[[str], None]
    """Tells whoever runs the program."""
    queue: Callable[[], Then] | None = None
    """Gives what hands a dispatch to workers; None where it is sent from here."""
    every: float = 60.0
    """Seconds between two looks."""


class Scheduler:
    """Looks at all schedules every so often; what is due it opens, and has it sent."""

    def __init__(self, office: Office) -> None:
        """Begin without having looked."""
        self._office = office
        self._said: set[str] = set()
        self._failed = 0
        self._archive = Keeper(office.say)

    def run(self, stop: threading.Event) -> None:
        """Look again and again until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                self.look(stop)
            except NewsletterError as problem:
                self._failed += 1
                self._say_once(render_error(problem))
            else:
                self._failed = 0
            stop.wait(self._office.every)

    def is_well(self) -> bool:
        """Tell whether its looks succeed: the settings can be read, and the ledger is there."""
        return self._failed < _OVERDUE

    def look(self, stop: threading.Event) -> None:
        """Open what is due, do the steps whose time has come, and have all of it sent.

        Raises:
            InputErrors: the settings are wrong now.
            LedgerLost: the database went away.
        """
        workspace = self._office.open()
        queue = self._office.queue() if self._office.queue else None
        for looked in look_at_schedules(workspace, queue):
            self._tell(looked)
        self._deliver(workspace, stop)
        for done in look_at_steps(workspace):
            self._tell_step(done)
            if stop.is_set():
                return
        self._archive.look(workspace)

    def _deliver(self, workspace: Workspace, stop: threading.Event) -> None:
        for dispatch in to_deliver(workspace):
            if stop.is_set():
                return
            fault = self._office.runs.fault(dispatch.id)
            if fault:
                self._say_once(f"dispatch {dispatch.id}: {fault}")
            self._office.runs.begin(dispatch)

    def _tell(self, looked: Looked) -> None:
        name = looked.schedule.name
        for each in looked.missed:
            tell(What.MISSED, schedule=name)
            self._office.say(f"{name}: {each.wall:%Y-%m-%d %H:%M} was missed and is not sent")
        if looked.problem:
            words = render_error(looked.problem)
            due = f" {looked.due.wall:%Y-%m-%d %H:%M}" if looked.due else ""
            self._say_once(f"{name}:{due} is not sent yet\n{words}")
        if looked.dispatch:
            self._office.say(f"{name}: dispatch {looked.dispatch.id} was opened")

    def _tell_step(self, done: Stepped) -> None:
        if isinstance(done.problem, LedgerLost):
            raise done.problem
        of = f" of {done.wall:%Y-%m-%d %H:%M}" if done.wall else ""
        if done.note:
            tell(What.STEP, schedule=done.schedule, step=done.step)
        if done.note and (done.problem or done.note != NOBODY):
            self._office.say(f"{done.schedule}: {done.step}{of}: {done.note}")
        if done.problem:
            self._say_once(f"{done.schedule}: {done.step}{of}\n{render_error(done.problem)}")

    def _say_once(self, words: str) -> None:
        """Say something that would be the same at every look once only."""
        if words not in self._said:
            self._said.add(words)
            self._office.say(words)
