"""`newsletter send`."""

import datetime as dt
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import click

from newsletter.cli import options
from newsletter.cli.duration import Duration, duration
from newsletter.cli.exits import Exit
from newsletter.cli.moment import Moment, WallTime
from newsletter.cli.plan import count_of_requests, plan_json, show_plan

if TYPE_CHECKING:
    from newsletter.dispatch.plan import Plan
    from newsletter.ledger.opening import Then
    from newsletter.workspace.judging import Judged
    from newsletter.workspace.opening import Wish
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
@click.option(
    "--approved", metavar="CODE", help="Send only what was approved under the code of a dry run."
)
@click.option(
    "--undo-window", type=Duration(), metavar="TIME", help="Hold it so long to take it back: 15m."
)
@click.option("--not-after", type=Moment(), metavar="TIME", help="Nothing of it leaves later.")
@click.option("--spread", type=Duration(), metavar="TIME", help="Send it evenly over so long: 3h.")
@click.option(
    "--at-local",
    type=WallTime(),
    metavar="TIME",
    help="When each member gets it, on their own clock: 2027-03-01T09:00.",
)
@click.option("--by-workers", is_flag=True, help="Let `newsletter worker` send it, anywhere.")
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
    approved: str | None,
    undo_window: float | None,
    not_after: dt.datetime | None,
    spread: float | None,
    at_local: dt.datetime | None,
    by_workers: bool,
    as_json: bool,
) -> None:
    """Plan a dispatch: who would get it, who is excluded and why; and make every message.

    That is all, unless --for-real is given. Then the number of recipients has to be typed, and
    the dispatch is opened and sent. Run the same command again to go on after a stop: nobody who
    got it gets it twice.
    """
    from newsletter.cli.author import author
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.opening import Wish
    from newsletter.workspace.understand import Task

    task = Task(file=file, subject=subject, segments=segments, exclude=exclude, again=again)
    with open_workspace(workspace) as opened:
        wish = Wish(
            provider=provider or opened.settings.provider,
            not_after=not_after,
            undo_window=undo_window,
            spread=spread,
            at_local=at_local,
            by_workers=_queue(opened) if by_workers and for_real else None,
            author=author(opened),
        )
        if not for_real:
            sys.exit(_dry_run(opened, task, wish, as_json=as_json))
        sys.exit(_send(opened, task, wish, _Confirmation(yes_to, approved)))


def _queue(workspace: "Workspace") -> "Then":
    from newsletter.engine.queue import prepare_queue, put_in

    prepare_queue(workspace.ledger)
    return put_in


class _Confirmation(NamedTuple):
    """What somebody confirmed before they gave the command."""

    number: int | None
    code: str | None


def _dry_run(workspace: "Workspace", task: "Task", wish: "Wish", *, as_json: bool) -> Exit:
    from newsletter.cli.show import count_findings, show_findings
    from newsletter.finding import blocks
    from newsletter.workspace.prepare import prepare

    prepared, provider = prepare(workspace, task), wish.provider
    if not as_json:
        show_plan(workspace, prepared.plan, provider)
    judged = _all_findings(workspace, prepared, wish)
    findings, code = judged.findings, judged.code
    if as_json:
        requests = count_of_requests(workspace, prepared.plan, provider)
        shown = plan_json(prepared.plan, findings)
        plan = {**shown, "requests": requests, "approval": code}
        click.echo(json.dumps(plan, indent=2))
    show_findings(findings)
    click.echo(f"{count_findings(findings)}", err=True)
    if blocks(findings):
        click.echo("the errors block a real dispatch; nothing was sent", err=True)
        return Exit.NOT_ALL_SENT
    number = prepared.plan.summary.recipients
    click.echo(
        f"this was a dry run; nothing was sent. Add --for-real --yes-to {number} to send it;"
        f" with --approved {code} only if nothing changes meanwhile",
        err=True,
    )
    return Exit.DONE


def _send(workspace: "Workspace", task: "Task", wish: "Wish", confirmed: _Confirmation) -> Exit:
    from newsletter.cli.deliver import confirm, require_key, run_dispatch
    from newsletter.workspace.opening import open_planned
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.unfinished import unfinished_of

    require_key(workspace)
    prepared = prepare(workspace, task)
    plan = prepared.plan
    if not task.again:
        unfinished = unfinished_of(workspace, plan, wish.provider)
        if unfinished:
            click.echo(f"going on with dispatch {unfinished.id}", err=True)
            confirm(unfinished.recipients, confirmed.number, "Recipients of the dispatch")
            return run_dispatch(workspace, unfinished)
    show_plan(workspace, plan, wish.provider)
    if plan.summary.recipients == 0:
        return _nobody(plan)
    wish = _checked(workspace, prepared, wish, confirmed.code)
    confirm(plan.summary.recipients, confirmed.number, "Type the number of recipients to send")
    dispatch = open_planned(workspace, plan, wish)
    if wish.undo_window is not None:
        click.echo(
            f"for {duration(wish.undo_window)} you can take it back with:"
            f" newsletter dispatch undo {dispatch.id}",
            err=True,
        )
    if dispatch.by_workers:
        click.echo(f"workers send it; see `newsletter status {dispatch.id}`", err=True)
        return Exit.DONE
    return run_dispatch(workspace, dispatch)


def _checked(
    workspace: "Workspace", prepared: "Prepared", wish: "Wish", code: str | None
) -> "Wish":
    """Let everything be checked that could speak against sending; fix the audience if approved."""
    from newsletter.cli.show import show_findings
    from newsletter.errors import Refused
    from newsletter.finding import blocks
    from newsletter.workspace.approving import check_agreed
    from newsletter.workspace.ration import check_ration

    judged = _all_findings(workspace, prepared, wish)
    show_findings(judged.findings)
    if blocks(judged.findings):
        raise Refused("the errors above block the dispatch; nothing was sent", hint="mend them")
    if code is not None:
        _compare(code, judged.code)
        wish = replace(wish, audience=judged.audience)
    check_agreed(workspace, prepared.plan, wish)
    unasked = check_ration(workspace, wish.provider, prepared.plan.summary.recipients)
    if unasked:
        click.echo(unasked, err=True)
    return wish


def _compare(approved: str, now: str) -> None:
    from newsletter.errors import Refused

    if approved != now:
        raise Refused(
            "the email, the audience, the sender or the provider changed since it was approved;"
            " nothing was sent",
            hint="make the dry run again, and have its new code approved",
        )


def _all_findings(workspace: "Workspace", prepared: "Prepared", wish: "Wish") -> "Judged":
    from newsletter.cli.progress import bar
    from newsletter.workspace.judging import judge_all

    with bar("making every message", prepared.plan.summary.recipients) as progress:
        judged = judge_all(workspace, prepared, wish, progress)
    click.echo(
        f"{judged.messages:,} messages made, the largest with"
        f" {judged.largest_html:,} bytes of HTML",
        err=True,
    )
    return judged


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
