"""One round: every sender once, in random order, against the same sink; and rows of several."""

import json
import random
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import society
from child import Measured, run
from sink import Sink

PROTOCOL = {"sendgrid": "http", "smtp": "smtp"}
SATURATION = {"http": 2_000, "smtp": 4_000}
"""How many requests saturate the sink long enough to be timed."""
OBVIOUS = {"sendgrid": {"batches": 100_000, "each": 500}, "smtp": {"smtplib": 300}}
"""The scripts of each path, and how many recipients they get at most: they are slow."""


_Round = dict[str, dict[str, float]]
_OURS, _SATURATED = "newsletter", "sink saturated with ready bytes"
_RATIOS: Mapping[str, Callable[[dict[str, float], _Round], float]] = {
    "cpu_vs_ours": lambda mine, each: mine["cpu_us"] / each[_OURS]["cpu_us"],
    "cpu_vs_our_deliver": lambda mine, each: (
        mine["cpu_us"] / (each[_OURS]["deliver cpu"] / each[_OURS]["n"] * 1e6)
    ),
}


@dataclass(slots=True)
class Bench:
    """One size of one path."""

    sink: Sink
    path: str
    master: Path
    payload: Path
    connections: int

    def round(self) -> _Round:
        """Run everything once, in random order."""
        senders: dict[str, Callable[[], dict[str, float]]] = {
            _SATURATED: self._saturated,
            _OURS: self._ours,
        }
        for how, most in OBVIOUS[self.path].items():
            senders[_NAMES[how]] = partial(self._obvious, how, most)
        names = list(senders)
        random.shuffle(names)
        measured = {name: senders[name]() for name in names}
        return {name: measured[name] for name in senders}

    def _saturated(self) -> dict[str, float]:
        protocol = PROTOCOL[self.path]
        count = SATURATION[protocol]
        each = 1_000 if protocol == "http" else 1
        arguments = (protocol, str(self.sink.port), str(self.payload), str(count))
        connections = str(self.connections)
        return _figures(run(self.sink, count * each, "saturate.py", *arguments, connections))

    def _ours(self) -> dict[str, float]:
        size = _members_of(self.master)
        with tempfile.TemporaryDirectory(dir=self.master.parent) as name:
            folder, report = Path(name) / "society", Path(name) / "report.json"
            shutil.copytree(self.master, folder)
            society.point_at(folder, port=self.sink.port, connections=self.connections)
            measured = run(self.sink, size, "ours.py", str(folder), self.path, str(report))
            steps = json.loads(report.read_text())["steps"]
        whole = {"n": float(size), **_figures(measured)}
        for step, taken in steps.items():
            whole |= {f"{step} {figure}": value for figure, value in taken.items()}
        return whole

    def _obvious(self, how: str, most: int) -> dict[str, float]:
        folder, size = self.master, _members_of(self.master)
        with tempfile.TemporaryDirectory(dir=self.master.parent) as name:
            if size > most:
                folder, size = society.make(Path(name) / "few", most), most
                for document in ("document.html", "document.txt"):
                    shutil.copyfile(self.master / document, folder / document)
            return _figures(
                run(self.sink, size, "obvious.py", how, str(folder), str(self.sink.port))
            )


_NAMES = {
    "batches": "sendgrid package, Personalization x 1000",
    "each": "sendgrid package, one call each",
    "smtplib": "smtplib and EmailMessage, one connection",
}


def _members_of(folder: Path) -> int:
    with (folder / "recipients/members.csv").open("rb") as stream:
        return sum(1 for _ in stream) - 1


def _figures(measured: Measured) -> dict[str, float]:
    found = {
        "n": float(measured.recipients),
        "per_s": measured.rate,
        "cpu_us": measured.cpu_us,
        "rss_mb": measured.rss_mb,
    }
    return found | ({"steady_per_s": measured.steady} if measured.steady else {})


def sender_rows(rounds: list[_Round]) -> Iterator[dict[str, object]]:
    """Take medians; ratios are taken inside each round first."""
    for name, first in rounds[0].items():
        row: dict[str, object] = {"what": name}
        row |= {
            figure: statistics.median(each[name][figure] for each in rounds if figure in each[name])
            for figure in first
            if " " not in figure
        }
        row |= {
            ratio: statistics.median(function(each[name], each) for each in rounds)
            for ratio, function in _RATIOS.items()
            if name not in (_OURS, _SATURATED)
        }
        if name == _OURS and "steady_per_s" in first:
            row["of_saturation"] = statistics.median(
                each[name]["steady_per_s"] / each[_SATURATED]["steady_per_s"] for each in rounds
            )
        yield row


def step_rows(rounds: list[_Round], size: int) -> Iterator[dict[str, object]]:
    """Tell what each step of ours takes: the first and third are the same for any list."""
    for step in ("start", "list", "compile", "open", "deliver"):
        cpu, wall, peak = (
            statistics.median(each[_OURS][f"{step} {figure}"] for each in rounds)
            for figure in ("cpu", "wall", "rss_mb")
        )
        yield {
            "what": step,
            "cpu_ms": cpu * 1e3,
            "cpu_us_each": cpu / size * 1e6,
            "per_s": size / wall,
            "peak_mb": peak,
        }
