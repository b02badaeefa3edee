"""`newsletter proof`."""

import sys

import click

from newsletter.cli import options


@click.command("proof", short_help="Send one test message through the identical path.")
@options.FILE
@click.option("--to", "to", required=True, metavar="ADDRESS", help="Who looks at it.")
@click.option("--as", "as_member", metavar="MEMBER", help="Whose values: a member id or address.")
@click.option("--provider", metavar="NAME", help="Through outbox, smtp, sendgrid, ...")
@options.SUBJECT
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: str,
    to: str,
    as_member: str | None,
    provider: str | None,
    subject: str | None,
) -> None:
    """Send one test message through the identical path: same content, headers and links.

    A proof counts for nobody's having got the issue. Findings are shown and do not block it.
    """
    from newsletter.address import parse_address
    from newsletter.cli.deliver import require_key, run_dispatch
    from newsletter.cli.show import show_findings
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.images import check_images, show_in_outbox
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.proof import open_proof_of, stand_in
    from newsletter.workspace.understand import Task

    address = parse_address(to)
    with open_workspace(workspace) as opened:
        require_key(opened)
        prepared = prepare(opened, Task(file=file, subject=subject, again=True))
        plan, name = prepared.plan, provider or opened.settings.provider
        show_findings((*prepared.findings, *check_images(opened, plan, name)))
        member = stand_in(opened, plan, as_member)
        show_in_outbox(opened.provider(name), plan)
        dispatch = open_proof_of(opened, plan, member, address=address, provider=name)
        sys.exit(run_dispatch(opened, dispatch))
