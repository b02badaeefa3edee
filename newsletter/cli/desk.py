"""`newsletter desk`."""

import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from newsletter.ledger.opening import Then
    from newsletter.web.desk.desk import Desk
    from newsletter.web.errands import Errands
    from newsletter.workspace.reopened import Opened
    from newsletter.workspace.workspace import Workspace


@click.command("desk", short_help="Write, preview, approve and dispatch in the browser.")
@click.option("--port", default=0, help="On 127.0.0.1; a free one if not given.")
@click.option("--open/--no-open", "is_opening", default=True, help="Open the browser.")
@click.option(
    "--base-url", metavar="URL", help="Where a team reaches it, behind a web server with TLS."
)
@click.pass_obj
def command(workspace: str | None, *, port: int, is_opening: bool, base_url: str | None) -> None:
    """Write, preview, approve and dispatch in the browser.

    Alone on your own machine it asks for nothing. For a team, add its people with `newsletter
    people add`, put a web server with TLS before it and give its address as --base-url; whose
    word on who is asking is taken stands in `proxies` of [list] in newsletter.toml.

    It listens on 127.0.0.1. Ctrl-C ends it.
    """
    from newsletter.cli.workspace import open_workspace
    from newsletter.web.desk.app import desk_app
    from newsletter.web.errands import Errands
    from newsletter.web.server import listen, serve
    from newsletter.workspace.reopened import Opened

    with open_workspace(workspace) as opened:
        socket = listen(port)
        address = f"http://127.0.0.1:{socket.getsockname()[1]}"
        errands = Errands()
        base_url = base_url or opened.settings.desk.base_url
        desk = desk_of(Opened(opened), errands, base_url or address)
        click.echo(f"the desk is at {base_url or address}/ (Ctrl-C ends)", err=True)
        if base_url:
            click.echo(f"answering {address}/ for the web server before it", err=True)
        elif is_opening:
            webbrowser.open(f"{address}/")
        try:
            serve(desk_app(desk), socket, at_end=desk.hub.close)
        finally:
            desk.runs.close()
            errands.close()


def desk_of(opened: "Opened", errands: "Errands", url: str) -> "Desk":
    """Make the desk that browsers reach at `url`."""
    from newsletter.cli.author import author
    from newsletter.web.desk.opened import make_desk

    workspace = opened.workspace
    desk = make_desk(opened, errands, url=url, user=author(workspace).name)
    if not workspace.ledger.is_shared:
        return desk
    return replace(desk, queue=lambda: queue_of(workspace))


def queue_of(opened: "Workspace") -> "Then":
    """Give what hands a dispatch to workers, and make sure that their queue is there."""
    from newsletter.engine.queue import prepare_queue, put_in

    prepare_queue(opened.ledger)
    return put_in
