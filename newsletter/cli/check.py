"""`newsletter check`."""

import datetime as dt
import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.exits import Exit
from newsletter.cli.moment import Moment
from newsletter.cli.show import count_findings, finding_json, show_by_subject

if TYPE_CHECKING:
    from newsletter.dispatch.rehearsal import Rehearsal
    from newsletter.finding import Finding


@click.command("check", short_help="Show the findings on an announcement.")
@options.FILE
@options.SUBJECT
@options.SEGMENT
@options.EXCLUDE
@click.option(
    "--at",
    "sent_at",
    metavar="WHEN",
    type=Moment(),
    help="When it will be sent, such as 2027-03-01 or 2027-03-01T09:00+01:00; now if not given.",
)
@click.option("--online", is_flag=True, help="Ask for every link whether it is there.")
@options.JSON
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: str,
    subject: str | None,
    segments: tuple[str, ...],
    exclude: tuple[str, ...],
    sent_at: dt.datetime | None,
    online: bool,
    as_json: bool,
) -> None:
    """Show the findings on an announcement.

    Every variant is compiled and every recipient's message is made. Exit code 0: nothing blocks
    a dispatch; 1: some finding is an error; 3: the file cannot be composed at all.
    """
    from newsletter.cli.progress import bar
    from newsletter.cli.workspace import open_workspace
    from newsletter.dispatch.rehearsal import rehearse
    from newsletter.errors import InputErrors
    from newsletter.finding import blocks, from_error
    from newsletter.workspace.online import check_online
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.understand import Task
    from newsletter.workspace.verdict import judge

    with open_workspace(workspace) as opened:
        task = Task(file=file, subject=subject, segments=segments, exclude=exclude, sent_at=sent_at)
        try:
            prepared = prepare(opened, task)
        except InputErrors as problems:
            if not as_json:
                raise
            click.echo(json.dumps([finding_json(from_error(each)) for each in problems.errors]))
            sys.exit(Exit.INPUT)
        plan = prepared.plan
        with bar("checking", plan.summary.recipients) as progress:
            provider = opened.provider("outbox")
            rehearsal = rehearse(opened.ledger, plan, provider, progress=progress)
        asked = check_online(opened, plan, partial(bar, "asking for links")) if online else ()
        findings = judge(opened, prepared, rehearsal, "outbox", asked=asked)
    _show(findings, rehearsal, as_json=as_json)
    sys.exit(Exit.NOT_ALL_SENT if blocks(findings) else Exit.DONE)


def _show(findings: "tuple[Finding, ...]", rehearsal: "Rehearsal", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([finding_json(each) for each in findings], indent=2))
    else:
        show_by_subject(findings)
        click.echo(
            f"{count_findings(findings)}; {rehearsal.messages:,} messages made,"
            f" the largest has {rehearsal.largest_html:,} bytes of HTML",
            err=True,
        )
