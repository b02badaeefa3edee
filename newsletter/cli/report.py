"""`newsletter report`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from newsletter.report.outcome import Outcome
    from newsletter.report.wording import Row

_BAR = 24
"""Letters."""
_MOST_STEPS = 12


@click.command("report", short_help="Show what became of a dispatch.")
@click.argument("dispatch", type=int)
@click.option("--page", metavar="FILE", help="Write one HTML page with plots, to pass on.")
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, dispatch: int, page: str | None, as_json: bool) -> None:
    """Show what became of a dispatch: who got it, who did not and why, who left.

    No report names a member.
    """
    from newsletter.cli.find import find
    from newsletter.cli.workspace import open_workspace
    from newsletter.report.outcome import outcome_of
    from newsletter.report.page import write_page

    with open_workspace(workspace) as opened:
        now = opened.clock.now()
        zone = now.astimezone().tzinfo
        found = find(opened, dispatch)
        outcome = outcome_of(opened.ledger, found, opened.settings.feedback, now)
        brand = opened.settings.brand
    if page:
        _write(Path(page), write_page(outcome, brand, zone))
    if as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False))
    elif not page:
        _show(outcome, zone)


def _write(path: Path, text: str) -> None:
    from newsletter.errors import Refused

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as reason:
        raise Refused(
            f"{path} cannot be written: {reason.strerror or reason}", hint="choose another file"
        ) from reason
    click.echo(f"wrote {path}", err=True)


def _show(outcome: "Outcome", zone: "tzinfo | None") -> None:
    from newsletter.cli.show import show_balance
    from newsletter.report import wording

    show_balance(outcome.dispatch, outcome.balance)
    for remark in wording.remarks(outcome):
        click.secho(f"  {remark}", fg="yellow")
    if outcome.is_told:
        _rows("what became of the accepted", wording.arrival(outcome))
        _rows("why it did not arrive", wording.causes(outcome))
        _domains(outcome)
    _rows("who wished for less", wording.wishes(outcome))
    _over_time(outcome, zone)
    _seen(outcome)


def _rows(title: str, rows: "Sequence[Row]") -> None:
    if not rows:
        return
    click.secho(f"\n{title}", bold=True)
    width = max(len(row.words) for row in rows)
    for row in rows:
        bar = _bar(row.width)
        click.echo(f"  {row.words:<{width}}  {row.count:>9,}  {row.share:>8}  {bar}".rstrip())


def _domains(outcome: "Outcome") -> None:
    from newsletter.report.plot import share

    failing = [each for each in outcome.domains if each.failed]
    _table(
        "where it did not arrive",
        ("domain", "recipients", "not arrived", "of them"),
        [
            (
                each.name,
                f"{each.recipients:,}",
                f"{each.failed:,}",
                share(each.failed, each.recipients),
            )
            for each in failing
        ],
    )


def _over_time(outcome: "Outcome", zone: "tzinfo | None") -> None:
    from newsletter.report.wording import moment

    points = outcome.timeline.points
    every = max(-(-len(points) // _MOST_STEPS), 1)
    heading = ("up to", "accepted", "delivered")[: 3 if outcome.is_told else 2]
    rows = [
        (moment(each.at, zone, outcome.timeline.step), f"{each.accepted:,}", f"{each.delivered:,}")
        for each in reversed(points[::-1][::every])
    ]
    _table("over time", heading, [row[: len(heading)] for row in rows])
    if outcome.timeline.later:
        click.echo(f"  {outcome.timeline.later:,} more arrived later")


def _seen(outcome: "Outcome") -> None:
    kinds = (("opened", outcome.opens), ("clicked", outcome.clicks))
    rows = [(word, f"{of.people:,}", f"{of.machines:,}") for word, of in kinds if of]
    links = [
        (each.url, f"{each.clicks.people:,}", f"{each.clicks.machines:,}")
        for each in outcome.links[:_MOST_STEPS]
    ]
    heading = ("opened and clicked", "people", "machines")
    _table("opened and clicked (which were people is an estimate)", heading, [*rows, *links])


def _table(title: str, heading: "Sequence[str]", rows: "Iterable[Sequence[str]]") -> None:
    kept = list(rows)
    if not kept:
        return
    click.secho(f"\n{title}", bold=True)
    columns = list(zip(heading, *kept, strict=True))
    widths = [max(map(len, column)) for column in columns]
    for line in (heading, *kept):
        first, *rest = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        click.echo("  " + "  ".join((first, *rest)))


def _bar(percent: float) -> str:
    if not sys.stdout.isatty():
        return ""  # a script or a file has the number
    return "█" * round(percent / 100 * _BAR) or ("▏" if percent else "")
