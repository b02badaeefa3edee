"""`newsletter people list`."""

import json

import click

from newsletter.cli import options


@click.command("list", short_help="Show who works at the desk.")
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, as_json: bool) -> None:
    """Show who works at the desk, and what they may do."""
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.colleagues import colleagues_of

    with open_workspace(workspace) as opened:
        found = colleagues_of(opened.ledger)
    if as_json:
        people = [
            {"name": each.name, "address": each.address.wire, "roles": list(each.roles)}
            for each in found
        ]
        click.echo(json.dumps(people, indent=2, ensure_ascii=False))
        return
    for each in found:
        roles = ", ".join(role.value for role in each.roles)
        click.echo(f"{each.name}  {each.address.wire}  {roles}")
    if not found:
        click.echo("nobody: the desk is for this machine alone, and asks for nothing", err=True)
