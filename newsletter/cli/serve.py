"""`newsletter serve`."""

import click


@click.command("serve", short_help="Answer unsubscribe links.")
@click.option("--port", default=8025, show_default=True, help="On 127.0.0.1; 0 takes a free one.")
@click.pass_obj
def command(workspace: str | None, *, port: int) -> None:
    """Answer the unsubscribe and preferences links of emails.

    Listens on 127.0.0.1 only: put a web server with TLS before it, and let `base_url` of [list]
    in newsletter.toml be its address.
    """
    from newsletter.cli.deliver import require_key
    from newsletter.cli.workspace import open_workspace
    from newsletter.web.public import PublicPages, public_app
    from newsletter.web.server import listen, serve

    with open_workspace(workspace) as opened:
        require_key(opened)
        settings, key = opened.settings, opened.secrets.links_key
        pages = PublicPages(
            ledger=opened.ledger,
            brand=settings.brand,
            keys=(key,) if key else (),
            contact=(settings.reply_to or settings.sender).address.wire,
            clock=opened.clock,
        )
        socket = listen(port)
        click.echo(f"answering http://127.0.0.1:{socket.getsockname()[1]}/ (Ctrl-C ends)", err=True)
        serve(public_app(pages), socket)
