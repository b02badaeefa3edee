"""`newsletter digest show`."""

import json
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.digest import AS_OF, NAME, asked_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.announcement.announcement import Announcement
    from newsletter.issue.selecting import Placed
    from newsletter.workspace.pool import Pool


@click.command("show", short_help="Show what is in a digest, what is not, and why.")
@NAME
@AS_OF
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, name: str | None, as_of: str | None, as_json: bool) -> None:
    """Show every announcement of the pool: where it stands in the digest, or why it does not."""
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.pool import pool_of

    with open_workspace(workspace) as opened:
        pool = pool_of(opened, asked_for(opened, name, as_of))
    if as_json:
        click.echo(json.dumps(_json(pool), indent=2, ensure_ascii=False))
        return
    for line in _lines(pool):
        click.echo(line)


def _lines(pool: "Pool") -> "Iterator[str]":
    from newsletter.cli.show import near, plural

    selected = pool.selected
    when = f"{pool.at:%Y-%m-%d %H:%M %Z}"
    moved = "" if pool.day == pool.at.date() else f", moved from {pool.day}"
    yield click.style(f"{pool.slug} as of {when}{moved}", bold=True)
    leads = selected.leads[:1]
    if leads:
        yield "lead"
        yield from (f"  {_line(each, pool)}" for each in leads)
    for rule, placed in selected.sections:
        yield f"{rule.heading or rule.name} ({rule.part})"
        yield from (f"  {_line(each, pool)}" for each in placed)
    yield click.style(plural(len(selected.placed), "announcement"), bold=True)
    if selected.left:
        yield "not in it"
    for left in selected.left:
        note = f": {left.note}" if left.note else ""
        yield f"  {left.entrant.slug:<28} {left.reason}{note}"
    for each in (pool.issue_file, pool.decisions_file):
        if each.exists():
            yield f"edited in {near(str(each))}"


def _line(placed: "Placed", pool: "Pool") -> str:
    from newsletter.announcement.pooled import USUAL

    written = placed.entrant.announcement
    told, rolled = pool.told.get(placed.slug, 0), pool.rolled.get(placed.slug, "")
    said = (
        (f"priority {written.pooled.priority}", written.pooled.priority != USUAL),
        (f"for {', '.join(written.segments)}", bool(written.segments)),
        (f"rolled over from {rolled}", bool(rolled)),
        (f"{told:,} of {pool.listed:,} were told", bool(told)),
        (f"until {written.pooled.expires}", written.pooled.expires is not None),
        (str(placed.decision), placed.decision is not None),
    )
    notes = "; ".join(words for words, is_so in said if is_so)
    return f"{placed.slug:<28} {placed.entry.title}{f'  [{notes}]' if notes else ''}"


def _json(pool: "Pool") -> dict[str, object]:
    selected = pool.selected
    return {
        "digest": pool.rules.name,
        "issue": pool.slug,
        "as_of": pool.at.isoformat(),
        "day": pool.day.isoformat(),
        "listed": pool.listed,
        "leads": [each.slug for each in selected.leads],
        "announcements": [
            {
                **_facts(each.entrant.announcement),
                "section": each.section.name,
                "told": pool.told.get(each.slug, 0),
                "rolled_over": pool.rolled.get(each.slug),
                "decision": str(each.decision) if each.decision else None,
            }
            for each in selected.placed
        ],
        "left": [
            {
                **_facts(each.entrant.announcement),
                "reason": each.reason.value,
                "note": each.note,
                "told": pool.told.get(each.entrant.slug, 0),
            }
            for each in selected.left
        ],
    }


def _facts(written: "Announcement") -> dict[str, object]:
    said = written.pooled
    return {
        "announcement": written.slug,
        "title": written.title,
        "path": written.path,
        "segments": list(written.segments),
        "priority": said.priority,
        "owner": said.owner.name if said.owner else None,
        "deadline": said.deadline.isoformat() if said.deadline else None,
        "expires": said.expires.isoformat() if said.expires else None,
    }
