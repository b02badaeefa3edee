"""Running a sender as a process of its own, and measuring all that it takes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sinks import Sink
from slowsink import Count
from society import SECRET

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run of a sender took, from the start of its process to the end."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of the process and its children."""
    rss_mb: float
    """Peak; not a number where the program cannot tell."""
    count: Count

    @property
    def steady(self) -> float | None:
        """Give recipients a second from the first request to the last, where there are enough."""
        count = self.count
        if count.requests < 5 or count.last <= count.first:
            return None
        rest = count.recipients * (count.requests - 1) / count.requests
        return rest / (count.last - count.first)


def python(script: str, *words: str, interpreter: str = sys.executable) -> list[str]:
    """Give the command of a script of this folder, whose peak memory is to be known."""
    return [interpreter, str(HERE / "launch.py"), str(HERE / script), *words]


def run(sink: Sink, recipients: int, command: list[str], **extra: str) -> Measured:
    """Run `command` against `sink`, whose count has to be `recipients` afterwards.

    `extra` is added to the environment.
    """
    sink.reset()
    with tempfile.NamedTemporaryFile("r") as peak:
        named = {**environment(), "BENCH_PEAK": peak.name, **extra}
        began = time.monotonic()
        process = subprocess.Popen(command, env=named, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        rss_mb = float(peak.read() or "nan")
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    count = sink.count()
    assert count.recipients == recipients, f"{count.recipients} arrived, not {recipients}"
    return Measured(wall=wall, cpu=usage.ru_utime + usage.ru_stime, rss_mb=rss_mb, count=count)


def environment() -> Mapping[str, str]:
    """Give what a process of a benchmark finds in its environment."""
    # A process cannot be started without PATH and its like. Settings of this program are left
    # out, so that nobody's own society is measured, or mailed.
    from os import environ  # noqa: TID251 - read to be handed on, not to be obeyed

    kept = {name: value for name, value in environ.items() if not name.startswith("NEWSLETTER_")}
    return {**kept, "NEWSLETTER_SECRET": SECRET, "SENDGRID_API_KEY": "SG.key"}
