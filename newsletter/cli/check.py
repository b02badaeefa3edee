"""`newsletter check`."""

import json
import sys

import click

from newsletter.cli import options
from newsletter.cli.exits import Exit
from newsletter.cli.show import count_findings, finding_json, show_findings


@click.command("check", short_help="Show the findings on an announcement.")
@options.FILE
@options.SUBJECT
@options.SEGMENT
@options.EXCLUDE
@options.JSON
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: str,
    subject: str | None,
    segments: tuple[str, ...],
    exclude: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show the findings on an announcement.

    Every variant is compiled and every recipient's message is made. Exit code 0: nothing blocks
    a dispatch; 1: some finding is an error; 3: the file cannot be composed at all.
    """
    from newsletter.check.document import check_size
    from newsletter.cli.progress import bar
    from newsletter.cli.workspace import open_workspace
    from newsletter.dispatch.rehearsal import rehearse
    from newsletter.errors import InputErrors
    from newsletter.finding import blocks, from_error
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.understand import Task

    with open_workspace(workspace) as opened:
        task = Task(file=file, subject=subject, segments=segments, exclude=exclude)
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
    findings = (
        *prepared.findings,
        *rehearsal.findings,
        *check_size(rehearsal.largest_html),
    )
    if as_json:
        click.echo(json.dumps([finding_json(each) for each in findings], indent=2))
    else:
        show_findings(findings)
        click.echo(
            f"{count_findings(findings)}; {rehearsal.messages:,} messages made,"
            f" the largest has {rehearsal.largest_html:,} bytes of HTML",
            err=True,
        )
    sys.exit(Exit.NOT_ALL_SENT if blocks(findings) else Exit.DONE)
