"""`newsletter dispatch reconcile`."""

import json
import sys
from dataclasses import asdict

import click

from newsletter.cli import options


@click.command("reconcile", short_help="Ask the provider about unsure deliveries.")
@click.argument("dispatch", type=int)
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, dispatch: int, as_json: bool) -> None:
    """Settle unsure deliveries from what the provider knows of them, as far as it can tell.

    Nobody can get it twice by this. What stays unsure is for `newsletter dispatch resolve`.
    """
    from newsletter.cli.deliver import exit_of
    from newsletter.cli.find import find
    from newsletter.cli.show import plural, show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.dispatch.reconcile import reconcile
    from newsletter.ledger.dispatches import balance_of
    from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        with sole_run_of(opened, found):
            take_up(opened, found)
            done = reconcile(run_of(opened, found, brake_of(opened), Listener()))
        balance = balance_of(opened.ledger, found)
        if as_json:
            click.echo(json.dumps(asdict(done)))
        else:
            show_balance(found, balance)
        settled = done.by_events + done.by_trace + done.by_key
        click.echo(
            f"{plural(settled, 'delivery')} settled: {done.by_events:,} by events,"
            f" {done.by_trace:,} by the provider's logs, {done.by_key:,} by their keys;"
            f" {done.left:,} still unsure",
            err=True,
        )
        if done.problem:
            click.echo(f"the provider could not be asked: {done.problem}", err=True)
        if done.left:
            click.echo(f"decide with: newsletter dispatch resolve {dispatch}", err=True)
        sys.exit(exit_of(balance))
