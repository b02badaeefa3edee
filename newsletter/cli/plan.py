"""Showing the plan of a dispatch, to people and to scripts."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from newsletter.dispatch.plan import Plan
    from newsletter.finding import Finding
    from newsletter.workspace.workspace import Workspace


def show_plan(workspace: "Workspace", plan: "Plan", provider: str) -> None:
    """Write who would get what through `provider`, and what changed since the last time."""
    from newsletter.cli.show import show_audience

    requests = count_of_requests(workspace, plan, provider)
    click.secho(plan.issue.subject, bold=True)
    sender = plan.envelope.sender
    click.echo(f"from {sender.name} <{sender.address}> through {provider}")
    show_audience(plan.summary)
    _show_changes(workspace, plan)
    if len(plan.summary.by_variant) > 1:
        for key, count in plan.summary.by_variant.items():
            click.echo(f"{count:>12,}  {plan.issue.describe(key)}")
    for name, count in plan.summary.told.items():
        click.echo(
            f"{count:>12,}  were told {name} before (of the whole list); it is left out for them"
        )
    click.echo(f"{requests:>8,}  {'request' if requests == 1 else 'requests'} to {provider}")


def _show_changes(workspace: "Workspace", plan: "Plan") -> None:
    from newsletter.cli.show import show_changes
    from newsletter.ledger.changes import changes_since
    from newsletter.ledger.dispatches import last_to_same
    from newsletter.workspace.opening import audience_json

    last = last_to_same(workspace.ledger, audience_json(plan))
    if last is not None:
        with workspace.ledger.read() as connection:
            changes = changes_since(connection, plan.choice, last.id)
        show_changes(changes, last)


def count_of_requests(workspace: "Workspace", plan: "Plan", provider: str) -> int:
    """Tell how many requests to `provider` the plan takes."""
    from newsletter.dispatch.plan import count_requests
    from newsletter.workspace.running import capabilities_of

    return count_requests(plan.summary, capabilities_of(workspace, provider).batch_size)


def plan_json(plan: "Plan", findings: "tuple[Finding, ...]") -> dict[str, object]:
    """Give the plan and its findings as JSON values."""
    from newsletter.cli.show import finding_json

    return {
        "issue": plan.issue.slug,
        "subject": plan.issue.subject,
        **asdict(plan.summary),
        "findings": [finding_json(finding) for finding in findings],
    }
