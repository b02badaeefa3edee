"""`newsletter preview`."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from newsletter.workspace.understand import Task
    from newsletter.workspace.workspace import Workspace


@click.command("preview", short_help="Show an announcement in the browser as members will get it.")
@options.FILE
@options.SUBJECT
@options.SEGMENT
@options.EXCLUDE
@options.OUT
@options.PORT
@options.OPEN
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
    from newsletter.workspace.understand import Task

    task = Task(file=file, subject=subject, segments=segments, exclude=exclude)
    with open_workspace(workspace) as opened:
        show(opened, task, out=out, port=port, is_opening=is_opening)


def show(
    workspace: "Workspace", task: "Task", *, out: Path | None, port: int, is_opening: bool
) -> None:
    """Write the pages of `task` to the folder `out`, or serve them until Ctrl-C."""
    from newsletter.web.following import Following
    from newsletter.web.live import Hub
    from newsletter.web.preview import Preview, preview_app
    from newsletter.web.previewing import Previewing
    from newsletter.web.server import listen, serve
    from newsletter.web.showing import Showing
    from newsletter.web.static import write_sheets

    previewing = Previewing(workspace, task)
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
    click.echo(f"previewing {task.file} at {address} (Ctrl-C ends)", err=True)
    if is_opening:
        webbrowser.open(address)
    serve(app, socket, at_end=hub.close)
