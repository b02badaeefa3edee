"""`newsletter people add`."""

import click

from newsletter.cli import options


@click.command("add", short_help="Let somebody in to the desk.")
@click.argument("address")
@click.option("--name", default="", metavar="TEXT", help="As the desk and its log name them.")
@options.ROLE
@click.pass_obj
def command(workspace: str | None, *, address: str, name: str, roles: tuple[str, ...]) -> None:
    """Let somebody in to the desk: they sign in with a link by mail, or a password.

    The first one gets every role, if none is given; later ones are authors then.
    """
    from newsletter.address import parse_address
    from newsletter.cli.author import author
    from newsletter.cli.workspace import open_workspace
    from newsletter.errors import Refused
    from newsletter.ledger.colleagues import add_colleague, count_colleagues
    from newsletter.ledger.roles import Role

    with open_workspace(workspace) as opened:
        is_first = not count_colleagues(opened.ledger)
        given = [Role(role) for role in roles] or (list(Role) if is_first else [Role.AUTHOR])
        if is_first and Role.ADMIN not in given:
            raise Refused("the first one has to be an admin", hint="add --role admin")
        who = add_colleague(opened.ledger, parse_address(address), name, given, author(opened))
        click.echo(f"{who.name} may sign in as {', '.join(role.value for role in who.roles)}")
        click.echo(
            "with a link by mail; for a password as well:"
            f" newsletter people password {who.address.wire}",
            err=True,
        )
