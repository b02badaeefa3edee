"""`newsletter members`."""

import json
from typing import TYPE_CHECKING

import click

from newsletter.audience.encoding import GUESSES, SHOWN
from newsletter.audience.listfile import WORKBOOK
from newsletter.cli import members_export, members_import, options, personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.ledger.members import MemberList
    from newsletter.ledger.summary import AudienceSummary

_SHOWN = 20
_KEPT = 1_000
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@click.group(
    "members",
    short_help="Show how many members there are, and what is wrong.",
    invoke_without_command=True,
)
@options.JSON
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Show how many members there are, from where, and which lines of the file are wrong."""
    if context.invoked_subcommand is None:
        _list(context.obj, as_json=as_json)


command.add_command(members_import.command)
command.add_command(members_export.command)
command.add_command(personal.record)
command.add_command(personal.forget)


def _list(workspace: str | None, *, as_json: bool) -> None:
    from newsletter.cli.workspace import open_workspace
    from newsletter.dispatch.plan import audience
    from newsletter.ledger.duplicates import EVERYBODY, duplicates_of

    with open_workspace(workspace) as opened:
        found = opened.members()
        summary = audience(opened.ledger, EVERYBODY)
        twins = duplicates_of(opened.ledger, _KEPT)
    faults = sorted([*found.faulty, *((line, f"is a duplicate {of}") for line, of in twins)])
    if as_json:
        click.echo(json.dumps(_as_json(found, summary, faults), indent=2, ensure_ascii=False))
        return
    _show(found, summary, faults)


def _as_json(
    found: "MemberList", summary: "AudienceSummary", faults: "Sequence[tuple[int, str]]"
) -> dict[str, object]:
    return {
        "path": found.path,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "columns": {name: held.value for name, held in found.columns.items()},
        "rows": found.rows,
        "excluded": dict(summary.excluded),
        "mailable": summary.recipients,
        "faults": [{"line": line, "fault": fault} for line, fault in faults],
    }


def _show(
    found: "MemberList", summary: "AudienceSummary", faults: "Sequence[tuple[int, str]]"
) -> None:
    from newsletter.cli.show import near, plural

    path = near(found.path)
    written = written_as(found.encoding, found.delimiter)
    click.echo(f"{found.rows:>8,}  {'row' if found.rows == 1 else 'rows'} in {path} ({written})")
    for reason, count in sorted(summary.excluded.items(), key=lambda pair: -pair[1]):
        click.echo(f"{-count:>8,}  {reason}")
    click.echo(f"{summary.recipients:>8,}  can be mailed")
    for line, fault in faults[:_SHOWN]:
        click.echo(f"{path}:{line}: {fault}", err=True)
    if len(faults) > _SHOWN:
        click.echo(f"... and {plural(len(faults) - _SHOWN, 'more fault')}", err=True)
    if is_guess(found.encoding):
        name = SHOWN[found.encoding]
        click.echo(f"{path}: is not UTF-8, and was read as {name}", err=True)
        click.echo("  hint: check the names with accents, or export the list as UTF-8", err=True)
    if not found.rows:
        click.echo(f"{path}:2: there is no member below the heading", err=True)
        click.echo("  hint: export the list again", err=True)
    click.echo("columns: " + ", ".join(f"{n} ({t.value})" for n, t in found.columns.items()))


def written_as(encoding: str, delimiter: str) -> str:
    """Say how a list is written: `UTF-8, commas`."""
    if encoding == WORKBOOK:
        return "Excel"
    separated = _DELIMITERS.get(delimiter, f"separated by {delimiter!r}")
    return f"{SHOWN.get(encoding, encoding)}, {separated}"


def is_guess(encoding: str) -> bool:
    """Tell whether nobody can be sure that a list is written so."""
    return encoding in GUESSES
