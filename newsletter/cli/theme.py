"""`newsletter theme`."""

from pathlib import Path

import click


@click.group("theme", short_help="List the themes, or make one of your own.")
def command() -> None:
    """List the themes of the workspace, or copy one to change.

    docs/themes.md tells what the files of a theme are.
    """


@command.command("list", short_help="Show each theme and what it is for.")
@click.pass_obj
def show(workspace: str | None) -> None:
    """Show each theme and what it is for."""
    from newsletter.compose.themefiles import ThemeFiles, theme_names
    from newsletter.compose.themesettings import read_theme_settings
    from newsletter.errors import ThemeError

    templates = _templates(workspace)
    names = theme_names(templates)
    width = max(map(len, names), default=0)
    for name in names:
        try:
            about = read_theme_settings(ThemeFiles.of(templates, name)).about
        except ThemeError as problem:
            about = f"cannot be used: {problem.problem}"
        click.echo(f"{name:{width}}  {about}".rstrip())


@command.command("new", short_help="Copy a theme, to change it.")
@click.argument("name")
@click.option(
    "--from",
    "origin",
    default="announcement",
    show_default=True,
    metavar="THEME",
    help="The theme to copy.",
)
@click.pass_obj
def new(workspace: str | None, *, name: str, origin: str) -> None:
    """Copy a theme into templates/NAME, to change it.

    A copy is small: what all themes have in common stays in templates/shared. Nothing is
    overwritten.
    """
    target = copy_theme(_templates(workspace), name, origin)
    click.echo(f"made {target}. Next:", err=True)
    click.echo(f"  write theme: {name} on top of an announcement", err=True)
    click.echo("  newsletter preview FILE       and change the theme while you look", err=True)


def copy_theme(templates: Path, name: str, origin: str) -> Path:
    """Copy the theme `origin` of the folder `templates` to a theme `name` beside it.

    Raises:
        ThemeError: there is no theme `origin`.
        Refused: `name` cannot be a theme, is there already, or cannot be written.
    """
    import shutil

    from newsletter.compose.themefiles import NAME, SHARED, find_theme
    from newsletter.errors import Refused

    found = find_theme(templates, origin)
    target = templates / name
    if not NAME.fullmatch(name) or name == SHARED:
        hint = "use letters, digits, - and _, and begin with a letter or digit"
        raise Refused(f"{name!r} cannot be the name of a theme", hint=hint)
    if target.exists():
        raise Refused(f"{target} exists already", hint="choose another name")
    try:
        shutil.copytree(found.own, target, ignore=shutil.ignore_patterns(".*"))
    except OSError as reason:
        raise Refused(
            f"{target} cannot be made: {reason}", hint="see that you may write there"
        ) from reason
    return target


def _templates(workspace: str | None) -> Path:
    from newsletter.workspace.settings import find_workspace

    return find_workspace(Path(workspace).resolve() if workspace else Path.cwd()) / "templates"
