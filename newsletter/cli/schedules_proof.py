"""`newsletter schedules proof`."""

import click


@click.command("proof", short_help="Send the proof of what is due next, now.")
@click.argument("name")
@click.pass_obj
def command(workspace: str | None, *, name: str) -> None:
    """Send the proof of what the schedule NAME sends next, and ask for approval of it anew.

    Do so after a change: what people approved before holds for it no more.
    """
    from newsletter.cli.deliver import require_key
    from newsletter.cli.workspace import open_workspace
    from newsletter.errors import Refused
    from newsletter.suggest import did_you_mean
    from newsletter.workspace.scheduled import schedules_of
    from newsletter.workspace.stepping import repeat_proof

    with open_workspace(workspace) as opened:
        require_key(opened)
        known = {each.name: each for each in schedules_of(opened.settings)}
        if name not in known:
            hint = did_you_mean(name, tuple(known), otherwise="look at `newsletter schedules`")
            raise Refused(f"there is no schedule {name!r}", hint=hint)
        due = next(iter(known[name].recurrence.next(opened.clock.now(), 1)), None)
        if due is None:
            raise Refused(f"{name} is never due again", hint="look at `newsletter schedules`")
        told = repeat_proof(opened, name, due.wall.isoformat(timespec="minutes"))
        click.echo(f"{name}: the proof of {due.local:%a %d %b %Y, %H:%M %Z}: {told.note}")
