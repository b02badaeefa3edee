"""Send the benchmark's issue the way the program does, and write down what each step took.

Run as a program of its own: `python ours.py WORKSPACE PROVIDER REPORT`.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from launch import peak_mb

if TYPE_CHECKING:
    from newsletter.dispatch.plan import Plan
    from newsletter.ledger.dispatches import Dispatch
    from newsletter.workspace.workspace import Workspace

REF = "0123456789abcdef"


class Marks:
    """Time, CPU and peak memory of this process, step by step."""

    def __init__(self) -> None:
        """Begin now."""
        self._wall, self._cpu = time.perf_counter(), 0.0
        self.steps: dict[str, dict[str, float]] = {}

    def step(self, name: str) -> None:
        """Write down what happened since the step before."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        wall, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
        step = {"wall": wall - self._wall, "cpu": cpu - self._cpu, "rss_mb": peak_mb()}
        self.steps[name] = step
        self._wall, self._cpu = wall, cpu


def main(workspace: str, provider: str, report: str) -> None:
    """Bring the list in, compile, open the dispatch, deliver it."""
    marks = Marks()
    from society import FILE

    from newsletter.cli.deliver import run_dispatch
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.understand import Task
    from newsletter.workspace.workspace import open_workspace

    with open_workspace(workspace) as opened:
        marks.step("start")
        opened.members()
        marks.step("list")
        prepared = prepare(opened, Task(file=str(Path(workspace) / FILE), again=True))
        marks.step("compile")
        dispatch = open_planned(opened, prepared.plan, provider)
        marks.step("open")
        code = run_dispatch(opened, dispatch)
        marks.step("deliver")
    Path(report).write_text(json.dumps({"exit": int(code), "steps": marks.steps}))


def open_planned(workspace: "Workspace", plan: "Plan", provider: str) -> "Dispatch":
    """Open a dispatch of `plan`, as `newsletter send --for-real` does."""
    from newsletter.dispatch.envelope import to_json
    from newsletter.ledger.opening import Opening, open_dispatch
    from newsletter.workspace.prepare import renamed

    opening = Opening(
        compiled=plan.compiled,
        envelope=to_json(renamed(plan, workspace, REF).envelope),
        ref=REF,
        provider=provider,
        batch_size=workspace.provider(provider).capabilities.batch_size,
        audience={"segments": [], "exclude": []},
        now=workspace.clock.now(),
    )
    return open_dispatch(workspace.ledger, opening, plan.choice, expected=plan.summary.recipients)


if __name__ == "__main__":
    main(*sys.argv[1:])
