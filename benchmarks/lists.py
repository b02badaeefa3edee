"""Lists of a million: bringing in, importing, duplicates, segments; polars and duckdb beside.

Run as `python benchmarks/lists.py [ROWS ...]`. Every figure is of a process of its own. polars and
duckdb do the bare reading and the three counts, without checks, duplicates or a ledger; where one
of them is not installed, that is said and its row is left out.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from launch import peak_mb
from society import write_list

WHO = ("newsletter", "newsletter again", "newsletter import", "polars", "duckdb")
RULES = {
    "students": "membership = 'student'",
    "europe": "country IN ('DE', 'FR') AND joined >= 2024-01-01",
    "board": "interests CONTAINS 'counselling' AND NOT membership = 'emeritus'",
}


def main(*sizes: str) -> None:
    """Measure every size with everybody."""
    for size in map(int, sizes or ("10000", "100000", "1000000")):
        with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name:
            path = Path(name) / "members.csv"
            write_list(path, size)
            print(f"{size:,} rows, {path.stat().st_size / 1e6:.0f} MB")
            for who in WHO:
                vendor = who.partition(" ")[0]
                if vendor != "newsletter" and importlib.util.find_spec(vendor) is None:
                    print(f"  {who:<18} LEFT OUT: {vendor} is not installed")
                    continue
                command = [sys.executable, __file__, "--one", who, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                found = json.loads(done.stdout)
                steps = ", ".join(f"{step} {took:.2f} s" for step, took in found["steps"].items())
                print(
                    f"  {who:<18} {found['rss_mb']:>6.0f} MB  {found['cpu']:>6.2f} s CPU  {steps}"
                )


def one(who: str, path: Path) -> None:
    """Measure one of them in this process."""
    marks: dict[str, float] = {}
    began = time.perf_counter()
    runs = {"polars": _polars, "duckdb": _duckdb}
    for step in runs[who](path) if who in runs else _ours(who, path):
        marks[step] = time.perf_counter() - began
        began = time.perf_counter()
    print(json.dumps({"steps": marks, "cpu": time.process_time(), "rss_mb": peak_mb()}))


def _ours(who: str, path: Path) -> Iterator[str]:
    """Do it as the program does; name each step as it ends."""
    from datetime import UTC, datetime

    from newsletter.audience.heading import Wanted
    from newsletter.audience.ruletext import parse_rule
    from newsletter.audience.segment import Segment, Selection
    from newsletter.errors import Location
    from newsletter.ledger.database import open_ledger
    from newsletter.ledger.incoming import examine
    from newsletter.ledger.members import bring_in
    from newsletter.ledger.selection import Choice
    from newsletter.ledger.summary import summarise

    ledger = open_ledger(path.parent / "ledger.sqlite3")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    yield "start"
    if who == "newsletter import":
        examine(ledger, path, now, wanted=Wanted())
        yield "look, doctor and changes"
        return
    if who == "newsletter again":
        path.touch()
    bring_in(ledger, path, now)
    yield "bring in"
    at = Location("segments.toml", 1, 1)
    segments = tuple(
        Segment(name=name, title="", text=rule, rule=parse_rule(rule, at), at=at)
        for name, rule in RULES.items()
    )
    with ledger.read() as connection:
        summarise(connection, Choice(slug="x", selection=Selection(included=segments)))
    yield "duplicates and three segments"
    ledger.close()


def _polars(path: Path) -> Iterator[str]:
    import polars as pl

    yield "start"
    frame = pl.read_csv(path, infer_schema=False)
    yield "read"
    kept = frame.with_columns(key=pl.col("email").str.to_lowercase()).unique(subset="key")
    assert len(kept.filter(pl.col("membership") == "student"))
    assert len(
        kept.filter(pl.col("country").is_in(["DE", "FR"]) & (pl.col("joined") >= "2024-01-01"))
    )
    assert len(
        kept.filter(
            pl.col("interests").str.contains("counselling", literal=True)
            & (pl.col("membership") != "emeritus")
        )
    )
    yield "duplicates and three segments"


def _duckdb(path: Path) -> Iterator[str]:
    import duckdb

    connection = duckdb.connect()
    yield "start"
    connection.execute("CREATE TABLE m AS SELECT * FROM read_csv(?, all_varchar=true)", [str(path)])
    yield "read"
    connection.execute("CREATE TABLE k AS SELECT DISTINCT ON (lower(email)) * FROM m")
    for query in (
        "SELECT count(*) FROM k WHERE membership = 'student'",
        "SELECT count(*) FROM k WHERE country IN ('DE', 'FR') AND joined >= '2024-01-01'",
        "SELECT count(*) FROM k WHERE interests LIKE '%counselling%' AND membership <> 'emeritus'",
    ):
        connection.execute(query).fetchall()
    yield "duplicates and three segments"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*sys.argv[1:])
