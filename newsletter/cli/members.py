"""`newsletter members`."""

import json

import click

from newsletter.cli import options

_SHOWN = 20


@click.command("members", short_help="Show how many members there are, and what is wrong.")
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, as_json: bool) -> None:
    """Show how many members there are, from where, and which lines of the file are wrong."""
    from newsletter.cli.show import plural
    from newsletter.cli.workspace import open_workspace

    with open_workspace(workspace) as opened:
        found = opened.members()
    if as_json:
        columns = {name: held.value for name, held in found.columns.items()}
        click.echo(
            json.dumps(
                {
                    "path": found.path,
                    "encoding": found.encoding,
                    "delimiter": found.delimiter,
                    "columns": columns,
                    "rows": found.rows,
                    "faults": [{"line": line, "fault": fault} for line, fault in found.faulty],
                },
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    delimiter = {"\t": "tabs"}.get(found.delimiter, repr(found.delimiter))
    click.echo(f"{found.rows:>8,}  rows in {found.path} ({found.encoding}, {delimiter})")
    click.echo(f"{found.rows - found.faults:>8,}  can be mailed")
    for line, fault in found.faulty[:_SHOWN]:
        click.echo(f"{found.path}:{line}: {fault}", err=True)
    if found.faults > _SHOWN:
        click.echo(f"... and {plural(found.faults - _SHOWN, 'more fault')}", err=True)
    click.echo("columns: " + ", ".join(f"{n} ({t.value})" for n, t in found.columns.items()))
