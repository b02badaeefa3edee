"""`newsletter members record` and `newsletter members forget`: what is known of one person."""

import json

import click

from newsletter.cli import options


@click.command("record", short_help="Show what somebody said about being mailed.")
@click.argument("address", metavar="ADDRESS")
@options.JSON
@click.pass_obj
def record(workspace: str | None, *, address: str, as_json: bool) -> None:
    """Show every opt-out and opt-in of ADDRESS: when, by which means, in answer to which words."""
    from dataclasses import asdict

    from newsletter.address import parse_address
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.consent import record_of

    key = parse_address(address).key
    with open_workspace(workspace) as opened:
        found = record_of(opened.ledger, key)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo(f"{address} has said nothing about being mailed", err=True)
    for each in found:
        what = f"{each.act.value} ({each.topic})" if each.topic else each.act.value
        click.echo(f"{each.at}  {what:<20}  by {each.source}: {each.words}".rstrip(": "))


@click.command("forget", short_help="Erase somebody, and never take them in again.")
@click.argument("address", metavar="ADDRESS")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(workspace: str | None, *, address: str, is_sure: bool) -> None:
    """Erase ADDRESS from the ledger: name, values, wishes and the past. It cannot be undone.

    A hash that nobody can turn back is kept, so that the next list does not bring them in again.
    """
    from newsletter.address import parse_address
    from newsletter.audience.consent import Circumstance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger import forgetting

    key = parse_address(address).key
    if not is_sure:
        click.confirm(f"Erase {address} from the ledger for ever?", abort=True, err=True)
    with open_workspace(workspace) as opened:
        how = Circumstance(source="command", at=opened.clock.now())
        was_there = forgetting.forget(opened.ledger, key, how)
        near = opened.settings.members_file.name
    if not was_there:
        click.echo("nothing of this address was in the ledger; it will not be taken in", err=True)
        return
    click.echo(f"{address} is erased from the ledger and will not be taken in again", err=True)
    click.echo(
        f"  hint: delete them from {near}, your membership program and old exports, too", err=True
    )
