"""Send the benchmark's issue the way the program does, and write down what each step took.

Each is a process of its own, as each is with the program:

    python ours.py open WORKSPACE PROVIDER REPORT     list, compile, select, open a dispatch;
                                                      one more word: for workers
    python ours.py deliver WORKSPACE REPORT           deliver it, as `dispatch resume` does
    python ours.py addresses LIST REPORT              check the addresses of a list, nothing else
"""

import csv
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from launch import memory_mb, peak_mb

if TYPE_CHECKING:
    from newsletter.ledger.database import Ledger
    from newsletter.ledger.opening import Then

_DOORS = {
    "sendgrid": ("newsletter.providers.sendgrid", "newsletter.providers.sendgrid_client"),
    "smtp": ("newsletter.providers.smtp", "newsletter.providers.smtp_opening"),
}
"""What a process imports before it delivers; so it is for the scripts of others, too."""


class Marks:
    """Time, CPU and memory of this process, step by step."""

    def __init__(self) -> None:
        """Begin now."""
        self._wall, self._cpu = time.perf_counter(), 0.0
        self.steps: dict[str, dict[str, float]] = {}

    def step(self, name: str) -> None:
        """Write down what happened since the step before."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        wall, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
        self.steps[name] = {
            "wall": wall - self._wall,
            "cpu": cpu - self._cpu,
            "peak_mb": peak_mb(),
            "memory_mb": memory_mb(),
        }
        self._wall, self._cpu = wall, cpu

    def write(self, report: str) -> None:
        """Write all steps down."""
        Path(report).write_text(json.dumps(self.steps))


def opening(workspace: str, provider: str, report: str, *by_workers: str) -> None:
    """Bring the list in, compile, select, open the dispatch."""
    marks = Marks()
    from society import FILE

    from newsletter.workspace.opening import Wish, open_planned
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.understand import Task
    from newsletter.workspace.workspace import open_workspace

    with open_workspace(workspace) as opened:
        marks.step("start")
        opened.members()
        marks.step("list")
        prepared = prepare(opened, Task(file=str(Path(workspace) / FILE), again=True))
        marks.step("compile and select")
        wish = Wish(provider=provider, by_workers=_queue(opened.ledger) if by_workers else None)
        open_planned(opened, prepared.plan, wish)
        marks.step("open")
    marks.write(report)


def _queue(ledger: "Ledger") -> "Then":
    from newsletter.engine.queue import prepare_queue, put_in

    prepare_queue(ledger)
    return put_in


def deliver(workspace: str, report: str) -> None:
    """Deliver the one dispatch of the workspace."""
    marks = Marks()
    from newsletter.cli.deliver import run_dispatch
    from newsletter.ledger.dispatches import list_dispatches
    from newsletter.workspace.workspace import open_workspace

    with open_workspace(workspace) as opened:
        (dispatch,) = list_dispatches(opened.ledger)
        for door in _DOORS[dispatch.provider]:
            importlib.import_module(door)
        marks.step("start")
        code = run_dispatch(opened, dispatch)
        marks.step("deliver")
    assert code == 0, f"it ended with {code}"
    marks.write(report)


def addresses(members: str, report: str) -> None:
    """Check every address of a list as bringing it in does."""
    from newsletter.address import parse_address, plain_wire

    marks = Marks()
    with Path(members).open(encoding="utf-8", newline="") as stream:
        texts = [row["email"] for row in csv.DictReader(stream)]
    marks.step("start")
    for text in texts:
        plain_wire(text) or parse_address(text)
    marks.step("addresses")
    marks.write(report)


if __name__ == "__main__":
    _, step, *words = sys.argv
    {"open": opening, "deliver": deliver, "addresses": addresses}[step](*words)
