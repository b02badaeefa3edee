"""The proof that is published in docs/torture.md, smaller than `make torture`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from absent import IN_CI

PROGRAM = Path(__file__).parent.parent / "torture/run.py"
SIZE = {"--deliveries": 50_000, "--kills": 230} if IN_CI else {"--deliveries": 4_000, "--kills": 28}
LIMIT = 400
"""Seconds of a scene: what hangs tells where it does, long before CI gives up on all of us."""
LEAST_KILLS = 200 if IN_CI else 10


@pytest.mark.timeout(1_200)
def test_killed_again_and_again_it_loses_nobody_and_sends_to_nobody_twice() -> None:
    words = [f"{option}={number}" for option, number in {**SIZE, "--limit": LIMIT}.items()]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = done.stdout.splitlines()[-1].replace(",", "")
    found = re.match(r"(\d+) kills over (\d+) deliveries .*: (\d+) lost (\d+) twice", report)
    assert found is not None, report
    kills, deliveries, lost, twice = map(int, found.groups())
    assert kills >= LEAST_KILLS
    assert deliveries == SIZE["--deliveries"]
    assert (lost, twice) == (0, 0)
