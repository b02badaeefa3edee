"""`newsletter status`."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.exits import Exit

if TYPE_CHECKING:
    from newsletter.ledger.decisions import Decision
    from newsletter.ledger.dispatches import Dispatch
    from newsletter.report.standing import Standing


@click.command("status", short_help="Show the dispatches and their balance.")
@click.argument("dispatch", type=int, required=False)
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, dispatch: int | None, as_json: bool) -> None:
    """Show every dispatch and its balance, or one of them in full.

    With a number, the exit code tells how that dispatch stands.
    """
    from newsletter.cli.deliver import exit_of
    from newsletter.cli.find import find
    from newsletter.cli.show import show_balance
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.decisions import decisions_of
    from newsletter.ledger.dispatches import balance_of, remarks_of
    from newsletter.report.standing import Standing, standings

    with open_workspace(workspace) as opened:
        if dispatch is None:
            rows = standings(opened.ledger)
            if as_json:
                click.echo(json.dumps([row.as_json() for row in rows], indent=2))
            elif not rows:
                click.echo("no dispatch so far; plan one with `newsletter send FILE`", err=True)
            else:
                _show_table(rows)
            sys.exit(Exit.DONE)
        found = find(opened, dispatch)
        standing = Standing(found, balance_of(opened.ledger, found))
        decided = decisions_of(opened.ledger, found.id)
        if as_json:
            shown = {**standing.as_json(), "decisions": [asdict(each) for each in decided]}
            click.echo(json.dumps(shown, indent=2))
        else:
            show_balance(found, standing.balance)
            _show_course(found, decided)
            for remark in remarks_of(opened.ledger, found):
                click.echo(f"    {remark.state.value}: {remark.address}: {remark.note}")
        sys.exit(exit_of(standing.balance))


def _show_course(of: "Dispatch", decided: "tuple[Decision, ...]") -> None:
    for decision in decided:
        click.echo(f"    {_told(decision)}")
    if of.course_note:
        click.echo(f"    {of.course.value}: {of.course_note}")


def _told(decision: "Decision") -> str:
    """Say who decided what, and when."""
    about = f": {decision.deliveries:,} deliveries" if decision.deliveries else ""
    when = decision.at[:16].replace("T", " ")
    return f"{_DECIDED[decision.act.value]} by {decision.author}, {when} UTC{about}"


_DECIDED = {
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "undo": "taken back",
    "assume sent": "assumed to be sent",
    "resend": "sent again",
}


def _show_table(rows: "tuple[Standing, ...]") -> None:
    table = [_HEADING, *(_row(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    for line in table:
        cells = [
            cell.ljust(width) if heading in _WORDS else cell.rjust(width)
            for cell, width, heading in zip(line, widths, _HEADING, strict=True)
        ]
        click.echo("  ".join(cells))


_WORDS = ("issue", "through", "opened")
_NUMBERS = ("listed", "excluded", "accepted", "rejected", "unsure", "pending")
_HEADING = ("", *_WORDS, *_NUMBERS)


def _row(row: "Standing") -> tuple[str, ...]:
    of = row.dispatch
    kind = " (proof)" if of.kind == "proof" else ""
    opened = of.opened[:16].replace("T", " ")
    numbers = (f"{getattr(row.balance, name):,}" for name in _NUMBERS)
    return (str(of.id), of.slug + kind, of.provider, opened, *numbers)
