"""Nobody lost, nobody twice: `make torture`, or `python torture/run.py --seed N`.

`docs/torture.md` says what is done, and what holds afterwards. Exit code 0 where all of it holds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from os import environ  # noqa: TID251 - written, so that the tortured program reads keys as it always does
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import postgres
from ground import SECRET
from lanes import Lane, LaneError, played
from script import Ending, Script
from sqlalchemy import create_engine, text
from verdict import Verdict

_PROVIDERS = ("sendgrid", "smtp")
_DELIVERIES = {"sendgrid": 0.23, "smtp": 0.155}
"""Shares of all deliveries, on each database."""
_KILLS = {"sendgrid": 0.2, "smtp": 0.2}
"""The same of all kills."""
_BATCH = {"sendgrid": 25, "smtp": 10}
_LEAST_REQUESTS = 300
"""So many there have to be to be killed in the middle."""
_RESTARTS = 2


def main() -> None:
    """Play every scene, print the report."""
    given = _given()
    environ["NEWSLETTER_SECRET"] = SECRET
    environ["SENDGRID_API_KEY"] = "SG.key"
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="newsletter-torture-") as name, ExitStack() as stack:
        folder = given.into or Path(name)
        endings = []
        try:
            for ending in played(_lanes(given, stack), folder, given.limit):
                _tell(ending)
                endings.append(ending)
        except LaneError as error:
            sys.exit(f"STOPPED: {error}")
    _sum_up(endings, time.monotonic() - began)
    sys.exit(1 if any(each.problems for each in endings) else 0)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=230)
    parser.add_argument("--into", type=Path, help="keep everything in this folder")
    parser.add_argument("--limit", type=int, default=900, help="seconds a scene may take")
    return parser.parse_args()


def _lanes(given: argparse.Namespace, stack: ExitStack) -> list[Lane]:
    lanes: list[Lane] = [[_script(given, provider) for provider in _PROVIDERS]]
    binaries = postgres.find_binaries()
    if binaries is None:
        print("WARNING: PostgreSQL is not installed: only SQLite is tortured", flush=True)
        return lanes
    one, other = (stack.enter_context(postgres.running(binaries)) for _ in range(2))
    alone = [_script(given, provider, one) for provider in _PROVIDERS]
    return [*lanes, alone, [_workers(given, other)]]


def _workers(given: argparse.Namespace, server: postgres.Server) -> Script:
    """Let several workers share a ledger; only there are leases everything that keeps order."""
    script = _script(given, "sendgrid", server, database="workers")
    return replace(script, restart=None, restarts=0, stops=4, tells_events=False)


def _script(
    given: argparse.Namespace,
    provider: str,
    server: postgres.Server | None = None,
    *,
    database: str = "",
) -> Script:
    listed = round(given.deliveries * _DELIVERIES[provider])
    return Script(
        provider=provider,
        database=_database(server.url, database or provider) if server else "",
        listed=listed,
        batch_size=max(1, min(_BATCH[provider], listed // _LEAST_REQUESTS)),
        kills=round(given.kills * _KILLS[provider]),
        seed=given.seed,
        tells_events=provider == "sendgrid",
        restart=server.restart if server else None,
        restarts=_RESTARTS if server else 0,
    )


def _database(url: str, name: str) -> str:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{url}/{name}"


def _tell(ending: Ending) -> None:
    tally, verdict = ending.tally, ending.verdict
    fates = ", ".join(f"{n} {name.lower()}" for name, n in ending.fates.items() if name != "FINE")
    print(f"{ending.name}: {ending.seconds:.0f} s")
    print(
        f"  {tally.kills} kills ({tally.kills_of_the_program} of the program itself),"
        f" {tally.stops} stops, {tally.restarts} restarts of the database, {tally.runs} runs;"
        f" {tally.left} members left and {tally.settled} deliveries were settled meanwhile"
    )
    print(f"  the carrier, but for what went well: {fates}")
    print(f"  {ending.listed} listed = {_states(verdict)}")
    print(
        f"  lost {verdict.lost}, twice {verdict.twice};"
        f" of the unsure the carrier has {verdict.unsure_and_taken}"
    )
    if ending.told:
        print(f"  after its events, doubled and shuffled: {_states(ending.told)}")
    print(f"  after a person let the unsure be sent again: {_states(ending.resent)}")
    for problem in ending.problems[:10]:
        print(f"  PROBLEM: {problem}")
    sys.stdout.flush()


def _states(verdict: Verdict) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items()))


def _sum_up(endings: Sequence[Ending], seconds: float) -> None:
    kills = sum(each.tally.kills for each in endings)
    listed = sum(each.listed for each in endings)
    lost = sum(each.verdict.lost + each.resent.lost for each in endings)
    twice = sum(each.verdict.twice + each.resent.twice for each in endings)
    unsure = sum(each.verdict.states.get("unsure", 0) for each in endings)
    problems = sum(len(each.problems) for each in endings)
    print(
        f"{kills} kills over {listed:,} deliveries in {seconds:.0f} s: {lost} lost, {twice} twice"
        f" without a person's decision, {unsure} unsure, {problems} problems"
    )


if __name__ == "__main__":
    main()
