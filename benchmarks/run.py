"""One command that measures everything: `make bench`, or `python benchmarks/run.py --quick`.

Ratios are the figures to trust: every sender runs in every round beside the saturated sink, and a
ratio is taken inside one round. `docs/benchmarks.md` says what each figure means.
"""

import argparse
import importlib
import importlib.util
import json
import platform
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from os import cpu_count, environ  # noqa: TID251 - the society's key is set here
from pathlib import Path

import society
from child import Measured, run
from composing import compile_times, merge_rates, rehearsal_rate
from sink import Sink, sink
from verify import arrived_by_sendgrid, arrived_by_smtp, expected

from newsletter.cli.prepare import Request, prepare
from newsletter.cli.workspace import open_workspace

PROTOCOL = {"sendgrid": "http", "smtp": "smtp"}
SATURATION = {"http": 2_000, "smtp": 4_000}
"""How many requests saturate the sink long enough to be timed."""
OBVIOUS = {"sendgrid": {"batches": 100_000, "each": 500}, "smtp": {"smtplib": 300}}
"""The scripts of each path, and how many recipients they get at most: they are slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure."""

    sendgrid: tuple[int, ...]
    smtp: tuple[int, ...]
    rounds: int
    connections: int
    compiles: int
    merges: int


@dataclass(slots=True)
class Results:
    """All rows, by section; also what is written as JSON."""

    sections: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, section: str, row: object) -> None:
        """Keep a row and show it."""
        assert isinstance(row, dict)
        if section not in self.sections:
            print(f"\n{section}")
        self.sections.setdefault(section, []).append(row)
        numbers = "  ".join(f"{name} {_shown(value)}" for name, value in row.items() if name != "what")
        print(f"  {row['what']:<58} {numbers}", flush=True)


def main() -> None:
    """Measure, print, write JSON."""
    options = _options()
    environ["NEWSLETTER_SECRET"] = society.SECRET
    environ["SENDGRID_API_KEY"] = "SG.key"
    results = Results()
    print(_machine())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name:
        root = Path(name)
        _composing(results, root, options)
        for path in ("sendgrid", "smtp"):
            _sending(results, root, options, path)
    print(f"\nmeasured in {time.monotonic() - began:.0f} s; {_written(results, options)}")


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of small sizes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--sendgrid", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--smtp", type=int, nargs="*", default=[1_000, 10_000])
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.sendgrid, given.smtp = 1, [1_000, 10_000], [1_000]
    return Options(
        sendgrid=tuple(given.sendgrid),
        smtp=tuple(given.smtp),
        rounds=given.rounds,
        connections=given.connections,
        compiles=20 if given.quick else 100,
        merges=1_000 if given.quick else 5_000,
    )


def _composing(results: Results, root: Path, options: Options) -> None:
    folder = society.make(root / "composing", options.merges)
    for row in compile_times(folder, times=options.compiles):
        results.add("composing", row)
    for row in merge_rates(folder, messages=options.merges):
        results.add("merging", row)
    for provider in ("sendgrid", "smtp"):
        results.add("merging", rehearsal_rate(folder, provider))
    if importlib.util.find_spec("preview"):
        for row in importlib.import_module("preview").rows():
            results.add("preview", row)


def _sending(results: Results, root: Path, options: Options, path: str) -> None:
    kept = root / f"{path}-kept"
    sample = _proven(root, path, kept)
    results.add(f"{path}: what arrives", sample)
    payload = max(kept.iterdir(), key=lambda each: each.stat().st_size)
    for size in getattr(options, path):
        master = society.make(root / f"{path}-{size}", size)
        society.write_documents(master, _document(master))
        with sink(PROTOCOL[path]) as running:
            bench = _Bench(running, path, master, payload, options)
            rounds = [bench.round() for _ in range(options.rounds)]
        for row in _rows(rounds):
            results.add(f"{path}: {size:,} recipients, {options.connections} connections", row)
        shutil.rmtree(master)


def _proven(root: Path, path: str, kept: Path) -> dict[str, object]:
    """Decode everything that arrives for 1000 members before anything is timed."""
    kept.mkdir()
    folder = society.make(root / f"{path}-proof", 1_000)
    with sink(PROTOCOL[path], kept) as running:
        society.point_at(folder, port=running.port, connections=4)
        run(running, 1_000, "ours.py", str(folder), path, str(root / "report.json"))
    wanted = expected(folder)
    found = (arrived_by_sendgrid if path == "sendgrid" else arrived_by_smtp)(kept)
    assert found == wanted, "what arrived is not what message_for says"
    octets = sum(each.stat().st_size for each in kept.iterdir())
    return {"what": "1,000 messages decoded, each equal to message_for", "octets_each": octets / 1e3}


@dataclass(slots=True)
class _Bench:
    """One size of one path."""

    sink: Sink
    path: str
    master: Path
    payload: Path
    options: Options

    def round(self) -> dict[str, dict[str, float]]:
        """Run everything once, in random order."""
        senders: dict[str, Callable[[], dict[str, float]]] = {
            "sink saturated with ready bytes": self._saturated,
            "newsletter": self._ours,
        }
        for how, most in OBVIOUS[self.path].items():
            senders[_NAMES[how]] = lambda how=how, most=most: self._obvious(how, most)  # type: ignore[misc] # defaults bind
        names = list(senders)
        random.shuffle(names)
        measured = {name: senders[name]() for name in names}
        return {name: measured[name] for name in senders}

    def _saturated(self) -> dict[str, float]:
        protocol = PROTOCOL[self.path]
        count = SATURATION[protocol]
        each = 1_000 if protocol == "http" else 1
        arguments = (protocol, str(self.sink.port), str(self.payload), str(count))
        connections = str(self.options.connections)
        return _figures(run(self.sink, count * each, "saturate.py", *arguments, connections))

    def _ours(self) -> dict[str, float]:
        size = _members_of(self.master)
        with tempfile.TemporaryDirectory(dir=self.master.parent) as name:
            folder, report = Path(name) / "society", Path(name) / "report.json"
            shutil.copytree(self.master, folder)
            connections = self.options.connections
            society.point_at(folder, port=self.sink.port, connections=connections)
            measured = run(self.sink, size, "ours.py", str(folder), self.path, str(report))
            steps = json.loads(report.read_text())["steps"]
        return _figures(measured) | {
            f"{step}_us": taken["cpu"] / size * 1e6 for step, taken in steps.items()
        }

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


def _rows(rounds: list[dict[str, dict[str, float]]]) -> Iterator[dict[str, object]]:
    """Take medians; ratios are taken inside each round first."""
    for name, first in rounds[0].items():
        row: dict[str, object] = {"what": name}
        row |= {
            figure: statistics.median(each[name][figure] for each in rounds if figure in each[name])
            for figure in first
        }
        if name not in ("newsletter", "sink saturated with ready bytes"):
            row["cpu_vs_ours"] = statistics.median(
                each[name]["cpu_us"] / each["newsletter"]["cpu_us"] for each in rounds
            )
        if name == "newsletter" and "steady_per_s" in first:
            row["of_saturation"] = statistics.median(
                each[name]["steady_per_s"] / each["sink saturated with ready bytes"]["steady_per_s"]
                for each in rounds
            )
        yield row


def _document(folder: Path) -> object:
    with open_workspace(str(folder)) as opened:
        plan = prepare(opened, Request(file=str(folder / society.FILE), again=True)).plan
    (document,) = plan.compiled.documents.values()
    shutil.rmtree(folder / ".newsletter")
    return document


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    return str(value)


def _machine() -> str:
    return (
        f"{cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)"
    )


def _written(results: Results, options: Options) -> str:
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}.json"
    whole = {"machine": _machine(), "options": asdict(options), "sections": results.sections}
    path.write_text(json.dumps(whole, indent=2))
    return f"written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}"


if __name__ == "__main__":
    main()
