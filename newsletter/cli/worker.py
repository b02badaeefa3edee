"""`newsletter worker`."""

import click


@click.command("worker", short_help="Send what is opened --by-workers, on this machine too.")
@click.option(
    "--lanes",
    type=click.IntRange(1, 64),
    default=4,
    metavar="N",
    show_default=True,
    help="How many runs of requests to send at once, each over a connection of its own.",
)
@click.pass_obj
def command(workspace: str | None, *, lanes: int) -> None:
    """Send whatever is opened with `newsletter send --by-workers`, until it is stopped.

    Run it on as many machines as you like: they share the ledger, which has to be on a PostgreSQL
    server. Ctrl-C lets the requests under way end. A machine that dies is noticed; what it had
    under way is unsure once its lease is over, and the rest goes on elsewhere.
    """
    from newsletter.cli.deliver import require_key
    from newsletter.cli.workspace import open_workspace
    from newsletter.engine.worker import Worker

    with open_workspace(workspace) as opened:
        require_key(opened)
        click.echo(f"working, {lanes} at once; Ctrl-C ends it", err=True)
        Worker(opened, lanes_at_once=lanes).run()
