"""`newsletter people role`."""

import click

from newsletter.cli import options


@click.command("role", short_help="Change what somebody may do.")
@click.argument("address")
@options.ROLE
@click.pass_obj
def command(workspace: str | None, *, address: str, roles: tuple[str, ...]) -> None:
    """Change what somebody may do: exactly the roles given, from their next click on."""
    from newsletter.cli.author import author
    from newsletter.cli.people import find_one
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.colleagues import give_roles
    from newsletter.ledger.roles import Role

    with open_workspace(workspace) as opened:
        who = find_one(opened, address)
        give_roles(opened.ledger, who, [Role(role) for role in roles], author(opened))
        click.echo(f"{who.name} is {', '.join(roles)} now")
