"""`newsletter dispatch resume`."""

import sys

import click


@click.command("resume", short_help="Go on with a dispatch that was stopped.")
@click.argument("dispatch", type=int)
@click.pass_obj
def command(workspace: str | None, *, dispatch: int) -> None:
    """Go on with a dispatch that was stopped, with its frozen content and audience.

    Whatever was on its way when the last run died is unsure and is not sent again.
    """
    from newsletter.cli.author import author
    from newsletter.cli.deliver import run_dispatch
    from newsletter.cli.find import find
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.course import resume

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        resume(opened.ledger, dispatch, author(opened))
        if found.by_workers:
            click.echo(f"workers go on; see `newsletter status {dispatch}`", err=True)
            return
        sys.exit(run_dispatch(opened, found))
