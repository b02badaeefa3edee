"""`newsletter members export`: what the association's own system should know."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.errors import Refused

if TYPE_CHECKING:
    from newsletter.ledger.database import Ledger

_HEADING = ("member_id", "email", "status", "detail", "since", "source")


@click.command("export", short_help="Write who left, bounced or complained, for your own system.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--excel", is_flag=True, help="Begin with a byte order mark, as Excel wants it.")
@click.option("--replace", is_flag=True, help="Write over FILE if it is there.")
@click.pass_obj
def command(workspace: str | None, *, file: Path, excel: bool, replace: bool) -> None:
    """Write everybody who is not mailed everything to FILE (CSV), with reason and day."""
    from newsletter.cli.show import plural
    from newsletter.cli.workspace import open_workspace

    with open_workspace(workspace) as opened:
        if file.resolve() == opened.settings.members_file.resolve():
            raise Refused("that is the list itself", hint="choose another file")
        opened.members()
        count = _write(opened.ledger, file, "utf-8-sig" if excel else "utf-8", replace=replace)
    click.echo(f"{plural(count, 'row')} written to {file}", err=True)
    if count:
        click.echo("  hint: these are personal data; delete the file once it is taken in", err=True)


def _write(ledger: "Ledger", file: Path, encoding: str, *, replace: bool) -> int:
    from dataclasses import astuple

    from newsletter.audience.safecsv import write_csv
    from newsletter.ledger.writeback import standings

    def private(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)  # personal data: for its owner alone

    try:
        mode = "w" if replace else "x"
        with open(file, mode, encoding=encoding, newline="", opener=private) as stream:
            return write_csv(stream, _HEADING, (astuple(each) for each in standings(ledger)))
    except FileExistsError as reason:
        raise Refused(f"{file} is there already", hint="add --replace to write over it") from reason
    except OSError as reason:
        raise Refused(
            f"{file} cannot be written: {reason.strerror}", hint="choose another place"
        ) from reason
