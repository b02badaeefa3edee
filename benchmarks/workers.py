"""Workers that share one ledger on PostgreSQL: how much faster several are than one.

The provider takes `API_MS` for each answer, which is what limits a worker: it waits most of the
time. Every run has a database of its own on a server that is started for it, with fsync on.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import society
from child import HERE, environment, python, run
from sinks import Sink, Yard

sys.path.append(str(HERE.parent / "tests"))

import postgres

from newsletter.clock import SystemClock

API_MS = 100
LANES = 2
"""Requests that one worker has under way at once."""
REQUESTS, BATCH = 400, 50
"""Eight lanes of fifty requests: enough for four workers."""
_PATIENCE = 120.0
_WORDS = {1: "one worker", 2: "two workers", 4: "four workers"}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Team:
    """What is needed to let workers send to a sink."""

    yard: Yard
    root: Path

    def rates(self, sizes: Sequence[int]) -> Iterator[Row]:
        """Measure recipients a second for each number of workers, and beside that of one."""
        binaries = postgres.find_binaries()
        if binaries is None:
            print("WARNING: PostgreSQL is not installed: workers are not measured", flush=True)
            return
        alone = 0.0
        with postgres.running(binaries, syncs=True) as server:
            for size in sizes:
                rate = self._rate(size, postgres.fresh_database(server.url))
                alone = alone or rate
                yield {
                    "what": _WORDS[size],
                    "ideal_per_s": size * LANES * BATCH / API_MS * 1000,
                    "per_s": rate,
                    "of_one": rate / alone,
                }

    def _rate(self, workers: int, database: str) -> float:
        listed = REQUESTS * BATCH
        with (
            tempfile.TemporaryDirectory(dir=self.root) as name,
            self.yard.sink("http", delay_ms=API_MS) as sink,
            ExitStack() as stack,
        ):
            folder = society.make(Path(name) / "society", listed)
            society.point_at(folder, port=sink.port, connections=LANES, batch_size=BATCH)
            report = str(Path(name) / "report.json")
            run(
                sink,
                0,
                python("ours.py", "open", str(folder), "sendgrid", report, "by-workers"),
                NEWSLETTER_LEDGER=database,
            )
            for _ in range(workers):
                stack.enter_context(_working(folder, database))
            return _until_all_arrived(sink, listed)


@contextmanager
def _working(folder: Path, database: str) -> Iterator[None]:
    """Run a worker on the ledger at `database` for as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter", "worker", "--lanes", str(LANES)],
        cwd=folder,
        env={**environment(), "NEWSLETTER_LEDGER": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _until_all_arrived(sink: Sink, listed: int) -> float:
    """Wait, and tell how many came in a second from the first request to the last."""
    clock = SystemClock()
    deadline = clock.monotonic() + _PATIENCE
    while (count := sink.count()).recipients < listed:
        assert clock.monotonic() < deadline, f"{count.recipients} of {listed} arrived"
        clock.sleep(0.05)
    assert count.recipients == listed, f"{count.recipients} arrived, not {listed}"
    return (listed - BATCH) / (count.last - count.first)
