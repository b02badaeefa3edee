"""`newsletter dispatch undo`."""

import click


@click.command("undo", short_help="Take a dispatch back that is still held.")
@click.argument("dispatch", type=int)
@click.pass_obj
def command(workspace: str | None, *, dispatch: int) -> None:
    """Take a dispatch back that was sent with --undo-window, as long as that is open.

    Nobody gets it then. Afterwards the issue can be sent again, mended, to everybody.
    """
    from newsletter.cli.author import author
    from newsletter.cli.find import find
    from newsletter.cli.show import plural, show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.dispatches import balance_of
    from newsletter.workspace.undo import undo

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        count = undo(opened, found, author(opened))
        show_balance(found, balance_of(opened.ledger, found))
        click.echo(f"taken back: {plural(count, 'member')} will not get it", err=True)
