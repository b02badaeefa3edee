"""`newsletter dispatch cancel`."""

import click


@click.command("cancel", short_help="Never send what is left of a dispatch.")
@click.argument("dispatch", type=int)
@click.option("--yes-to", type=int, metavar="N", help="Confirm the number of pending deliveries.")
@click.pass_obj
def command(workspace: str | None, *, dispatch: int, yes_to: int | None) -> None:
    """Never send what is left of a dispatch. Whoever has it keeps it, and nobody else gets it.

    That cannot be taken back, but the issue can be sent again: it then reaches the others.
    """
    from newsletter.cli.author import author
    from newsletter.cli.deliver import confirm
    from newsletter.cli.find import find
    from newsletter.cli.show import show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.course import cancel
    from newsletter.ledger.dispatches import balance_of

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        confirm(balance_of(opened.ledger, found).pending, yes_to, "Type the number still to send")
        cancel(opened.ledger, dispatch, author(opened))
        show_balance(found, balance_of(opened.ledger, found))
