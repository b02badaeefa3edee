"""`newsletter schedules run`."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli.exits import Exit

if TYPE_CHECKING:
    from newsletter.workspace.scheduling import Looked
    from newsletter.workspace.stepping import Stepped


@click.command("run", short_help="Send what is due now, once; for cron or a timer.")
@click.option("--by-workers", is_flag=True, help="Let `newsletter worker` send it, anywhere.")
@click.pass_obj
def command(workspace: str | None, *, by_workers: bool) -> None:
    """Look at all schedules once: send what is due, and do the steps before what is to come.

    Let a timer call it every few minutes, on as many machines as you like: each occurrence is
    sent once.
    """
    from newsletter.cli.deliver import require_key, run_dispatch
    from newsletter.cli.desk import queue_of
    from newsletter.cli.workspace import open_workspace
    from newsletter.errors import TakenElsewhere
    from newsletter.workspace.scheduling import look_at_schedules, to_deliver
    from newsletter.workspace.stepping import look_at_steps

    ended = [Exit.DONE]
    with open_workspace(workspace) as opened:
        require_key(opened)
        queue = queue_of(opened) if by_workers else None
        ended += map(_say, look_at_schedules(opened, queue))
        ended += map(_say_step, look_at_steps(opened))
        for dispatch in to_deliver(opened):
            try:
                ended.append(run_dispatch(opened, dispatch))
            except TakenElsewhere:
                click.echo(f"dispatch {dispatch.id} is being sent already", err=True)
    sys.exit(max(ended))


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


def _say_step(done: "Stepped") -> Exit:
    from newsletter.errors import render_error
    from newsletter.workspace.posting import NOBODY

    of = f" of {done.wall:%Y-%m-%d %H:%M}" if done.wall else ""
    if done.note and (done.problem or done.note != NOBODY):
        click.echo(f"{done.schedule}: {done.step}{of}: {done.note}", err=True)
    if done.problem:
        click.echo(render_error(done.problem), err=True)
        # What is not due yet is told, and nothing has failed so far.
        return Exit.DONE if done.wall else Exit.REFUSED
    return Exit.DONE
