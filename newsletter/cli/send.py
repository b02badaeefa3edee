"""`newsletter send`."""

import json
import secrets
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.exits import Exit

if TYPE_CHECKING:
    from newsletter.dispatch.plan import Plan
    from newsletter.finding import Finding
    from newsletter.ledger.dispatches import Dispatch
    from newsletter.workspace.prepare import Prepared
    from newsletter.workspace.understand import Task
    from newsletter.workspace.workspace import Workspace


@click.command("send", short_help="Plan a dispatch, and with --for-real send it.")
@options.FILE
@options.SEGMENT
@options.EXCLUDE
@options.SUBJECT
@click.option("--provider", metavar="NAME", help="Through outbox, smtp, sendgrid, ...")
@click.option("--again", is_flag=True, help="Also send to members who already got this issue.")
@click.option("--for-real", is_flag=True, help="Send; without it nothing leaves this machine.")
@click.option(
    "--yes-to", type=int, metavar="N", help="Confirm the number of recipients, in scripts."
)
@click.option("--json", "as_json", is_flag=True, help="Write the dry run as JSON to stdout.")
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: str,
    segments: tuple[str, ...],
    exclude: tuple[str, ...],
    subject: str | None,
    provider: str | None,
    again: bool,
    for_real: bool,
    yes_to: int | None,
    as_json: bool,
) -> None:
    """Plan a dispatch: who would get it, who is excluded and why; and make every message.

    That is all, unless --for-real is given. Then the number of recipients has to be typed, and
    the dispatch is opened and sent. Run the same command again to go on after a stop: nobody who
    got it gets it twice.
    """
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.understand import Task

    task = Task(file=file, subject=subject, segments=segments, exclude=exclude, again=again)
    with open_workspace(workspace) as opened:
        name = provider or opened.settings.provider
        if not for_real:
            sys.exit(_dry_run(opened, task, name, as_json=as_json))
        sys.exit(_send(opened, task, name, yes_to))


def _dry_run(workspace: "Workspace", task: "Task", provider: str, *, as_json: bool) -> Exit:
    from newsletter.cli.show import count_findings, show_findings
    from newsletter.finding import blocks
    from newsletter.workspace.prepare import prepare

    prepared = prepare(workspace, task)
    if not as_json:
        _show_plan(workspace, prepared.plan, provider)
    findings = _all_findings(workspace, prepared, provider)
    if as_json:
        requests = _requests(workspace, prepared.plan, provider)
        plan = {**_plan_json(prepared.plan, findings), "requests": requests}
        click.echo(json.dumps(plan, indent=2))
    show_findings(findings)
    click.echo(f"{count_findings(findings)}", err=True)
    if blocks(findings):
        click.echo("the errors block a real dispatch; nothing was sent", err=True)
        return Exit.NOT_ALL_SENT
    number = prepared.plan.summary.recipients
    click.echo(
        f"this was a dry run; nothing was sent. Add --for-real --yes-to {number} to send it",
        err=True,
    )
    return Exit.DONE


def _send(workspace: "Workspace", task: "Task", provider: str, yes_to: int | None) -> Exit:
    from newsletter.cli.deliver import confirm, require_key, run_dispatch
    from newsletter.cli.show import show_findings
    from newsletter.errors import Refused
    from newsletter.finding import blocks
    from newsletter.workspace.prepare import prepare

    require_key(workspace)
    prepared = prepare(workspace, task)
    plan = prepared.plan
    if not task.again:
        unfinished = _unfinished(workspace, prepared, provider)
        if unfinished:
            click.echo(f"going on with dispatch {unfinished.id}", err=True)
            confirm(unfinished.recipients, yes_to, "Recipients of the dispatch")
            return run_dispatch(workspace, unfinished)
    _show_plan(workspace, plan, provider)
    if plan.summary.recipients == 0:
        return _nobody(plan)
    findings = _all_findings(workspace, prepared, provider)
    show_findings(findings)
    if blocks(findings):
        raise Refused("the errors above block the dispatch; nothing was sent", hint="mend them")
    confirm(plan.summary.recipients, yes_to, "Type the number of recipients to send")
    return run_dispatch(workspace, _open(workspace, plan, provider))


def _all_findings(
    workspace: "Workspace", prepared: "Prepared", provider: str
) -> "tuple[Finding, ...]":
    from newsletter.cli.progress import bar
    from newsletter.dispatch.rehearsal import rehearse
    from newsletter.workspace.verdict import judge

    carrier = workspace.provider(provider)
    try:
        with bar("making every message", prepared.plan.summary.recipients) as progress:
            rehearsal = rehearse(workspace.ledger, prepared.plan, carrier, progress=progress)
    finally:
        carrier.close()
    click.echo(
        f"{rehearsal.messages:,} messages made, the largest with"
        f" {rehearsal.largest_html:,} bytes of HTML",
        err=True,
    )
    return judge(workspace, prepared, rehearsal, provider)


def _show_plan(workspace: "Workspace", plan: "Plan", provider: str) -> None:
    from newsletter.cli.show import show_audience

    requests = _requests(workspace, plan, provider)
    click.secho(plan.issue.subject, bold=True)
    sender = plan.envelope.sender
    click.echo(f"from {sender.name} <{sender.address}> through {provider}")
    show_audience(plan.summary)
    _show_changes(workspace, plan)
    if len(plan.summary.by_variant) > 1:
        for key, count in plan.summary.by_variant.items():
            click.echo(f"{count:>12,}  {plan.issue.describe(key)}")
    click.echo(f"{requests:>8,}  {'request' if requests == 1 else 'requests'} to {provider}")


def _show_changes(workspace: "Workspace", plan: "Plan") -> None:
    from newsletter.cli.show import show_changes
    from newsletter.ledger.changes import changes_since
    from newsletter.ledger.dispatches import last_to_same

    last = last_to_same(workspace.ledger, _audience_json(plan))
    if last is not None:
        with workspace.ledger.read() as connection:
            changes = changes_since(connection, plan.choice, last.id)
        show_changes(changes, last)


def _requests(workspace: "Workspace", plan: "Plan", provider: str) -> int:
    from newsletter.dispatch.plan import count_requests

    carrier = workspace.provider(provider)
    try:
        return count_requests(plan.summary, carrier.capabilities.batch_size)
    finally:
        carrier.close()


def _plan_json(plan: "Plan", findings: "tuple[Finding, ...]") -> dict[str, object]:
    from newsletter.cli.show import finding_json

    return {
        "issue": plan.issue.slug,
        "subject": plan.issue.subject,
        **asdict(plan.summary),
        "findings": [finding_json(finding) for finding in findings],
    }


def _nobody(plan: "Plan") -> Exit:
    from newsletter.audience.exclusion import Exclusion
    from newsletter.errors import Refused

    if plan.summary.excluded.get(Exclusion.ALREADY_SENT.value):
        click.echo("everybody chosen already got this issue; nothing to send", err=True)
        return Exit.DONE
    if not plan.summary.listed:
        raise Refused(
            "the member list is empty; nothing to send",
            hint="look at it with `newsletter members`",
        )
    raise Refused(
        "nobody is chosen; nothing to send",
        hint="choose another --segment, or look at `newsletter segments`",
    )


def _open(workspace: "Workspace", plan: "Plan", provider: str) -> "Dispatch":
    from newsletter.dispatch.envelope import to_json
    from newsletter.ledger.opening import Opening, open_dispatch
    from newsletter.workspace.images import show_in_outbox
    from newsletter.workspace.prepare import renamed

    ref = secrets.token_hex(8)
    named = renamed(plan, workspace, ref)
    carrier = workspace.provider(provider)
    show_in_outbox(carrier, plan)
    opening = Opening(
        compiled=plan.compiled,
        envelope=to_json(named.envelope),
        ref=ref,
        provider=provider,
        batch_size=carrier.capabilities.batch_size,
        audience=_audience_json(plan),
        now=workspace.clock.now(),
    )
    return open_dispatch(workspace.ledger, opening, plan.choice, expected=plan.summary.recipients)


def _audience_json(plan: "Plan") -> dict[str, object]:
    selection = plan.choice.selection
    return {
        "segments": [segment.name for segment in selection.included],
        "exclude": [segment.name for segment in selection.excluded],
    }


def _unfinished(workspace: "Workspace", prepared: "Prepared", provider: str) -> "Dispatch | None":
    """Find the dispatch that the same command opened before and that is not finished."""
    from newsletter.errors import Refused
    from newsletter.issue.issue import Variant
    from newsletter.ledger.dispatches import balance_of, documents_of, list_dispatches
    from newsletter.workspace.prepare import compile_variants

    plan = prepared.plan
    for dispatch in list_dispatches(workspace.ledger, slug=plan.issue.slug):
        is_same = dispatch.provider == provider and dispatch.audience == _audience_json(plan)
        if not is_same or balance_of(workspace.ledger, dispatch).is_finished:
            continue
        keys = documents_of(workspace.ledger, dispatch)
        variants = [Variant(tuple(flag == "1" for flag in key.strip("-"))) for key in keys]
        now = compile_variants(workspace, plan.issue, variants).content_hash
        if now != dispatch.content_hash:
            raise Refused(
                f"dispatch {dispatch.id} of this issue is not finished, and the announcement, "
                "theme or brand was changed since it was opened",
                hint=f"finish it with its frozen content: newsletter dispatch resume {dispatch.id}",
            )
        return dispatch
    return None
