"""Nobody lost, nobody twice: `make torture`, or `python torture/run.py --seed N`.

`docs/torture.md` says what is done, and what holds afterwards. Exit code 0 where all of it holds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from os import environ  # noqa: TID251 - written, so that the tortured program reads keys as it always does
from pathlib import Path

from ground import SECRET
from scene import Ending, Script, play
from sqlalchemy import create_engine, text

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import postgres  # noqa: E402 - the server of the tests, which lies with them

_DELIVERIES = {"sendgrid": 0.34, "smtp": 0.16}
"""Shares of all deliveries, on each database."""
_KILLS = {"sendgrid": 0.27, "smtp": 0.23}
"""The same of all kills."""
_BATCH = {"sendgrid": 25, "smtp": 10}


def main() -> None:
    """Play every scene, print the report."""
    given = _given()
    environ["NEWSLETTER_SECRET"] = SECRET
    environ["SENDGRID_API_KEY"] = "SG.key"
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="newsletter-torture-") as name, ExitStack() as stack:
        folder = given.into or Path(name)
        endings = []
        for script in _scripts(given, stack):
            endings.append(play(script, folder / script.name.replace(" ", "-")))
            _tell(endings[-1])
    _sum_up(endings, time.monotonic() - began)
    sys.exit(0 if all(_holds(each) for each in endings) else 1)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=230)
    parser.add_argument("--into", type=Path, help="keep everything in this folder")
    return parser.parse_args()


def _scripts(given: argparse.Namespace, stack: ExitStack) -> Iterator[Script]:
    server = _server(stack)
    for provider, share in _DELIVERIES.items():
        common = {
            "provider": provider,
            "listed": round(given.deliveries * share),
            "batch_size": _BATCH[provider],
            "kills": round(given.kills * _KILLS[provider]),
            "seed": given.seed,
        }
        yield Script(database="", **common)
        if server is not None:
            url = _database(server.url, provider)
            yield Script(database=url, restart=server.restart, restarts=2, **common)


def _server(stack: ExitStack) -> postgres.Server | None:
    binaries = postgres.find_binaries()
    if binaries is None:
        print("WARNING: PostgreSQL is not installed: only SQLite is tortured", flush=True)
        return None
    return stack.enter_context(postgres.running(binaries))


def _database(url: str, name: str) -> str:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{url}/{name}"


def _holds(ending: Ending) -> bool:
    return not ending.verdict.problems and not ending.resent.problems


def _tell(ending: Ending) -> None:
    tally, verdict = ending.tally, ending.verdict
    print(f"{ending.script.name}: {ending.seconds:.0f} s")
    print(
        f"  {tally.kills} kills ({tally.kills_of_the_program} of the program itself),"
        f" {tally.stops} stops, {tally.restarts} restarts of the database, {tally.runs} runs,"
        f" {tally.left} members left meanwhile"
    )
    print(f"  carrier: {', '.join(f'{count} {name}' for name, count in ending.fates.items())}")
    states = ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items()))
    print(f"  {ending.script.listed} listed = {states}")
    print(
        f"  lost {verdict.lost}, twice {verdict.twice};"
        f" of the unsure the carrier has {verdict.unsure_and_taken}"
    )
    again = ", ".join(f"{count} {state}" for state, count in sorted(ending.resent.states.items()))
    print(f"  after a person decided to send the unsure again: {again}; lost {ending.resent.lost}")
    for problem in [*verdict.problems, *ending.resent.problems][:10]:
        print(f"  PROBLEM: {problem}")
    sys.stdout.flush()


def _sum_up(endings: list[Ending], seconds: float) -> None:
    kills = sum(each.tally.kills for each in endings)
    listed = sum(each.script.listed for each in endings)
    lost = sum(each.verdict.lost + each.resent.lost for each in endings)
    twice = sum(each.verdict.twice + each.resent.twice for each in endings)
    unsure = sum(each.verdict.states.get("unsure", 0) for each in endings)
    print(
        f"{kills} kills over {listed:,} deliveries in {seconds:.0f} s: {lost} lost, {twice} twice"
        f" without a person's decision, {unsure} unsure,"
        f" {sum(not _holds(each) for each in endings)} scenes with problems"
    )


if __name__ == "__main__":
    main()
