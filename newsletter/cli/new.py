"""`newsletter new`."""

from pathlib import Path

import click


@click.command("new", short_help="Make a workspace for a society of your own.")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make a workspace in FOLDER: settings, themes, sample announcements and sample members.

    Nothing is overwritten: the folder must not exist or be empty.
    """
    from newsletter.cli.sample import copy_sample

    copy_sample(folder)
    click.echo(f"made {folder}. Next:", err=True)
    click.echo(f"  cd {folder}", err=True)
    click.echo(
        "  edit newsletter.toml            your society's name, colours, addresses", err=True
    )
    click.echo("  newsletter preview announcements/travel-awards.md", err=True)
    click.echo("  put your members into recipients/members.csv (it stays out of git)", err=True)
