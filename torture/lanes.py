"""Lanes: scenes one after the other on one database server, all lanes at the same time.

Each is played by a process of its own, which leads a group of processes: whatever happens in it,
nothing of it is left when it is over, and what happened is told.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from scene import play
from script import Ending, Script

Lane = Sequence[Script]
"""Scenes one after the other, on one database server."""
_Context = multiprocessing.get_context("fork")
_LAST_WORDS = 2_000
"""Octets of what the victims said last."""
_TO_TELL = 2.0
"""Seconds to say where it stands."""


class LaneError(Exception):
    """A lane broke off, or did not end."""


@dataclass(frozen=True, slots=True)
class _Playing:
    process: ForkProcess
    here: Connection

    def ending(self) -> Ending | None:
        """Take the ending of a scene; None after the last one.

        Raises:
            LaneError: It broke off.
        """
        try:
            told: Ending | str = self.here.recv()
        except EOFError:
            return None
        if isinstance(told, str):
            raise LaneError(told)
        return told

    def explain(self) -> None:
        """Let it say on stderr where it stands."""
        os.kill(self.process.pid or 0, signal.SIGUSR1)
        self.process.join(_TO_TELL)

    def end(self) -> None:
        """End it, with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()


def played(lanes: Sequence[Lane], folder: Path, limit: float) -> Iterator[Ending]:
    """Play lanes at once, and give the endings of their scenes as they come.

    They have processes of their own, and most of the time they wait. `limit`: so many seconds
    any of them may take for a scene.

    Raises:
        LaneError: One broke off, or none came to an end in time.
    """
    running = [_start(lane, folder) for lane in lanes]
    try:
        left = {each.here: each for each in running}
        while left:
            ready = wait(list(left), timeout=limit)
            if not ready:
                for each in left.values():
                    each.explain()
                raise LaneError(f"no scene ended within {limit:.0f} s")
            for here in ready:
                ending = left[here].ending()
                if ending is None:
                    del left[here]
                else:
                    yield ending
    finally:
        for each in running:
            each.end()


def _start(lane: Lane, folder: Path) -> _Playing:
    here, there = _Context.Pipe(duplex=False)
    process = _Context.Process(target=_play, args=(lane, folder, there))
    process.start()
    there.close()
    return _Playing(process, here)


def _play(lane: Lane, folder: Path, there: Connection) -> None:
    os.setpgid(0, 0)
    faulthandler.register(signal.SIGUSR1, file=sys.__stderr__, all_threads=True)
    for script in lane:
        own = folder / script.name.replace(" ", "-")
        try:
            there.send(play(script, own))
        except Exception:  # noqa: BLE001 - told by the other side, whatever it is
            said = (own / "log").read_bytes()[-_LAST_WORDS:] if (own / "log").exists() else b""
            trace = traceback.format_exc()
            there.send(f"{script.name}:\n{trace}its log ends:\n{said.decode(errors='replace')}")
            return
