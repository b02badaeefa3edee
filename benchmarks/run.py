"""One command that measures everything: `make bench`, or `python benchmarks/run.py --quick`.

Ratios are the figures to trust: every sender runs in every round beside the saturated sink, and a
ratio is taken inside one round. `docs/benchmarks.md` says what each figure means.
"""

import argparse
import importlib
import importlib.util
import json
import platform
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from os import cpu_count, environ, getloadavg  # noqa: TID251 - written, so that the measured code reads keys as it always does
from pathlib import Path

import society
import verify
from child import python, run
from composing import compile_times, merge_rates, rehearsal_rate
from contest import PROTOCOL, Contest, Entrants
from gates import judge
from growth import FAR_SERVER, SLOW_API, Alone
from install import Installed, Peer, install, nobody
from sinks import Yard, compiled
from tables import Results, Row, sender_rows, step_rows
from workers import Team

from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

HERE = Path(__file__).parent
PEERS = HERE.parent / "build/peers"
_PROVEN = 1_000
_PROVEN_OF_PEERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure."""

    sendgrid: tuple[int, ...]
    smtp: tuple[int, ...]
    growth: tuple[int, ...]
    waits: tuple[int, ...]
    """Connections over slow lines."""
    workers: tuple[int, ...]
    rounds: int
    connections: int
    composes: bool
    has_peers: bool
    is_quick: bool
    into: Path


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that the steps of a run share."""

    root: Path
    yard: Yard
    installed: Installed
    options: Options
    results: Results

    def everything(self) -> None:
        """Measure all that is asked for."""
        payloads = {path: self._prove(path) for path in PROTOCOL}
        for path, payload in payloads.items():
            for size in getattr(self.options, path):
                self._contest(path, size, payload)
        alone = Alone(self.yard, self.root, payloads)
        if self.options.growth:
            grown = alone.grow("sendgrid", self.options.growth, self.options.connections)
            self.results.add("growth", grown)
        if self.options.waits:
            self.results.add("slow lines", self._waits(alone))
        if self.options.workers:
            self.results.add("workers", Team(self.yard, self.root).rates(self.options.workers))
        if self.options.composes:
            self._compose()
        self.results.add("gates", [verdict.row for verdict in judge(self.results.sections)])

    def _waits(self, alone: Alone) -> Iterator[Row]:
        waits = self.options.waits
        yield from alone.wait(SLOW_API, tuple(dict.fromkeys(min(n, 16) for n in waits)))
        yield from alone.wait(FAR_SERVER, tuple(dict.fromkeys(waits)))

    def _prove(self, path: str) -> Path:
        """Decode what everybody sends before anything is timed; give one request of ours."""
        kept = self.root / f"{path}-kept"
        kept.mkdir()
        master = society.make(self.root / f"{path}-proof", _PROVEN)
        _write_documents(master)
        report = str(self.root / "report.json")
        with self.yard.sink(PROTOCOL[path], kept=kept) as sink:
            society.point_at(master, port=sink.port, connections=4)
            run(sink, 0, python("ours.py", "open", str(master), path, report))
            run(sink, _PROVEN, python("ours.py", "deliver", str(master), report))
        found = verify.arrived(path, kept)
        assert found == verify.expected(master), "what arrived is not what message_for says"
        rows: list[Row] = [{"what": "newsletter", "messages": len(found), "escapes": True}]
        rows += [self._prove_peer(peer, master) for peer in self.installed.peers(path)]
        self.results.add(f"{path}: decoded, each equal to its reference", rows)
        return max(kept.iterdir(), key=lambda each: each.stat().st_size)

    def _prove_peer(self, peer: Peer, master: Path) -> Row:
        kept = Path(tempfile.mkdtemp(dir=self.root))
        people = society.write_list(self.root / "few.csv", _PROVEN_OF_PEERS)
        with self.yard.sink(PROTOCOL[peer.path], kept=kept) as sink:
            entrants = self._entrants(peer.path, master, master)
            Contest(entrants, self.yard, sink).run_peer(peer, people, _PROVEN_OF_PEERS)
        found = verify.arrived(peer.path, kept)
        escapes = verify.escapes(found, master)
        return {"what": peer.name, "messages": len(found), "escapes": escapes}

    def _entrants(self, path: str, master: Path, payload: Path) -> Entrants:
        return Entrants(
            path=path,
            master=master,
            payload=payload,
            connections=self.options.connections,
            installed=self.installed,
        )

    def _contest(self, path: str, size: int, payload: Path) -> None:
        master = society.make(self.root / f"{path}-{size}", size)
        _write_documents(master)
        with self.yard.sink(PROTOCOL[path]) as sink:
            contest = Contest(self._entrants(path, master, payload), self.yard, sink)
            rounds = contest.rounds(self.options.rounds)
        title = f"{size:,} recipients, {self.options.connections} connections"
        self.results.add(f"{path}: senders, {title}", sender_rows(rounds))
        self.results.add(f"{path}: steps, {title}", step_rows(rounds))
        shutil.rmtree(master)

    def _compose(self) -> None:
        is_quick, messages = self.options.is_quick, 1_000 if self.options.is_quick else 5_000
        folder = society.make(self.root / "composing", messages)
        self.results.add("compile", compile_times(folder, times=20 if is_quick else 100))
        rehearsals = [rehearsal_rate(folder, provider) for provider in PROTOCOL]
        self.results.add("merge", [*merge_rates(folder, messages=messages), *rehearsals])
        if importlib.util.find_spec("preview"):
            self.results.add("preview", importlib.import_module("preview").rows())


def main() -> None:
    """Measure, print, write down."""
    options = _options()
    environ["NEWSLETTER_SECRET"] = society.SECRET
    environ["SENDGRID_API_KEY"] = "SG.key"
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name:
        root = Path(name)
        yard = compiled(root / "programs")
        installed = install(PEERS) if options.has_peers else nobody(PEERS)
        machine = _machine(yard)
        print(machine)
        results = Results()
        try:
            Bench(root, yard, installed, options, results).everything()
        finally:
            written = _written(machine, results, options)
    print(f"\nmeasured in {time.monotonic() - began:.0f} s; {written}")


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of small sizes")
    parser.add_argument("--no-peers", action="store_true", help="leave the scripts of others out")
    parser.add_argument("--no-composing", action="store_true", help="measure sending only")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--sendgrid", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--smtp", type=int, nargs="*", default=[10_000])
    parser.add_argument("--growth", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--waits", type=int, nargs="*", default=[1, 4, 32])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4], choices=[1, 2, 4])
    parser.add_argument("--into", type=Path, default=HERE / "results", metavar="FOLDER")
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.growth, given.waits, given.workers = 1, [], [], []
    return Options(
        sendgrid=tuple(given.sendgrid),
        smtp=tuple(given.smtp),
        growth=tuple(given.growth),
        waits=tuple(given.waits),
        workers=tuple(given.workers),
        rounds=given.rounds,
        connections=given.connections,
        composes=not given.no_composing,
        has_peers=not given.no_peers,
        is_quick=given.quick,
        into=given.into,
    )


def _write_documents(folder: Path) -> None:
    """Write the issue of a workspace as the scripts get it, and leave no ledger behind."""
    with open_workspace(str(folder)) as opened:
        plan = prepare(opened, Task(file=str(folder / society.FILE), again=True)).plan
    (document,) = plan.compiled.documents.values()
    shutil.rmtree(folder / ".newsletter")
    society.write_documents(folder, document)


def _machine(yard: Yard) -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    job = blake2b(digest_size=6)
    for row in society.rows(1_000):
        job.update("\t".join(row).encode())
    return (
        f"{cpu_count()} cores of {cpu}, {platform.system()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL), no TLS,"
        f" load {getloadavg()[0]:.1f} before, list {job.hexdigest()}"
        f"{', THE SLOW SINK' if yard.is_slow else ''}"
    )


def _written(machine: str, results: Results, options: Options) -> str:
    options.into.mkdir(exist_ok=True)
    path = options.into / f"{time.strftime('%Y-%m-%d-%H%M%S')}.json"
    whole = {"machine": machine, "options": asdict(options), "sections": results.sections}
    path.write_text(json.dumps(whole, indent=2, default=str))
    path.with_suffix(".md").write_text(f"{machine}\n\n{results.markdown()}", encoding="utf-8")
    return f"written to {path.with_suffix('.*')}"


if __name__ == "__main__":
    main()
