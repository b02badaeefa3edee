"""`newsletter convert`."""

from pathlib import Path

import click


@click.command("convert", short_help="Turn a Word document into Markdown.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file; beside FILE if not given.")
def command(file: Path, out: Path | None) -> None:
    """Turn a Word document into Markdown, with its pictures in a folder beside it.

    Nothing is overwritten. What Word holds that an email cannot is told as findings. There is no
    need to convert: every command reads .docx files as they are.
    """
    from newsletter.cli.show import show_findings
    from newsletter.workspace.converting import convert

    target = out or file.with_suffix(".md")
    word = convert(file, target)
    show_findings(word.findings)
    click.echo(f"wrote {target}", err=True)
