"""One size of one path: every sender once in each round, in random order, against the same sink.

Each round begins with the saturation of the sink; a round whose saturation is under half of the
median of all rounds was disturbed by somebody else's work, and is thrown away.
"""

import json
import random
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import society
from child import Measured, python, run
from install import Installed, Peer
from sinks import Sink, Yard
from slowsink import Count

PROTOCOL = {"sendgrid": "http", "smtp": "smtp"}
SATURATION = {"http": 2_000, "smtp": 20_000}
"""How many requests saturate the sink long enough to be timed."""
OURS, SATURATED = "newsletter", "sink saturated with ready bytes"

Figures = dict[str, float]
Round = Mapping[str, Figures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrants:
    """Who runs, and what they are given."""

    path: str
    """`sendgrid` or `smtp`."""
    master: Path
    """A workspace with its list, and the documents with marks beside it."""
    payload: Path
    """One request or message of ours, for the saturation."""
    connections: int
    installed: Installed

    @property
    def protocol(self) -> str:
        """Name what the sink speaks."""
        return PROTOCOL[self.path]


@dataclass(slots=True)
class Contest:
    """Runs rounds."""

    entrants: Entrants
    yard: Yard
    sink: Sink
    _starts: dict[str, float] = field(default_factory=dict)

    def rounds(self, count: int) -> list[Round]:
        """Run so many rounds, and keep those that nobody disturbed."""
        done = [self.round() for _ in range(count)]
        rates = [each[SATURATED]["steady_per_s"] for each in done]
        kept = [
            each
            for each, rate in zip(done, rates, strict=True)
            if rate >= statistics.median(rates) / 2
        ]
        if len(kept) < len(done):
            print(f"  thrown away: {len(done) - len(kept)} disturbed rounds", flush=True)
        return kept

    def round(self) -> Round:
        """Saturate the sink, then run everybody in random order."""
        found = {SATURATED: self._saturated()}
        senders: dict[str, Callable[[], Figures]] = {OURS: self.ours}
        for peer in self.entrants.installed.peers(self.entrants.path):
            senders[peer.name] = partial(self._peer, peer)
        names = list(senders)
        random.shuffle(names)
        measured = {name: senders[name]() for name in names}
        return found | {name: measured[name] for name in senders}

    def _saturated(self) -> Figures:
        protocol, connections = self.entrants.protocol, self.entrants.connections
        count = SATURATION[protocol] // (10 if self.yard.is_slow else 1) // connections
        each = self.entrants.payload.read_bytes().count(b'"to":') if protocol == "http" else 1
        count *= connections
        command = self.yard.saturate(
            protocol, self.sink, self.entrants.payload, count=count, connections=connections
        )
        return _figures(run(self.sink, count * each, command), count * each)

    def ours(self) -> Figures:
        """Open and deliver a dispatch, each in a process of its own."""
        size = members_of(self.entrants.master)
        with tempfile.TemporaryDirectory(dir=self.entrants.master.parent) as name:
            folder, report = Path(name) / "society", Path(name) / "report.json"
            shutil.copytree(self.entrants.master, folder)
            society.point_at(folder, port=self.sink.port, connections=self.entrants.connections)
            words = (str(folder), self.entrants.path, str(report))
            opening = run(self.sink, 0, python("ours.py", "open", *words))
            steps = {f"open: {step}": taken for step, taken in _read(report).items()}
            measured = run(self.sink, size, python("ours.py", "deliver", str(folder), str(report)))
            steps |= {f"deliver: {step}": taken for step, taken in _read(report).items()}
            run(self.sink, 0, python("ours.py", "addresses", *_list_of(folder, report)))
            steps |= {f"check: {step}": taken for step, taken in _read(report).items()}
        return _ours(size, opening, measured, steps)

    def _peer(self, peer: Peer) -> Figures:
        master = self.entrants.master
        size = min(members_of(master), peer.most)
        if peer.name not in self._starts:
            nobody = society.write_list(master.parent / "nobody.csv", 0)
            self._starts[peer.name] = self.run_peer(peer, nobody, 0).cpu
        people = society.write_list(master.parent / f"first-{size}.csv", size)
        measured = self.run_peer(peer, people, size)
        figures = _figures(measured, size)
        # What it takes to start is not what it takes for each recipient.
        figures["cpu_us"] = (measured.cpu - self._starts[peer.name]) / size * 1e6
        return figures

    def run_peer(self, peer: Peer, people: Path, size: int) -> Measured:
        """Let a script send to the first `size` of `people`."""
        interpreter, script = self.entrants.installed.command(peer)
        words = (str(self.entrants.master), str(people), str(self.sink.port))
        if peer.is_node:
            modules = str(self.entrants.installed.folder / "node_modules")
            return run(self.sink, size, [interpreter, script, *words], NODE_PATH=modules)
        # What is on our path is not to be found by others: one of them has our name.
        command = python(script, *words, interpreter=interpreter)
        return run(self.sink, size, command, PYTHONPATH="", PYTHONWARNINGS="ignore")


def members_of(folder: Path) -> int:
    """Count the members of a workspace's list."""
    with (folder / "recipients/members.csv").open("rb") as stream:
        return sum(1 for _ in stream) - 1


def _list_of(folder: Path, report: Path) -> tuple[str, str]:
    return str(folder / "recipients/members.csv"), str(report)


def _read(report: Path) -> dict[str, Figures]:
    found: dict[str, Figures] = json.loads(report.read_text())
    return found


def _figures(measured: Measured, size: int) -> Figures:
    found = {
        "n": float(size),
        "per_s": size / measured.wall,
        "cpu_us": measured.cpu / max(size, 1) * 1e6,
        "peak_mb": measured.rss_mb,
        "octets_each": measured.count.octets / max(size, 1),
    }
    return found | ({"steady_per_s": measured.steady} if measured.steady else {})


def _ours(
    size: int, opening: Measured, delivering: Measured, steps: Mapping[str, Figures]
) -> Figures:
    """Take as ours: delivering, and the strict check of each address when the list came in."""
    deliver, check = steps["deliver: deliver"], steps["check: addresses"]
    found = _figures(delivering, size)
    found |= {
        "per_s_after_the_first": rate_after_the_first(delivering.count),
        "cpu_us": (deliver["cpu"] + check["cpu"]) / size * 1e6,
        "deliver_us": deliver["cpu"] / size * 1e6,
        "check_us": check["cpu"] / size * 1e6,
        "everything_us": (opening.cpu + delivering.cpu) / size * 1e6,
        "imports_mb": steps["deliver: start"]["memory_mb"],
        "over_imports_mb": deliver["peak_mb"] - steps["deliver: start"]["memory_mb"],
        "opening_peak_mb": opening.rss_mb,
    }
    for step, taken in steps.items():
        found |= {f"{step} {figure}": value for figure, value in taken.items()}
    return found


def named_steps(round_: Round) -> Iterator[str]:
    """Name the steps of ours that were measured."""
    for figure in round_[OURS]:
        if figure.endswith(" cpu"):
            yield figure.removesuffix(" cpu")


def rate_after_the_first(count: Count) -> float:
    """Give recipients a second; the first request of each connection begins the time."""
    after = count.recipients * (1 - count.connections / max(count.requests, 1))
    return after / max(count.last - count.first, 1e-9)
