"""Measures of composing, merging and the member list: everything before a provider is called."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from society import FILE, point_at, write_long

from newsletter.dispatch.rehearsal import rehearse
from newsletter.ledger.selection import recipients
from newsletter.message.batch import Recipient
from newsletter.message.headers import message_for
from newsletter.message.mime import MimeTemplate
from newsletter.workspace.prepare import compile_variants, prepare, variants_of
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import Workspace, open_workspace

Row = Mapping[str, float | str]

SAMPLE = "announcements/annual-meeting-2027.md"


def compile_times(folder: Path, *, times: int) -> Iterator[Row]:
    """Compile the largest sample and the benchmark's issue, warm, and tell premailer's share."""
    with open_workspace(str(folder)) as opened:
        for file in (folder / SAMPLE, folder / FILE, write_long(folder)):
            yield _compile_row(opened, file, times)
    yield {"what": "a bare Python, a cold process", **_cold([sys.executable, "-c", "pass"])}
    source, templates = str(folder / SAMPLE), str(folder / "templates")
    yield {
        "what": "source to frozen issue, a cold process",
        **_cold([sys.executable, "-c", _COMPOSE, source, templates]),
    }
    command = [sys.executable, "-m", "newsletter", "--workspace", str(folder), "check", source]
    yield {
        "what": "newsletter check, a cold process",
        **_cold([*command, "--segment", "emeritus"]),
    }


_COMPOSE = """
import sys
from pathlib import Path
from newsletter.announcement.parse import read
from newsletter.compose.brand import Brand
from newsletter.compose.compile import compile_issue
from newsletter.compose.pictures import ImagePlaces
from newsletter.compose.theme import load_theme
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Variant

source, templates = sys.argv[1], Path(sys.argv[2])
columns = ("first_name", "last_name", "member_id", "country", "membership")
segments = ("students", "early-career", "researchers", "emeritus", "board", "europe")
issue = assemble(read(source), subject=None, attributes=columns, segments=segments)
compile_issue(
    issue,
    theme=load_theme(templates, issue.announcement.theme),
    brand=Brand(name="M", short_name="M", legal_name="M", postal_address=("1 Street",)),
    images=ImagePlaces(base_url="https://example.org/images", root=templates.parent),
    variants=[Variant((True,) * len(issue.blocks))],
)
"""
"""All that composing takes, and no list, no ledger and no command."""


def _compile_row(workspace: Workspace, path: Path, times: int) -> Row:
    import newsletter.compose.compile as room

    plan = prepare(workspace, Task(file=str(path), again=True)).plan
    inlining: list[float] = []
    names = vars(room)
    plain = names["inline_css"]
    names["inline_css"] = _timed(plain, inlining)
    try:
        issue = plan.issue
        chosen = variants_of(issue, plan.summary)[:1]
        compile_variants(workspace, issue, chosen)
        inlining.clear()
        took = _times(lambda: compile_variants(workspace, issue, chosen), times)
    finally:
        names["inline_css"] = plain
    html = next(iter(plan.compiled.documents.values())).html
    return {
        "what": f"{path.name}, one variant, warm",
        "median_ms": statistics.median(took) * 1e3,
        "p95_ms": _p95(took) * 1e3,
        "premailer_ms": statistics.median(inlining) * 1e3,
        "html_kb": sum(len(literal.encode()) for literal in html.literals) / 1e3,
    }


def _timed(function: Callable[..., str], into: list[float]) -> Callable[..., str]:
    def timed(*arguments: object) -> str:
        began = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            into.append(time.perf_counter() - began)

    return timed


def _cold(command: list[str]) -> Row:
    took = _times(lambda: subprocess.run(command, check=True, capture_output=True), 5)
    return {"median_ms": statistics.median(took) * 1e3, "p95_ms": max(took) * 1e3}


def merge_rates(folder: Path, *, messages: int) -> Iterator[Row]:
    """Merge whole messages for one member after another."""
    with open_workspace(str(folder)) as opened:
        plan = prepare(opened, Task(file=str(folder / FILE), again=True)).plan
        (document,) = plan.compiled.documents.values()
        envelope = plan.envelope
        people = _people(opened, folder, messages)
        template = MimeTemplate(envelope, document)
        for what, merge in (
            ("merge for people (message_for)", lambda each: message_for(envelope, document, each)),
            ("merge for the wire (MimeTemplate.encode)", template.encode),
        ):
            merge(people[0])
            began = time.process_time()
            for each in people:
                merge(each)
            took = time.process_time() - began
            yield {"what": what, "us": took / len(people) * 1e6, "rate": len(people) / took}


def _people(workspace: Workspace, folder: Path, messages: int) -> list[Recipient]:
    plan = prepare(workspace, Task(file=str(folder / FILE), again=True)).plan
    with workspace.ledger.read() as connection:
        return [
            plan.personaliser.recipient(at, chosen.address, chosen.name, chosen.values)
            for at, chosen in zip(
                range(messages), recipients(connection, plan.choice), strict=False
            )
        ]


def rehearsal_rate(folder: Path, provider: str) -> Row:
    """Make the message of every recipient, as a dry run does."""
    point_at(folder, port=1, connections=1)
    with open_workspace(str(folder)) as opened:
        plan = prepare(opened, Task(file=str(folder / FILE), again=True)).plan
        carrier = opened.provider(provider)
        began = time.process_time()
        done = rehearse(opened.ledger, plan, carrier)
        took = time.process_time() - began
    assert done.messages == plan.summary.recipients
    assert not done.findings
    return {
        "what": f"rehearsal of {done.messages:,} messages ({provider})",
        "us": took / done.messages * 1e6,
        "rate": done.messages / took,
    }


def _times(function: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        took.append(time.perf_counter() - began)
    return took


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * 0.95))]
