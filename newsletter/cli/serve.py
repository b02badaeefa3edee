"""`newsletter serve`."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from newsletter.web.errands import Errands
    from newsletter.web.events import Reception
    from newsletter.web.guard import Application
    from newsletter.web.past import PastPages
    from newsletter.workspace.settings import Settings
    from newsletter.workspace.workspace import Workspace


@click.command("serve", short_help="Answer unsubscribe links, and take events of providers.")
@click.option("--port", default=8025, show_default=True, help="On 127.0.0.1; 0 takes a free one.")
@click.pass_obj
def command(workspace: str | None, *, port: int) -> None:
    """Answer the unsubscribe and preferences links of emails, and take sign-ups if you want them.

    Takes what providers tell afterwards, too, at /events/PROVIDER: delivered, bounced, complained.

    Tells how it goes in numbers at /metrics, to this machine or to whoever shows a token.

    Listens on 127.0.0.1 only: put a web server with TLS before it, and let `base_url` of [list]
    in newsletter.toml be its address.
    """
    from newsletter.cli.deliver import require_key
    from newsletter.cli.workspace import open_workspace
    from newsletter.web.errands import Errands
    from newsletter.web.server import listen, serve

    with open_workspace(workspace) as opened:
        require_key(opened)
        errands = Errands()
        app = pages_of(opened, errands)
        socket = listen(port)
        click.echo(f"answering http://127.0.0.1:{socket.getsockname()[1]}/ (Ctrl-C ends)", err=True)
        try:
            serve(app, socket)
        finally:
            errands.close()


def pages_of(opened: "Workspace", errands: "Errands") -> "Application":
    """Give everything that the world may ask: the public pages, events and metrics."""
    from newsletter.web.house import House
    from newsletter.web.joining import Doors
    from newsletter.web.limits import read_networks
    from newsletter.web.logo import read_logos
    from newsletter.web.public import Site, public_app
    from newsletter.web.speech import read_speeches
    from newsletter.workspace.letters import Letters

    settings = opened.settings
    house = House(
        ledger=opened.ledger,
        brand=settings.brand,
        keys=opened.secrets.links_keys,
        topics=settings.topics,
        contact=(settings.reply_to or settings.sender).address.wire,
        clock=opened.clock,
        speeches=read_speeches(settings.brand.lang),
    )
    letters = Letters(opened)
    site = Site(
        house=house,
        doors=Doors(house, errands, letters.send, takes_sign_ups=settings.takes_sign_ups),
        hosts=(urlsplit(settings.base_url).netloc.lower(),),
        proxies=read_networks(settings.proxies),
        logos=read_logos(settings.brand, settings.root),
        archive=_past_of(settings),
    )
    reception = _reception(opened)
    _tell_of_events(sorted(reception.entrances))
    return _beside(opened, public_app(site), reception)


def _past_of(settings: "Settings") -> "PastPages | None":
    from newsletter.web.past import PastPages

    path = settings.archive.path_below(settings.base_url)
    return PastPages(path, settings.root / settings.archive.folder) if path else None


def _beside(opened: "Workspace", pages: "Application", reception: "Reception") -> "Application":
    """Serve events and metrics beside the pages."""
    from newsletter.web.events import events_app, with_events
    from newsletter.web.metrics import Doorman, metrics_app, with_metrics

    metrics = metrics_app(opened.ledger, Doorman(opened.secrets.metrics_token))
    return with_metrics(with_events(pages, events_app(reception)), metrics)


def _reception(opened: "Workspace") -> "Reception":
    from newsletter.web.events import Reception, entrances
    from newsletter.web.limits import read_networks

    settings = opened.settings
    return Reception(
        ledger=opened.ledger,
        policy=settings.feedback,
        entrances=entrances(settings.event_proofs, opened.secrets.events),
        clock=opened.clock,
        proxies=read_networks(settings.proxies),
    )


def _tell_of_events(providers: list[str]) -> None:
    if providers:
        click.echo(f"taking the events of {', '.join(providers)} at /events/", err=True)
