"""Writing plans, findings and balances for people."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.errors import Location
from newsletter.finding import Finding, Severity

if TYPE_CHECKING:
    from newsletter.ledger.changes import Changes
    from newsletter.ledger.dispatches import Balance, Dispatch
    from newsletter.ledger.summary import AudienceSummary

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def show_findings(findings: Iterable[Finding], *, err: bool = True) -> None:
    """Write each finding with its hint."""
    for finding in findings:
        place = f"{nearer(finding.at)}: " if finding.at else ""
        label = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
        click.echo(f"{place}{label}: {finding.message} [{finding.code}]", err=err)
        if finding.hint:
            click.echo(f"  hint: {finding.hint}", err=err)


def show_by_subject(findings: Iterable[Finding], *, err: bool = True) -> None:
    """Write the findings below the subjects that they belong to, errors first."""
    from newsletter.check.codes import OTHER, SUBJECTS, subject_of

    kept = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    for subject in (*SUBJECTS, OTHER):
        own = [finding for finding in kept if subject_of(finding.code) is subject]
        if own:
            click.secho(subject.title, bold=True, err=err)
            show_findings(own, err=err)
            click.echo(err=err)


def count_findings(findings: Iterable[Finding]) -> str:
    """Sum up how many errors and warnings there are."""
    kept = list(findings)
    errors = sum(finding.severity is Severity.ERROR for finding in kept)
    return f"{plural(errors, 'error')}, {plural(len(kept) - errors, 'warning')}"


def show_audience(summary: "AudienceSummary") -> None:
    """Write who would get it and who is excluded, with the sum."""
    click.echo(f"{summary.listed:>8,}  listed")
    for reason, count in sorted(summary.excluded.items(), key=lambda pair: -pair[1]):
        click.echo(f"{-count:>8,}  {reason}")
    click.secho(f"{summary.recipients:>8,}  recipients", bold=True)
    for name, count in summary.by_segment.items():
        click.echo(f"{count:>12,}  in {name}")
    if sum(summary.by_segment.values()) > summary.recipients:
        click.echo("              (a member of several segments gets one email)")
    if summary.passed:
        click.echo(f"{summary.passed:>12,}  opted out, and get it all the same: it is a notice")


def show_changes(changes: "Changes", since: "Dispatch") -> None:
    """Write who came and who went since a dispatch to the same segments."""
    left = sum(changes.left.values())
    went = f"{left:,} fewer" if left else "none fewer"
    click.echo(
        f"    since dispatch {since.id} ({since.slug}, {since.opened[:10]}):"
        f" {changes.joined:,} more, {went}"
    )
    for reason, count in sorted(changes.left.items(), key=lambda pair: -pair[1]):
        click.echo(f"{-count:>12,}  {reason}")


def show_balance(dispatch: "Dispatch", balance: "Balance", *, err: bool = False) -> None:
    """Write the invariant of a dispatch and the reasons of its exclusions."""
    click.secho(
        f"dispatch {dispatch.id} · {dispatch.slug} · {dispatch.provider}", bold=True, err=err
    )
    click.echo(f"  {balance}", err=err)
    if balance.under_way:
        click.echo(
            f"    {balance.under_way:>6,} of the pending are on their way"
            " (if their run was killed, they are unsure; `newsletter dispatch resume` finds out)",
            err=err,
        )
    for reason, count in sorted(balance.reasons.items(), key=lambda pair: -pair[1]):
        click.echo(f"    {count:>6,} excluded: {reason}", err=err)


def near(path: str) -> str:
    """Write `path` as somebody in the current folder would: without what leads there."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return path


def nearer(at: Location) -> Location:
    """Shorten the path of a place."""
    return replace(at, path=near(at.path))


def plural(count: int, noun: str) -> str:
    """Write a number with its noun."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def finding_json(finding: Finding) -> Mapping[str, object]:
    """Give a finding as JSON values."""
    at = finding.at
    from newsletter.check.codes import subject_of

    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "subject": subject_of(finding.code).name,
        "message": finding.message,
        "hint": finding.hint,
        "path": at.path if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
    }
