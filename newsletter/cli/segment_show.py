"""`newsletter segments show`."""

import json
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from newsletter.audience.segment import Segment
    from newsletter.ledger.listed import Listed
    from newsletter.workspace.workspace import Workspace

_SAMPLE = 5


@click.command("show", short_help="Show who is in a segment, and why.")
@click.argument("name")
@click.option("--why", "who", metavar="MEMBER", help="Why a member id or address is in it, or not.")
@options.JSON
@click.pass_obj
def show(workspace: str | None, *, name: str, who: str | None, as_json: bool) -> None:
    """Show how many are in the segment NAME, some of them, and with --why each claim of its rule.

    Rows that cannot be mailed count, too: whom an issue reaches is told by its dry run.
    """
    from newsletter.audience.segment import check_segments, find_segments, reached
    from newsletter.cli.workspace import open_workspace

    with open_workspace(workspace) as opened:
        columns = opened.members().columns
        segments = opened.segments()
        (segment,) = find_segments(segments, [name])
        check_segments(reached(segments, [name]), columns)
        shown = _whole(opened, segment) if who is None else _reasons(opened, segment, who)
    if as_json:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    elif who is None:
        _write_whole(shown)
    else:
        _write_reasons(shown)


def _whole(workspace: "Workspace", segment: "Segment") -> dict[str, Any]:
    from newsletter.ledger.listed import count_members, sample_of

    return {
        "name": segment.name,
        "title": segment.title,
        "rule": segment.text,
        "members": count_members(workspace.ledger, segment),
        "sample": [_row(each) for each in sample_of(workspace.ledger, segment, _SAMPLE)],
    }


def _reasons(workspace: "Workspace", segment: "Segment", who: str) -> dict[str, Any]:
    from newsletter.errors import Refused
    from newsletter.ledger.listed import find_listed

    found = find_listed(workspace.ledger, who)
    if not found:
        raise Refused(
            f"{who!r} is not in the list", hint="give a member id or an address of the list"
        )
    return {
        "name": segment.name,
        "rule": segment.text,
        "rows": [_reason(workspace, segment, each) for each in found],
    }


def _reason(workspace: "Workspace", segment: "Segment", row: "Listed") -> dict[str, Any]:
    from newsletter.audience.rule import Among, Comparison, Contains, IsEmpty, parts_of
    from newsletter.audience.rulewords import words_of
    from newsletter.ledger.listed import holds_for

    parts = tuple(parts_of(segment.rule))
    whole, *each = holds_for(workspace.ledger, row.line, (segment.rule, *parts))
    claims = []
    for part, holds in zip(parts, each, strict=True):
        claim: dict[str, Any] = {"claim": words_of(part), "holds": holds}
        if isinstance(part, Comparison | Among | Contains | IsEmpty):
            claim["value"] = row.attributes.get(part.column, "")
        claims.append(claim)
    return {**_row(row), "is_in": whole, "claims": claims}


def _row(row: "Listed") -> dict[str, Any]:
    return {"line": row.line, "member_id": row.member_id, "name": row.name, "address": row.address}


def _write_whole(shown: dict[str, Any]) -> None:
    click.secho(f"{shown['title']} ({shown['name']})", bold=True)
    click.echo(f"  {shown['rule']}")
    click.echo(f"{shown['members']:>8,}  in it today")
    for row in shown["sample"]:
        _write_row(row)


def _write_row(row: dict[str, Any]) -> None:
    click.echo(f"    line {row['line']:>6}  {row['member_id']}  {row['name']} <{row['address']}>")


def _write_reasons(shown: dict[str, Any]) -> None:
    for row in shown["rows"]:
        _write_row(row)
        click.echo(f"      is {'' if row['is_in'] else 'not '}in {shown['name']}: {shown['rule']}")
        for each in row["claims"]:
            held = f"; the list has {each['value']!r}" if "value" in each else ""
            click.echo(f"      {'yes' if each['holds'] else 'no ':<4} {each['claim']}{held}")
