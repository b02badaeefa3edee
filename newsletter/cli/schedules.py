"""`newsletter schedules`."""

import json
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.lazy import LazyGroup, Listed

if TYPE_CHECKING:
    from newsletter.schedule.recurrence import Occurrence


LISTED = {"run": Listed("schedules_run", "Send what is due now, once; for cron or a timer.")}


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
    """Show when the schedules of newsletter.toml are due next, in their own time zones."""
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
        rows = {name: [_row(each) for each in found] for name, found in due.items()}
        click.echo(json.dumps(rows, indent=2))
        return
    if not schedules:
        click.echo("no schedules; add [schedules.monthly] to newsletter.toml", err=True)
    for schedule in schedules:
        click.secho(f"{schedule.name}: {schedule.file}", bold=True)
        for each in due[schedule.name]:
            click.echo(f"  {_line(each)}")
        if not due[schedule.name]:
            click.echo("  never again")


def _row(occurrence: "Occurrence") -> dict[str, str]:
    return {
        "wall": occurrence.wall.isoformat(timespec="minutes"),
        "local": occurrence.local.isoformat(timespec="minutes"),
        "due": occurrence.moment.isoformat(timespec="minutes"),
    }


def _line(occurrence: "Occurrence") -> str:
    why = ""
    if occurrence.is_moved:
        why = f"  instead of {occurrence.wall:%a %d %b}"
    elif occurrence.wall.time() != occurrence.local.time():
        why = f"  the clock skips {occurrence.wall:%H:%M}"
    return f"{occurrence.local:%a %d %b %Y, %H:%M %Z}{why}"
