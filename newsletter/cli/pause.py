"""`newsletter dispatch pause`."""

import click


@click.command("pause", short_help="Let no further request of a dispatch begin.")
@click.argument("dispatch", type=int)
@click.option("--note", default="", metavar="TEXT", help="Why, for others to read.")
@click.pass_obj
def command(workspace: str | None, *, dispatch: int, note: str) -> None:
    """Let no further request of a dispatch begin, wherever it runs; those under way end.

    Go on with `newsletter dispatch resume`.
    """
    from newsletter.cli.author import author
    from newsletter.cli.find import find
    from newsletter.cli.show import show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.course import pause
    from newsletter.ledger.dispatches import balance_of

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        pause(opened.ledger, dispatch, author(opened), note)
        show_balance(found, balance_of(opened.ledger, found))
        click.echo(f"paused; go on with: newsletter dispatch resume {dispatch}", err=True)
