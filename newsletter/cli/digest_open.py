"""`newsletter digest open`."""

import click

from newsletter.cli.digest import AS_OF, NAME, asked_for


@click.command("open", short_help="Make the files in which an editor decides about one issue.")
@NAME
@AS_OF
@click.pass_obj
def command(workspace: str | None, *, name: str | None, as_of: str | None) -> None:
    """Make the files in which an editor decides about one issue, beside the announcements.

    One holds subject and opening, the other what is pinned, moved, held or shortened. What is
    there already is left as it is.
    """
    from newsletter.cli.show import near
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.digestdraft import open_issue

    with open_workspace(workspace) as opened:
        made = open_issue(opened, asked_for(opened, name, as_of))
    for path, is_new in made:
        click.echo(f"{'made' if is_new else 'kept'} {near(str(path))}")
