"""`newsletter schedules`."""

import json

import click

from newsletter.cli import options


@click.command("schedules", short_help="Show when scheduled dispatches are due.")
@click.option(
    "--count",
    type=click.IntRange(1, 1_000),
    default=12,
    show_default=True,
    help="How many occurrences of each.",
)
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, count: int, as_json: bool) -> None:
    """Show when the schedules of newsletter.toml are due next, in their own time zones."""
    from pathlib import Path

    from newsletter.clock import SystemClock
    from newsletter.schedule.schedule import read_schedules
    from newsletter.workspace.settings import find_workspace, read_settings, settings_lines

    root = find_workspace(Path(workspace).resolve() if workspace else Path.cwd())
    path, lines = settings_lines(root)
    schedules = read_schedules(read_settings(root).schedules, path, lines)
    now = SystemClock().now()
    due = {each.name: each.recurrence.next(now, count) for each in schedules}
    if as_json:
        rows = {
            name: [each.moment.isoformat() for each in occurrences]
            for name, occurrences in due.items()
        }
        click.echo(json.dumps(rows, indent=2))
        return
    if not schedules:
        click.echo("no schedules; add a [[schedule]] table to newsletter.toml", err=True)
    for schedule in schedules:
        click.secho(f"{schedule.name}: {schedule.file}", bold=True)
        for each in due[schedule.name]:
            local = each.moment.astimezone(schedule.recurrence.zone)
            click.echo(f"  {local:%a %d %b %Y, %H:%M %Z}")
