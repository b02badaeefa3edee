"""Running a sender as a process of its own, and measuring all that it takes."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sink import Count, Sink
from society import SECRET

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run of a sender took, from the start of its process to the end."""

    recipients: int
    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    rss_mb: float
    """Peak."""
    count: Count

    @property
    def cpu_us(self) -> float:
        """Give the CPU time for each recipient, in microseconds."""
        return self.cpu / self.recipients * 1e6

    @property
    def rate(self) -> float:
        """Give recipients a second, the start of the process included."""
        return self.recipients / self.wall

    @property
    def steady(self) -> float | None:
        """Give recipients a second from the first request to the last, where there are enough."""
        count = self.count
        if count.requests < 5 or count.last <= count.first:
            return None
        rest = count.recipients * (count.requests - 1) / count.requests
        return rest / (count.last - count.first)


def run(sink: Sink, recipients: int, *command: str) -> Measured:
    """Run `python COMMAND` against `sink` and hold its count against `recipients`."""
    sink.reset()
    environment = {
        **_environment(),
        "NEWSLETTER_SECRET": SECRET,
        "SENDGRID_API_KEY": "SG.key",
    }
    began = time.monotonic()
    script, *arguments = command
    with tempfile.NamedTemporaryFile("r") as peak:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "launch.py"), peak.name, str(HERE / script), *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        rss_mb = float(peak.read() or "nan")
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    count = sink.count()
    assert count.recipients == recipients, f"{count.recipients} arrived, not {recipients}"
    return Measured(
        recipients=recipients,
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        rss_mb=rss_mb,
        count=count,
    )


def _environment() -> dict[str, str]:
    # A process cannot be started without PATH and its like. Settings of this program are left
    # out, so that nobody's own society is measured, or mailed.
    from os import environ  # noqa: TID251 - read to be handed on, not to be obeyed

    return {name: value for name, value in environ.items() if not name.startswith("NEWSLETTER_")}
