"""`newsletter dispatch watch`."""

import json
import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.report.progress import Progress

_SECONDS = 1.0
_SECONDS_A_LINE = 5.0
"""Where nobody sees it being drawn, fewer words say as much."""


@click.command("watch", short_help="Show live how a dispatch gets on.")
@click.argument("dispatch", type=int)
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, dispatch: int, as_json: bool) -> None:
    """Show live how a dispatch gets on, whoever sends it and on whatever machine.

    It ends with the dispatch, or when that is paused, and its exit code tells how it stands.
    Ctrl-C ends the watching only. Where nobody looks at a terminal it writes a line now and then,
    and with --json an object a second.
    """
    from newsletter.cli.deliver import exit_of
    from newsletter.cli.find import find
    from newsletter.cli.screen import is_terminal
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.dispatches import balance_of
    from newsletter.workspace.watching import watch

    with open_workspace(workspace) as opened:
        found = find(opened, dispatch)
        is_drawn = is_terminal() and not as_json
        looks = watch(opened, found, _SECONDS if as_json or is_drawn else _SECONDS_A_LINE)
        try:
            if as_json:
                _write_json(looks)
            elif is_drawn:
                _draw(looks)
            else:
                _write_lines(looks)
        except KeyboardInterrupt:
            click.echo("no longer watching; the dispatch goes on as it did", err=True)
        sys.exit(exit_of(balance_of(opened.ledger, found)))


def _draw(looks: "Iterator[Progress]") -> None:
    from newsletter.cli.board import draw
    from newsletter.cli.screen import columns, screen

    with screen() as drawn:
        for progress in looks:
            drawn.show(draw(progress, columns()))


def _write_lines(looks: "Iterator[Progress]") -> None:
    from newsletter.cli.board import line

    for progress in looks:
        click.echo(line(progress))


def _write_json(looks: "Iterator[Progress]") -> None:
    for progress in looks:
        click.echo(json.dumps(progress.as_json()))
