"""`newsletter schedules`."""

import json
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.lazy import LazyGroup, Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.schedule.recurrence import Occurrence
    from newsletter.schedule.schedule import Schedule
    from newsletter.schedule.steps import Planned


LISTED = {
    "run": Listed("schedules_run", "Send what is due now, once; for cron or a timer."),
    "add": Listed("schedules_add", "Add a schedule, after showing when it is due."),
    "remove": Listed("schedules_remove", "Take a schedule out, after showing what it would send."),
    "proof": Listed("schedules_proof", "Send the proof of what is due next, now."),
}


@click.group(
    "schedules",
    cls=LazyGroup,
    listed=LISTED,
    invoke_without_command=True,
    short_help="Show when scheduled dispatches are due.",
)
@click.option(
    "--count",
    type=click.IntRange(1, 1_000),
    default=12,
    show_default=True,
    help="How many occurrences of each.",
)
@click.option("--icalendar", is_flag=True, help="Write them as a calendar file to stdout.")
@options.JSON
@click.pass_context
def command(context: click.Context, *, count: int, icalendar: bool, as_json: bool) -> None:
    """Show when the schedules of newsletter.toml are due next, in their own time zones.

    Below each stand the steps before it: reminding its owners, the proof, and the warning if it
    could not go out.
    """
    from pathlib import Path

    from newsletter.clock import SystemClock
    from newsletter.schedule.feed import calendar_of
    from newsletter.workspace.scheduled import schedules_of
    from newsletter.workspace.settings import find_workspace, read_settings

    if context.invoked_subcommand:
        return
    workspace: str | None = context.obj
    root = find_workspace(Path(workspace).resolve() if workspace else Path.cwd())
    settings = read_settings(root)
    schedules = schedules_of(settings)
    now = SystemClock().now()
    due = {each.name: each.recurrence.next(now, count) for each in schedules}
    if icalendar:
        found = {each: due[each.name] for each in schedules}
        name, host = settings.brand.name, settings.list_id
        click.echo(calendar_of(found, society=name, host=host, now=now), nl=False)
        return
    if as_json:
        rows = {each.name: [_row(each, of) for of in due[each.name]] for each in schedules}
        click.echo(json.dumps(rows, indent=2))
        return
    if not schedules:
        click.echo("no schedules; add [schedules.monthly] to newsletter.toml", err=True)
    for schedule in schedules:
        show(schedule, due[schedule.name])


def show(schedule: "Schedule", due: "Sequence[Occurrence]") -> None:
    """Write when a schedule is due, and the steps before."""
    from newsletter.schedule.steps import steps_of

    click.secho(f"{schedule.name}: {schedule.file}", bold=True)
    for each in due:
        click.echo(f"  {_line(each)}")
        steps = steps_of(schedule, each)
        if steps:
            click.secho(f"      {_before(steps)}", dim=True)
    if not due:
        click.echo("  never again")


def _row(schedule: "Schedule", of: "Occurrence") -> dict[str, object]:
    from newsletter.schedule.steps import steps_of

    return {
        "wall": of.wall.isoformat(timespec="minutes"),
        "local": of.local.isoformat(timespec="minutes"),
        "due": of.moment.isoformat(timespec="minutes"),
        "steps": {
            each.step.value: each.local.isoformat(timespec="minutes")
            for each in steps_of(schedule, of)
        },
    }


def _before(steps: "Sequence[Planned]") -> str:
    return " · ".join(f"{each.step.value} {each.local:%a %d %b, %H:%M}" for each in steps)


def _line(occurrence: "Occurrence") -> str:
    why = ""
    if occurrence.is_moved:
        why = f"  instead of {occurrence.wall:%a %d %b}"
    elif occurrence.wall.time() != occurrence.local.time():
        why = f"  the clock skips {occurrence.wall:%H:%M}"
    return f"{occurrence.local:%a %d %b %Y, %H:%M %Z}{why}"
