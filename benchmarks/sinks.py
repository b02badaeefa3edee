"""The sinks and the saturation: C programs of ours, compiled for this run.

Where there is no C compiler the sink of `slowsink.py` stands in, which is marked in every result:
it is too slow to be a yardstick of SMTP, and figures beside it are for this machine only.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import slowsink
from slowsink import Count

HERE = Path(__file__).parent


class Sink(Protocol):
    """Takes whatever comes, and counts it."""

    port: int

    def reset(self) -> None:
        """Count from zero; nobody may be sending meanwhile."""

    def count(self) -> Count:
        """Tell what arrived."""

    def stop(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Yard:
    """The yardsticks that this machine can run."""

    folder: Path | None
    """Of the compiled programs; None where there is no compiler."""

    @property
    def is_slow(self) -> bool:
        """Tell whether the sink is the slow one."""
        return self.folder is None

    @contextmanager
    def sink(
        self, protocol: str, *, kept: Path | None = None, delay_ms: float = 0
    ) -> Iterator[Sink]:
        """Run a sink for `http` or `smtp` as long as the context lasts.

        `kept` is a folder into which every body or message is written; `delay_ms` passes before
        each answer, as over a line with that round trip.
        """
        sys.stdout.flush()
        running: Sink
        if self.folder is None:
            running = slowsink.SlowSink(protocol, kept=kept, delay=delay_ms / 1e3)
        else:
            running = _CSink(self.folder / "sink", protocol, kept, delay_ms)
        try:
            yield running
        finally:
            running.stop()

    def saturate(
        self, protocol: str, sink: Sink, payload: Path, *, count: int, connections: int
    ) -> list[str]:
        """Give the command that sends `payload` again and again."""
        words = [protocol, str(sink.port), str(payload), str(count), str(connections)]
        if self.folder is None:
            return [sys.executable, str(HERE / "slowsaturate.py"), *words]
        return [str(self.folder / "saturate"), *words]


def compiled(into: Path) -> Yard:
    """Compile the programs into the folder `into`, or say loudly that it cannot be done."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        print("WARNING: no C compiler: the sink is the slow one, and no gate counts", flush=True)
        return Yard(None)
    into.mkdir(exist_ok=True)
    for name in ("sink", "saturate"):
        options = ["-O3", "-pthread", "-o", str(into / name), str(HERE / f"{name}.c")]
        subprocess.run([compiler, *options], check=True)
    return Yard(into)


class _CSink:
    """A running `sink`, talked to over its standard input."""

    def __init__(self, program: Path, protocol: str, kept: Path | None, delay_ms: float) -> None:
        folder = [str(kept)] if kept else []
        self._process = subprocess.Popen(
            [str(program), protocol, str(delay_ms), *folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._answer())

    def reset(self) -> None:
        """Count from zero."""
        self._say("reset")

    def count(self) -> Count:
        """Tell what arrived."""
        connections, requests, recipients, octets, first, last = self._say("count").split()
        return Count(
            connections=int(connections),
            requests=int(requests),
            recipients=int(recipients),
            octets=int(octets),
            first=float(first),
            last=float(last),
        )

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _say(self, word: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the sink ended"
        return line
