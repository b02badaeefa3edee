"""Ours alone at growing sizes and over slow lines: what stays constant, and what latency leaves."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import society
from child import run
from contest import PROTOCOL, Contest, Entrants, rate_after_the_first
from install import nobody
from sinks import Yard

Row = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Alone:
    """Runs of ours without others."""

    yard: Yard
    root: Path
    payloads: Mapping[str, Path]
    """By path: one request, or one message, as it goes over the line."""

    def grow(self, path: str, sizes: tuple[int, ...], connections: int) -> Iterator[Row]:
        """Deliver to each size once."""
        for size in sizes:
            found = self._run(path, size, connections, delay_ms=0)
            yield {
                "what": f"{path}, {size:,}",
                "n": size,
                "cpu_us": found["cpu_us"],
                "deliver_us": found["deliver_us"],
                "check_us": found["check_us"],
                "everything_us": found["everything_us"],
                "steady_per_s": found.get("steady_per_s", 0.0),
                "octets_each": found["octets_each"],
                "peak_mb": found["peak_mb"],
                "over_imports_mb": found["over_imports_mb"],
                "opening_peak_mb": found["opening_peak_mb"],
            }

    def wait(self, line: "SlowLine", connections: tuple[int, ...]) -> Iterator[Row]:
        """Deliver over a slow line, and let ready bytes go over the same one."""
        for each in connections:
            size, ideal = line.recipients(each), each * line.at_once / line.delay_ms * 1000
            found = self._run(line.path, size, each, delay_ms=line.delay_ms)
            yield _share(line.path, each, found["per_s_after_the_first"], ideal=ideal)
            ready = self._ready(line, size, each)
            yield _share(f"ready bytes, {line.path}", each, ready, ideal=ideal)

    def _ready(self, line: "SlowLine", size: int, connections: int) -> float:
        """Tell how fast the line is for bytes that are ready: recipients a second."""
        protocol, payload = PROTOCOL[line.path], self.payloads[line.path]
        count = size // line.at_once
        with self.yard.sink(protocol, delay_ms=line.delay_ms) as sink:
            command = self.yard.saturate(
                protocol, sink, payload, count=count, connections=connections
            )
            return rate_after_the_first(run(sink, size, command).count)

    def _run(self, path: str, size: int, connections: int, *, delay_ms: float) -> dict[str, float]:
        with tempfile.TemporaryDirectory(dir=self.root) as name:
            master = society.make(Path(name) / "society", size)
            entrants = Entrants(
                path=path,
                master=master,
                payload=master,
                connections=connections,
                installed=nobody(master),
            )
            with self.yard.sink(entrants.protocol, delay_ms=delay_ms) as sink:
                return Contest(entrants, self.yard, sink).ours()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowLine:
    """A provider that takes its time, or one that is far away."""

    path: str
    delay_ms: float
    at_once: int
    """Recipients whose answer is one."""
    answers: int
    """Awaited by each connection."""

    def recipients(self, connections: int) -> int:
        """Tell how many recipients keep so many connections busy."""
        return connections * self.answers * self.at_once


SLOW_API = SlowLine(path="sendgrid", delay_ms=300, at_once=1000, answers=20)
FAR_SERVER = SlowLine(path="smtp", delay_ms=20, at_once=1, answers=1_000)


def _share(what: str, connections: int, rate: float, *, ideal: float) -> Row:
    return {
        "what": f"{what}, {connections} connections",
        "ideal_per_s": ideal,
        "per_s": rate,
        "of_ideal": rate / ideal,
    }
