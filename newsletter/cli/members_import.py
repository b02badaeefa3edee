"""`newsletter members import`: a new export is looked at, and taken over when somebody says so."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.errors import Refused

if TYPE_CHECKING:
    from newsletter.ledger.incoming import Incoming
    from newsletter.workspace.workspace import Workspace

_SHOWN = 5
"""Lines of each kind."""


@click.command("import", short_help="Look at a new export, and take it over.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only look; nothing is changed.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.option(
    "--yes-to", type=int, metavar="N", help="Confirm the number of members after a sudden shrink."
)
@options.JSON
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: Path,
    dry_run: bool,
    is_sure: bool,
    yes_to: int | None,
    as_json: bool,
) -> None:
    """Show what is in FILE (CSV, TSV or Excel) and what would change; then make it the list.

    Nothing is taken over before somebody says yes. Whoever unsubscribed, bounced or complained
    stays away, whatever FILE says of them.
    """
    from newsletter.cli.workspace import open_workspace
    from newsletter.ledger.incoming import examine
    from newsletter.workspace.taking import broken_by

    with open_workspace(workspace) as opened:
        settings = opened.settings
        with opened.counting("reading members") as progress:
            incoming = examine(
                opened.ledger,
                file.resolve(),
                opened.clock.now(),
                wanted=settings.members_wanted,
                progress=progress,
            )
        broken = broken_by(opened, incoming)
        if as_json:
            click.echo(json.dumps(_as_json(incoming, broken), indent=2, ensure_ascii=False))
        else:
            _show(incoming, broken, file)
        if dry_run:
            return
        _confirm(opened, incoming, is_sure=is_sure, yes_to=yes_to)
        _take_over(opened, incoming)


def _take_over(opened: "Workspace", incoming: "Incoming") -> None:
    from newsletter.cli.show import near, plural
    from newsletter.workspace.taking import take_over

    found = take_over(opened, incoming)
    click.echo(f"{near(found.path)} is the list now: {plural(found.rows, 'row')}", err=True)


def _confirm(
    opened: "Workspace", incoming: "Incoming", *, is_sure: bool, yes_to: int | None
) -> None:
    from newsletter.ledger.members import shrinks

    usable = incoming.found.usable
    if shrinks(incoming.known, incoming.found, opened.settings.members_wanted.shrink):
        before = incoming.known.usable if incoming.known else 0
        click.echo(f"The list would shrink from {before:,} members to {usable:,}.", err=True)
        if yes_to is None and not sys.stdin.isatty() and is_sure:
            raise Refused(
                "nobody is there to confirm so sudden a shrink",
                hint=f"look whether the export is whole, and give --yes-to {usable}",
            )
        typed = yes_to
        if typed is None:
            typed = click.prompt("Type how many members it will have", type=int, err=True)
        if typed != usable:
            raise Refused(
                f"the list would have {usable:,} members, not {typed:,}; nothing was changed",
                hint="look whether the export is whole",
            )
    elif not is_sure and yes_to is None:
        click.confirm("Make it the list?", abort=True, err=True)


def _show(incoming: "Incoming", broken: tuple[str, ...], file: Path) -> None:
    from newsletter.cli.members import is_guess, written_as
    from newsletter.cli.show import near, plural

    found, path = incoming.found, near(str(file))
    written = written_as(found.encoding, found.delimiter)
    click.echo(f"{found.rows:>8,}  {'row' if found.rows == 1 else 'rows'} in {path} ({written})")
    for kind, count in incoming.doctor.counts.items():
        click.echo(f"{count:>8,}  {kind.value}")
    shown: dict[str, int] = {}
    for note in incoming.doctor.notes():
        shown[note.kind] = shown.get(note.kind, 0) + 1
        if shown[note.kind] <= _SHOWN:
            click.echo(f"{path}:{note.line}: {note.words}", err=True)
    for kind, count in incoming.doctor.counts.items():
        if count > _SHOWN:
            click.echo(f"... and {plural(count - _SHOWN, 'more row')}: {kind.value}", err=True)
    if is_guess(found.encoding):
        click.echo(f"{path}: does not say how its letters are written; {written} fits", err=True)
        click.echo("  hint: check the names with accents before you say yes", err=True)
    if not found.rows:
        click.echo(f"{path}: there is no member below the heading", err=True)
        click.echo("  hint: export the list again", err=True)
    _show_guesses(incoming)
    _show_changes(incoming, broken)


def _show_guesses(incoming: "Incoming") -> None:
    guessed = incoming.file.heading.guessed
    if guessed:
        click.echo("columns were taken for ours by their names; to say it for good, or otherwise,")
        click.echo("put this into newsletter.toml:\n")
        click.echo("    [members.columns]")
        for ours, heading in guessed.items():
            # A heading may hold quotation marks; JSON's text is TOML's, too.
            click.echo(f"    {ours} = {json.dumps(heading, ensure_ascii=False)}")
        click.echo()


def _show_changes(incoming: "Incoming", broken: tuple[str, ...]) -> None:
    from newsletter.workspace.taking import columns_moved

    changes = incoming.changes
    if incoming.known is None:
        click.echo("this is the first list")
    else:
        click.echo(f"{changes.added:>+8,}  added")
        click.echo(f"{-changes.gone:>8,}  gone")
        click.echo(f"{changes.changed:>8,}  changed")
        for name, count in changes.columns.items():
            click.echo(f"{count:>12,}  in {name}")
        came, went = columns_moved(incoming)
        if came:
            click.echo(f"new columns: {', '.join(came)}")
        if went:
            click.echo(f"columns that are gone: {', '.join(went)}")
    for each in broken:
        click.echo(f"would break: {each}", err=True)


def _as_json(incoming: "Incoming", broken: tuple[str, ...]) -> dict[str, object]:
    from newsletter.workspace.taking import columns_moved

    found, changes = incoming.found, incoming.changes
    came, went = columns_moved(incoming)
    return {
        "path": found.path,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "columns": {name: held.value for name, held in found.columns.items()},
        "guessed": dict(incoming.file.heading.guessed),
        "rows": found.rows,
        "usable": found.usable,
        "counts": {kind.value: count for kind, count in incoming.doctor.counts.items()},
        "notes": [
            {"line": note.line, "kind": note.kind.value, "words": note.words}
            for note in incoming.doctor.notes()
        ],
        "added": changes.added,
        "gone": changes.gone,
        "changed": changes.changed,
        "changed_columns": dict(changes.columns),
        "new_columns": list(came),
        "lost_columns": list(went),
        "breaks": list(broken),
    }
