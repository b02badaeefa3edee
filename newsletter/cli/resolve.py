"""`newsletter dispatch resolve`."""

import sys

import click


@click.command("resolve", short_help="Decide what became of unsure deliveries.")
@click.argument("dispatch", type=int)
@click.option("--assume-sent", "is_sent", is_flag=True, help="Count them as accepted.")
@click.option("--resend", is_flag=True, help="Send to them again; some may get it twice.")
@click.option("--yes-to", type=int, metavar="N", help="Confirm the number of unsure deliveries.")
@click.pass_obj
def command(
    workspace: str | None, *, dispatch: int, is_sent: bool, resend: bool, yes_to: int | None
) -> None:
    """Decide what became of the unsure deliveries of a dispatch: only a person can.

    Without a choice they are listed, with what each choice means.
    """
    from newsletter.cli.author import author
    from newsletter.cli.deliver import confirm, exit_of
    from newsletter.cli.find import find
    from newsletter.cli.show import plural, show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.dispatches import balance_of, remarks_of
    from newsletter.ledger.unsure import assume_sent, send_unsure_again
    from newsletter.message.state import DeliveryState
    from newsletter.workspace.running import sole_run_of

    if is_sent and resend:
        raise click.UsageError("choose one of --assume-sent and --resend")
    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        unsure = balance_of(opened.ledger, found).unsure
        if not (is_sent or resend):
            for remark in remarks_of(opened.ledger, found, limit=1_000):
                if remark.state is DeliveryState.UNSURE:
                    click.echo(f"{remark.address}\t{remark.note}")
            click.echo(
                f"{plural(unsure, 'delivery')} unsure. --assume-sent: nobody gets it twice, some "
                "may not have it. --resend: everybody has it, some may get it twice.",
                err=True,
            )
            sys.exit(exit_of(balance_of(opened.ledger, found)))
        confirm(unsure, yes_to, "Type the number of unsure deliveries")
        with sole_run_of(opened, found):
            decide = assume_sent if is_sent else send_unsure_again
            decide(opened.ledger, found.id, author(opened))
        show_balance(found, balance_of(opened.ledger, found))
        if resend:
            click.echo(f"send them with: newsletter dispatch resume {found.id}", err=True)
