"""`newsletter segments`."""

import json
from typing import TYPE_CHECKING

import click

from newsletter.cli import options, segment_show
from newsletter.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.audience.rule import Rule
    from newsletter.ledger.database import Ledger


@click.group(
    "segments",
    short_help="Show each segment, its rule and its count today.",
    invoke_without_command=True,
)
@options.JSON
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Show each segment, its rule and its count today."""
    if context.invoked_subcommand is None:
        _list(context.obj, as_json=as_json)


command.add_command(segment_show.show)


def _list(workspace: str | None, *, as_json: bool) -> None:
    from newsletter.audience.segment import check_segments
    from newsletter.cli.show import nearer
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.listed import count_members

    with open_workspace(workspace) as opened:
        members = opened.members()
        segments = opened.segments()
        check_segments(segments.values(), members.columns)
        counts = {name: count_members(opened.ledger, segment) for name, segment in segments.items()}
        hints = {
            name: list(_hints(opened.ledger, segment.rule))
            for name, segment in segments.items()
            if not counts[name]
        }
    if as_json:
        rows = [
            {"name": s.name, "title": s.title, "rule": s.text, "members": counts[s.name]}
            for s in segments.values()
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(name) for name in segments), default=0)
    for name, segment in segments.items():
        click.echo(f"{counts[name]:>8,}  {name:<{width}}  {segment.text}")
        for hint in hints.get(name, ()):
            click.echo(f"{nearer(segment.at)}: nobody is in {name!r}\n  hint: {hint}", err=True)
    click.echo(f"{members.rows:>8,}  in the list", err=True)


def _hints(ledger: "Ledger", rule: "Rule") -> "Iterator[str]":
    """Say which values the list has where the rule names one that it has not."""
    from newsletter.audience.rule import Among, Comparison, claims
    from newsletter.ledger.listed import sample_values

    for claim in claims(rule):
        if not isinstance(claim, Comparison | Among):
            continue
        values = claim.values if isinstance(claim, Among) else (claim.value,)
        held = sample_values(ledger, claim.column)
        for value in values:
            if isinstance(value, str) and value not in held:
                near = closest(value, held)
                shown = repr(near) if near else ", ".join(map(repr, held[:5]))
                yield f"look at {value!r}: in {claim.column!r} the list has {shown}"
