"""Ours alone at growing sizes and over slow lines: what stays constant, and what latency leaves."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import society
from contest import Contest, Entrants
from install import nobody
from sinks import Yard

Row = Mapping[str, float | str]
API_MS, LINE_MS = 300, 20
"""How long the provider takes for an answer, and how long the line does for a round trip."""
REQUESTS_EACH, MESSAGES_EACH = 20, 1_000
"""By each connection, over a slow line."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Runs of ours without others."""

    yard: Yard
    root: Path

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

    def wait_for_sendgrid(self, connections: tuple[int, ...]) -> Iterator[Row]:
        """Deliver where each answer takes `API_MS`: 1000 recipients a request and connection."""
        for each in connections:
            found = self._run("sendgrid", 1000 * REQUESTS_EACH * each, each, delay_ms=API_MS)
            yield _share("sendgrid", each, found, ideal=each * 1000 / API_MS * 1000)

    def wait_for_smtp(self, connections: tuple[int, ...]) -> Iterator[Row]:
        """Deliver over a line of `LINE_MS`: one message a round trip and connection."""
        for each in connections:
            found = self._run("smtp", MESSAGES_EACH * each, each, delay_ms=LINE_MS)
            yield _share("smtp", each, found, ideal=each / LINE_MS * 1000)

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


def _share(path: str, connections: int, found: Mapping[str, float], *, ideal: float) -> Row:
    # The first request of each connection begins the time, and is not counted in it.
    rate = found["per_s_after_the_first"]
    return {
        "what": f"{path}, {connections} connections",
        "ideal_per_s": ideal,
        "per_s": rate,
        "of_ideal": rate / ideal,
    }
