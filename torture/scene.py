"""One scene: a dispatch that is killed again and again until all of it is delivered."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

from events import tell
from ground import FILE, Ground, Layout, lay_out
from journal import Pulse, read_journal
from script import Ending, Script, Tally
from verdict import Case, Record, Verdict, judge
from victims import GRACE, LEASE, Victim, fork_resume, fork_worker, run_program, warm_up

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.clock import SystemClock
from newsletter.ledger.database import open_ledger
from newsletter.ledger.suppressions import suppress

HERE = Path(__file__).parent
_LOOK = 0.001
"""Seconds between two looks at how far the carrier is."""
_STOPPED_FOR = (0.2, 1.0)
_STALLED = 0.4
"""Seconds without anything at the carrier: it waits, for a carrier that is away, say."""
_LONG_STALLED = 2.5
"""The same when nothing is to be killed any more."""
_PROGRAM_STARTS = 4.0
_PROGRAM_EVERY, _STOP_EVERY, _LEAVE_EVERY, _TELL_EVERY = 18, 13, 5, 8
_MOST_RUNS_AFTER = 30
_TO_DECIDE = 120.0
_REPORT_EVERY = 10.0
"""Seconds."""
_DISPATCH = 1
_WORKERS = 3


@dataclass(slots=True)
class Scene:
    """A scene while it is played."""

    script: Script
    folder: Path
    ground: Ground
    chance: Random
    pulse: Pulse
    tally: Tally = field(default_factory=Tally)
    _under_way: set[int] = field(default_factory=set)
    _reported: float = field(default_factory=time.monotonic)

    @property
    def record(self) -> Record:
        """Give the ledger."""
        return Record(self.script.database or self.ground.folder / ".newsletter/ledger.sqlite3")

    @property
    def log(self) -> Path:
        """Name the file of everything the victims say."""
        return self.folder / "log"

    def torture(self) -> None:
        """Kill, and kill again, then let it end."""
        words = ["send", FILE, "--provider", self.script.provider, "--for-real", "--yes-to"]
        first = run_program(self.ground.folder, [*words, str(self.ground.recipients)], self.log)
        self.wait(lambda: self.pulse.beats > 0, first, patience=60)
        self._watch(first)
        if self.script.stops:
            Crowd(self).torture()
        while (
            not self.script.stops
            and self.tally.kills < self.script.kills
            and self.record.is_pending()
        ):
            if self.tally.runs % _LEAVE_EVERY == 0:
                self._leave()
            if self.tally.runs % _TELL_EVERY == 0:
                self.tally.settled += self.tell(0.04)
            self._watch(self._start())
        self.finish()

    def finish(self) -> None:
        """Run until nothing is pending."""
        for _ in range(_MOST_RUNS_AFTER):
            victim = fork_resume(self.ground.folder, _DISPATCH, self.log)
            self.wait(lambda: False, victim, patience=_LONG_STALLED, is_reset=True)
            victim.kill()
            self.after(victim)
            if not self.record.is_pending():
                return

    def tell(self, share: float = 1.0) -> int:
        """Let the carrier post events of a share of what it took; give how many they settled."""
        if not self.script.tells_events:
            return 0
        return tell(self.record.where, read_journal(self.folder), self.chance, share=share)

    def decide(self) -> frozenset[int]:
        """Send again what is unsure, as a person decides to; give what it was."""
        unsure = frozenset(at for at, s in self.record.standings().items() if s == "unsure")
        words = ["dispatch", "resolve", str(_DISPATCH), "--resend", "--yes-to", str(len(unsure))]
        victim = run_program(self.ground.folder, words, self.log)
        self.wait(lambda: False, victim, patience=_TO_DECIDE)
        if victim.is_alive:
            raise TimeoutError(f"newsletter {' '.join(words)} did not end in {_TO_DECIDE:.0f} s")
        self.finish()
        return unsure

    def verdict(self, decided: frozenset[int] = frozenset(), *, is_told: bool = False) -> Verdict:
        """Hold the ledger against the journal."""
        seen = read_journal(self.folder)
        unseen = self.record.in_doubt_unseen(seen)
        return judge(
            Case(
                listed=self.ground.listed,
                standings=self.record.standings(),
                seen=seen,
                explained=seen.doubtful | unseen | self._under_way,
                decided=decided,
                is_told=is_told,
            )
        )

    def _start(self) -> Victim:
        if self.tally.runs % _PROGRAM_EVERY == _PROGRAM_EVERY - 1:
            return run_program(self.ground.folder, ["dispatch", "resume", str(_DISPATCH)], self.log)
        return fork_resume(self.ground.folder, _DISPATCH, self.log)

    def _watch(self, victim: Victim) -> None:
        """Let it live for a random while, then do something to it."""
        self._live(victim)
        script, tally = self.script, self.tally
        if script.restart and tally.restarts < script.restarts and self._is_time_to_restart():
            tally.restarts += 1
            script.restart()
            self.wait(lambda: False, victim, patience=_STALLED)
        if tally.runs % _STOP_EVERY == _STOP_EVERY - 1 and victim.is_alive:
            tally.stops += 1
            victim.stop()
            Event().wait(self.chance.uniform(*_STOPPED_FOR))
            victim.go_on()
            self._live(victim)
        victim.kill()
        self.after(victim)

    def _is_time_to_restart(self) -> bool:
        share = (self.tally.restarts + 1) / (self.script.restarts + 1)
        return self.tally.kills >= self.script.kills * share

    def _live(self, victim: Victim) -> None:
        chance, requests = self.chance, self.script.listed / self.script.batch_size
        if chance.random() < 0.15:
            longest = _PROGRAM_STARTS / 2 if victim.is_program else 0.12
            self.wait(lambda: False, victim, patience=chance.uniform(0, longest))
            return
        each = 1 if self.script.protocol == "http" else self.script.batch_size
        goal = self.pulse.beats + chance.uniform(0, requests * each / self.script.kills * 1.1)
        if victim.is_program:
            before = self.pulse.beats
            self.wait(lambda: self.pulse.beats > before, victim, patience=_PROGRAM_STARTS)
        self.wait(lambda: self.pulse.beats >= goal, victim, patience=_STALLED, is_reset=True)
        Event().wait(chance.uniform(0, 0.004))

    def wait(
        self,
        is_enough: Callable[[], bool],
        victim: Victim,
        *,
        patience: float,
        is_reset: bool = False,
    ) -> None:
        """Wait until it is enough, or for so long; with `is_reset` every beat begins it anew."""
        until, beats = time.monotonic() + patience, self.pulse.beats
        while victim.is_alive and not is_enough() and time.monotonic() < until:
            Event().wait(_LOOK)
            if is_reset and self.pulse.beats != beats:
                until, beats = time.monotonic() + patience, self.pulse.beats

    def after(self, victim: Victim, *, has_passed: bool = True) -> None:
        """Write down what a victim left under way, before anybody else touches the ledger.

        `has_passed`: the next one comes so late that leases are over.
        """
        self.tally.runs += 1
        self.tally.kills += victim.was_killed
        self.tally.kills_of_the_program += victim.was_killed and victim.is_program
        self.note_under_way()
        if has_passed:
            self.record.let_time_pass()
        self._report()

    def _report(self) -> None:
        """Say now and then how far it is."""
        if time.monotonic() - self._reported < _REPORT_EVERY:
            return
        self._reported = time.monotonic()
        tally, script = self.tally, self.script
        print(
            f"{script.name}: {tally.kills} of {script.kills} kills, {tally.runs} runs, the carrier"
            f" dealt with {self.pulse.beats:,}",
            file=sys.stderr,
            flush=True,
        )

    def note_under_way(self) -> None:
        """Write down what is under way."""
        self._under_way |= self.record.under_way()

    def _leave(self) -> None:
        """Let one of those who are not reached yet leave."""
        waiting = self.record.waiting()
        if not waiting:
            return
        person = Person(*self.chance.choice(waiting))
        reason, now = SuppressionReason.UNSUBSCRIBED, SystemClock().now()
        ledger = open_ledger(self.record.where)
        try:
            suppress(ledger, person, reason, source="link", now=now)
        finally:
            ledger.close()
        self.tally.left += 1


@dataclass(slots=True)
class Crowd:
    """Several workers on one ledger, of which now one is killed and now one sleeps too long."""

    scene: Scene
    _workers: list[Victim] = field(default_factory=list)
    _asleep: list[tuple[float, Victim]] = field(default_factory=list)

    def torture(self) -> None:
        """Kill and stop them until there were enough of both, or all is delivered."""
        scene = self.scene
        script, tally = scene.script, scene.tally
        while tally.kills < script.kills and scene.record.is_pending():
            self._fill()
            each = script.listed if script.protocol == "smtp" else script.listed / script.batch_size
            goal = scene.pulse.beats + scene.chance.uniform(0, each / script.kills * 1.1)
            scene.wait(
                lambda goal=goal: scene.pulse.beats >= goal, self._workers[0], patience=_STALLED
            )
            self._strike()
            self._wake()
        for victim in [*self._workers, *(sleeper for _, sleeper in self._asleep)]:
            victim.kill()
            scene.after(victim, has_passed=False)
        Event().wait(LEASE + GRACE)

    def _fill(self) -> None:
        self._workers = [each for each in self._workers if each.is_alive]
        while len(self._workers) < _WORKERS:
            scene = self.scene
            self._workers.append(fork_worker(scene.ground.folder, _DISPATCH, scene.log))

    def _strike(self) -> None:
        """Kill one, or let one sleep for longer than its lease and what others wait beyond it."""
        scene = self.scene
        victim = self._workers.pop(scene.chance.randrange(len(self._workers)))
        is_time = scene.tally.kills >= scene.script.kills * scene.tally.stops / scene.script.stops
        if is_time and scene.tally.stops < scene.script.stops and victim.is_alive:
            scene.tally.stops += 1
            victim.stop()
            scene.note_under_way()
            self._asleep.append((time.monotonic() + (LEASE + GRACE) * 1.2, victim))
            return
        victim.kill()
        scene.after(victim, has_passed=False)

    def _wake(self) -> None:
        """Let those go on who slept for long enough; they work on among the others."""
        due = [each for until, each in self._asleep if until <= time.monotonic()]
        self._asleep = [pair for pair in self._asleep if pair[0] > time.monotonic()]
        for victim in due:
            victim.go_on()
            self._workers.append(victim)


def play(script: Script, folder: Path) -> Ending:
    """Play a scene in `folder`."""
    began = time.monotonic()
    warm_up(script.provider)
    folder.mkdir(parents=True)
    with _carrier(script, folder) as port:
        layout = Layout(
            provider=script.provider,
            port=port,
            ledger=script.database,
            listed=script.listed,
            batch_size=script.batch_size,
        )
        scene = Scene(
            script, folder, lay_out(folder / "society", layout), Random(script.seed), Pulse(folder)
        )
        scene.torture()
        verdict, told = scene.verdict(), None
        if script.tells_events:
            scene.tell()
            told = scene.verdict(is_told=True)
        resent = scene.verdict(scene.decide())
    return Ending(
        name=script.name,
        listed=script.listed,
        tally=scene.tally,
        verdict=verdict,
        told=told,
        resent=resent,
        fates=dict(read_journal(folder).fates),
        seconds=time.monotonic() - began,
    )


@contextmanager
def _carrier(script: Script, folder: Path) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "carrier.py"), script.protocol, str(folder), str(script.seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
