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
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from os import cpu_count, environ  # noqa: TID251 - written, so that the measured code reads keys as it always does
from pathlib import Path

import society
from child import run
from composing import compile_times, merge_rates, rehearsal_rate
from rounds import PROTOCOL, Bench, sender_rows, step_rows
from sink import sink
from verify import arrived_by_sendgrid, arrived_by_smtp, expected

from newsletter.message.frozen import Document
from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace


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

    def add(self, section: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Keep the rows of a section and show them as a table."""
        kept = self.sections[section] = [dict(row) for row in rows]
        columns = list(dict.fromkeys(name for row in kept for name in row))
        cells = [[_shown(row.get(name, "")) for name in columns] for row in kept]
        heads = [name.replace("_", " ") if name != "what" else section for name in columns]
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        print()
        for line in (heads, *cells):
            first, *rest = zip(line, widths, strict=True)
            numbers = "  ".join(f"{cell:>{width}}" for cell, width in rest)
            print(f"{first[0]:<{first[1]}}  {numbers}", flush=True)


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
    results.add("compile", compile_times(folder, times=options.compiles))
    rehearsals = [rehearsal_rate(folder, provider) for provider in ("sendgrid", "smtp")]
    results.add("merge", [*merge_rates(folder, messages=options.merges), *rehearsals])
    if importlib.util.find_spec("preview"):
        results.add("preview", importlib.import_module("preview").rows())


def _sending(results: Results, root: Path, options: Options, path: str) -> None:
    kept = root / f"{path}-kept"
    sample = _proven(root, path, kept)
    results.add(f"{path}: what arrives", [sample])
    payload = max(kept.iterdir(), key=lambda each: each.stat().st_size)
    for size in getattr(options, path):
        master = society.make(root / f"{path}-{size}", size)
        society.write_documents(master, _document(master))
        with sink(PROTOCOL[path]) as running:
            bench = Bench(running, path, master, payload, options.connections)
            rounds = [bench.round() for _ in range(options.rounds)]
        title = f"{path}: {size:,} recipients, {options.connections} connections"
        results.add(title, sender_rows(rounds))
        results.add(f"{path}: {size:,} recipients, steps", step_rows(rounds, size))
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
    return {
        "what": "1,000 messages decoded, each equal to message_for",
        "octets_each": octets / 1e3,
    }


def _document(folder: Path) -> Document:
    with open_workspace(str(folder)) as opened:
        plan = prepare(opened, Task(file=str(folder / society.FILE), again=True)).plan
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
