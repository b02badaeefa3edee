"""`newsletter schedules run`."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli.exits import Exit

if TYPE_CHECKING:
    from newsletter.ledger.opening import Then
    from newsletter.workspace.scheduling import Looked
    from newsletter.workspace.workspace import Workspace


@click.command("run", short_help="Send what is due now, once; for cron or a timer.")
@click.option("--by-workers", is_flag=True, help="Let `newsletter worker` send it, anywhere.")
@click.pass_obj
def command(workspace: str | None, *, by_workers: bool) -> None:
    """Look at all schedules once: open and send what is due, and tell what was missed.

    Let a timer call it every few minutes, on as many machines as you like: each occurrence is
    sent once.
    """
    from newsletter.cli.deliver import require_key, run_dispatch
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.scheduling import look_at_schedules, to_deliver

    ended = [Exit.DONE]
    with open_workspace(workspace) as opened:
        require_key(opened)
        queue = _queue(opened) if by_workers else None
        ended += map(_say, look_at_schedules(opened, queue))
        ended += [run_dispatch(opened, dispatch) for dispatch in to_deliver(opened)]
    sys.exit(max(ended))


def _queue(workspace: "Workspace") -> "Then":
    from newsletter.engine.queue import prepare_queue, put_in

    prepare_queue(workspace.ledger)
    return put_in


def _say(looked: "Looked") -> Exit:
    from newsletter.errors import render_error

    name = looked.schedule.name
    for each in looked.missed:
        click.echo(f"{name}: {each.wall:%Y-%m-%d %H:%M} was missed and is not sent", err=True)
    if looked.problem:
        due = f" {looked.due.wall:%Y-%m-%d %H:%M}" if looked.due else ""
        click.echo(f"{name}:{due} is not sent yet", err=True)
        click.echo(render_error(looked.problem), err=True)
        return Exit.REFUSED
    if looked.due and looked.dispatch:
        due = f"{looked.due.local:%a %d %b %Y, %H:%M %Z}"
        click.echo(f"{name}: {due} is dispatch {looked.dispatch.id}")
    return Exit.DONE
