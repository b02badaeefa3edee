"""`newsletter schedules add`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.options import Decorator

if TYPE_CHECKING:
    from newsletter.workspace.schedulefile import Draft, Value
    from newsletter.workspace.settings import Settings


def _text(option: str, words: str) -> Decorator:
    return click.option(option, metavar="TEXT", help=words)


def _number(option: str, words: str) -> Decorator:
    return click.option(option, type=int, metavar="N", help=words)


YES = click.option("--yes", is_flag=True, help="Save it without asking.")


@click.command("add", short_help="Add a schedule, after showing when it is due.")
@click.argument("name")
@_text("--when", "In words: first Tuesday of the month at 09:00 in America/New_York.")
@_text("--cron", "By the five fields of cron.")
@_text("--rule", "By a rule of RFC 5545.")
@click.option("--date", "dates", multiple=True, metavar="DAY", help="On days, such as 2027-03-02.")
@_text("--at", "The time of day, where --when and --cron say none.")
@_text("--time-zone", "The clock that counts, such as America/New_York.")
@_text("--starting", "The day that every second week is counted from.")
@click.option("--working-days-only", is_flag=True, help="Move days at the weekend, too.")
@_text("--file", "The announcement; %Y, %m and %d stand for the day.")
@_text("--digest", "Or the digest that assembles itself.")
@click.option("--segment", "segments", multiple=True, metavar="NAME", help="Who gets it.")
@_number("--not-after-hours", "How late it may still go out.")
@_number("--most-recipients", "Send to no more than so many.")
@_number("--remind-days-before", "Working days; 0 for never.")
@_number("--proof-days-before", "Working days; 0 for never.")
@_number("--warn-hours-before", "0 for never.")
@click.option("--tell", multiple=True, metavar="ADDRESS", help="Who gets these letters, too.")
@YES
@click.pass_obj
def command(workspace: str | None, /, *, name: str, yes: bool, **options: Any) -> None:  # noqa: ANN401 - the keys of a schedule
    """Add the schedule NAME to newsletter.toml, after showing its next twelve times.

    All that stands in the file stays as it is, comments too.
    """
    from newsletter.workspace.schedulefile import draft_new

    settings = settings_of(workspace)
    confirm_and_save(settings, draft_new(settings, name, _values(options)), yes=yes)


def settings_of(workspace: str | None) -> "Settings":
    """Read the settings of the workspace that the command is for."""
    from newsletter.workspace.settings import find_workspace, read_settings

    return read_settings(find_workspace(Path(workspace).resolve() if workspace else Path.cwd()))


def confirm_and_save(
    settings: "Settings", draft: "Draft", *, yes: bool, question: str = "Save it?"
) -> None:
    """Show when the schedule is due, let somebody agree, and save.

    Raises:
        Refused: nobody is there to be asked, or they said no.
    """
    from newsletter.cli.schedules import show
    from newsletter.clock import SystemClock
    from newsletter.errors import Refused
    from newsletter.workspace.schedulefile import save

    show(draft.schedule, draft.schedule.recurrence.next(SystemClock().now(), 12))
    if not yes and not sys.stdin.isatty():
        raise Refused("nobody is there to be asked; nothing was saved", hint="add --yes")
    if not yes and not click.confirm(question, err=True):
        raise Refused("nothing was saved", hint="say yes, or change the options")
    save(settings, draft)
    click.echo("saved in newsletter.toml", err=True)


def _values(options: Mapping[str, Any]) -> "dict[str, Value]":
    """Keep what was given, in the order of the options."""
    return {
        key: value
        for key, value in options.items()
        if value is not None and value is not False and value not in ((), "")
    }
