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
    from newsletter.announcement.docx import SUFFIX, read_docx
    from newsletter.cli.show import show_findings
    from newsletter.errors import Refused

    if file.suffix.lower() != SUFFIX:
        raise Refused(f"{file} is no {SUFFIX} file", hint="name a Word document")
    word = read_docx(str(file))
    target = out or file.with_suffix(".md")
    folder = target.with_name(f"{target.stem}-images")
    if target.exists() or (word.images and folder.exists()):
        raise Refused(
            f"{target if target.exists() else folder} exists already",
            hint="choose another file with --out",
        )
    markdown = word.markdown
    try:
        for name, content in word.images.items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            markdown = markdown.replace(f"]({name})", f"]({folder.name}/{name})")
        target.write_text(markdown, encoding="utf-8")
    except OSError as reason:
        raise Refused(
            f"{target} cannot be written: {reason.strerror}", hint="choose another file with --out"
        ) from reason
    show_findings(word.findings)
    click.echo(f"wrote {target}", err=True)
