"""`newsletter people password`."""

import click


@click.command("password", short_help="Give somebody a password.")
@click.argument("address")
@click.pass_obj
def command(workspace: str | None, *, address: str) -> None:
    """Ask for a password and give it to somebody; they have to sign in anew everywhere."""
    from newsletter.cli.author import author
    from newsletter.cli.people import find_one
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.colleagues import set_password
    from newsletter.workspace.passwords import hash_password

    with open_workspace(workspace) as opened:
        who = find_one(opened, address)
        password: str = click.prompt(
            f"Password of {who.name}", hide_input=True, confirmation_prompt=True, err=True
        )
        set_password(opened.ledger, who, hash_password(password), author(opened))
        click.echo(f"{who.name} has a new password")
