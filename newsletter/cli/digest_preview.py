"""`newsletter digest preview`."""

from pathlib import Path

import click

from newsletter.cli import options
from newsletter.cli.digest import AS_OF, NAME, asked_for


@click.command("preview", short_help="Show a digest in the browser as it would go out then.")
@NAME
@AS_OF
@options.OUT
@options.PORT
@options.OPEN
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    name: str | None,
    as_of: str | None,
    out: Path | None,
    port: int,
    is_opening: bool,
) -> None:
    """Show a digest in the browser exactly as it would go out then, from today's files.

    It follows every change of the pool. NAME may be left out where there is one digest.
    """
    from newsletter.cli.preview import show
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.understand import Task

    with open_workspace(workspace) as opened:
        task = Task(file=str(asked_for(opened, name, as_of)))
        show(opened, task, out=out, port=port, is_opening=is_opening)
