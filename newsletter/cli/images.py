"""`newsletter images`."""

from pathlib import Path

import click

from newsletter.cli import options


@click.command("images", short_help="Write the images of an announcement, to upload them.")
@options.FILE
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Where to write them; made if it is not there.",
)
@click.pass_obj
def command(workspace: str | None, *, file: str, out: Path) -> None:
    """Write the images of an announcement under the names that the email calls them by.

    Upload them to the folder that base_url of [images] in newsletter.toml names before you send:
    readers load them from there. A name changes with its content, so images that were uploaded
    once can stay where they are.
    """
    from newsletter.cli.show import plural, show_findings
    from newsletter.cli.workspace import open_workspace
    from newsletter.issue.issue import Variant
    from newsletter.workspace.images import write_images
    from newsletter.workspace.prepare import compile_variants, prepare
    from newsletter.workspace.understand import Task

    with open_workspace(workspace) as opened:
        issue = prepare(opened, Task(file=file, again=True)).plan.issue
        # The variant that shows every block has every image of the others.
        compiled = compile_variants(opened, issue, (Variant((True,) * len(issue.blocks)),))
        show_findings(each for each in compiled.findings if each.code.startswith("image-"))
        written = write_images(compiled.images, out)
        for path in written:
            click.echo(path)
        images = plural(len(written), "image")
        click.echo(f"{images}, to be reachable under {opened.settings.image_url}", err=True)
