"""`newsletter people remove`."""

import click


@click.command("remove", short_help="Let somebody in no more.")
@click.argument("address")
@click.pass_obj
def command(workspace: str | None, *, address: str) -> None:
    """Let somebody in no more; wherever they are signed in, they are out at once."""
    from newsletter.cli.author import author
    from newsletter.cli.people import find_one
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.colleagues import take_off

    with open_workspace(workspace) as opened:
        who = find_one(opened, address)
        take_off(opened.ledger, who, author(opened))
        click.echo(f"{who.name} is let in no more")
