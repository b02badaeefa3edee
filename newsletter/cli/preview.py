"""`newsletter preview`."""

import webbrowser
from pathlib import Path

import click

from newsletter.cli import options


@click.command("preview", short_help="Show an announcement in the browser as members will get it.")
@options.FILE
@options.SUBJECT
@options.SEGMENT
@options.EXCLUDE
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write static files instead."
)
@click.option("--port", default=0, help="On 127.0.0.1; a free one if not given.")
@click.option("--open/--no-open", "is_opening", default=True, help="Open the browser.")
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    file: str,
    subject: str | None,
    segments: tuple[str, ...],
    exclude: tuple[str, ...],
    out: Path | None,
    port: int,
    is_opening: bool,
) -> None:
    """Show an announcement in the browser as members will get it.

    The page follows every change of the announcement, the theme, the brand and the lists. It is
    served on 127.0.0.1, to this machine only. Ctrl-C ends it.
    """
    from newsletter.cli.workspace import open_workspace
    from newsletter.web.following import Following
    from newsletter.web.live import Hub
    from newsletter.web.preview import Preview, preview_app
    from newsletter.web.previewing import Previewing
    from newsletter.web.server import listen, serve
    from newsletter.web.showing import Showing
    from newsletter.web.static import write_sheets
    from newsletter.workspace.understand import Task

    task = Task(file=file, subject=subject, segments=segments, exclude=exclude)
    with open_workspace(workspace) as opened:
        previewing = Previewing(opened, task)
        if out is not None:
            page = write_sheets(previewing.sheets(), out)
            click.echo(f"open {page}", err=True)
            return
        hub = Hub()
        app = preview_app(
            Preview(
                showing=Showing(previewing.sheet, previewing.people),
                following=Following(
                    folders=lambda: previewing.sources().folders(),
                    is_ours=lambda path: previewing.sources().is_ours(path),
                ),
            ),
            hub,
        )
        socket = listen(port)
        address = f"http://127.0.0.1:{socket.getsockname()[1]}/"
        click.echo(f"previewing {file} at {address} (Ctrl-C ends)", err=True)
        if is_opening:
            webbrowser.open(address)
        serve(app, socket, at_end=hub.close)
