"""`newsletter bounces`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.feedback.mailfiles import Letter
    from newsletter.workspace.returning import Harvest

_SHOWN = 20


@click.group("bounces", short_help="Read what came back, and draw the consequences.")
def command() -> None:
    """Read bounces and complaints that came back by email, as they do with SMTP."""


@command.command("import", short_help="Read a mailbox of bounces and complaints.")
@click.argument("source")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only look; nothing is written.")
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(1, 3650),
    help="On a server, look at the messages of so many days.",
)
@options.JSON
@click.pass_obj
def import_(workspace: str | None, *, source: str, is_dry: bool, days: int, as_json: bool) -> None:
    """Read a mailbox: a Maildir, an mbox, one .eml file, or imaps://USER@HOST/FOLDER.

    Finds the delivery of each bounce and draws the consequences that the policy states. What
    nobody can tell is shown and has none. Reading a mailbox twice changes nothing.
    """
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.returning import harvest, open_source

    with open_workspace(workspace) as opened, open_source(opened, source, days) as found:
        found_in = harvest(opened, _counted(found.letters), is_dry=is_dry)
    if as_json:
        click.echo(json.dumps(_as_json(found_in), indent=2, ensure_ascii=False))
    else:
        _show(found_in, is_dry=is_dry)


def _counted(letters: "Iterable[Letter]") -> "Iterator[Letter]":
    from newsletter.cli.progress import counter

    with counter("reading messages") as progress:
        for number, letter in enumerate(letters, 1):
            progress(number)
            yield letter


def _as_json(found: "Harvest") -> dict[str, object]:
    return {
        "messages": found.messages,
        "sorts": dict(found.sorts),
        "events": dict(found.kinds),
        "taken": asdict(found.taken),
        "undecided": [asdict(each) for each in found.undecided],
    }


def _show(found: "Harvest", *, is_dry: bool) -> None:
    click.secho(f"{found.messages:>8,}  messages", bold=True)
    for sort, count in sorted(found.sorts.items(), key=lambda pair: -pair[1]):
        click.echo(f"{count:>12,}  {sort}")
    if found.kinds:
        click.secho(f"{sum(found.kinds.values()):>8,}  about deliveries of ours", bold=True)
    for kind, count in sorted(found.kinds.items(), key=lambda pair: -pair[1]):
        click.echo(f"{count:>12,}  {kind}")
    if is_dry:
        click.echo("only looked: nothing was written", err=True)
    else:
        taken = found.taken
        click.echo(
            f"{taken.new:,} new, {taken.known:,} known, {taken.suppressed:,} suppressed", err=True
        )
    for each in found.undecided[:_SHOWN]:
        click.echo(f"{each.name}: undecided: {each.why}: {each.subject or each.sender!r}", err=True)
    if len(found.undecided) > _SHOWN:
        click.echo(f"... and {len(found.undecided) - _SHOWN:,} more; --json lists all", err=True)
