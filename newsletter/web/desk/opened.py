"""The desk of an open workspace."""

from urllib.parse import urlsplit

from newsletter.errors import Refused
from newsletter.ledger.colleagues import Colleague, count_colleagues
from newsletter.ledger.roles import Role, rights_of
from newsletter.ledger.sessions import signed_in
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk, Site
from newsletter.web.errands import Errands
from newsletter.web.limits import read_networks
from newsletter.web.live import Hub
from newsletter.workspace.letters import Addressee, Letters, Text
from newsletter.workspace.reopened import Opened
from newsletter.workspace.runs import Runs


def make_desk(opened: Opened, errands: Errands, *, url: str, user: str) -> Desk:
    """Make the desk of a workspace.

    Args:
        opened: the workspace.
        errands: sends letters to the staff.
        url: where browsers reach it.
        user: who works at this machine.

    Raises:
        Refused: `url` is not the address of a whole site, or a team would have no way in.
    """
    workspace = opened.workspace
    site = Site(url=_site(url), proxies=read_networks(workspace.settings.proxies))
    if not site.is_local and not count_colleagues(workspace.ledger):
        raise Refused(
            "nobody could sign in to a desk that others reach",
            hint="add the first admin: newsletter people add you@example.org --role admin",
        )
    alone = Visitor(name=user, rights=rights_of(Role))

    def admit(cookie: str) -> Visitor | None:
        ledger = opened.workspace.ledger
        if site.is_local and not count_colleagues(ledger):
            return alone
        who = signed_in(ledger, cookie, workspace.clock.now())
        return visitor(who) if who else None

    def post(text: Text, to: Addressee) -> bool:
        return errands.add(lambda: Letters(opened()).send(text, to))

    return Desk(
        root=workspace.settings.root,
        open=opened,
        admit=admit,
        post=post,
        runs=Runs(opened),
        clock=workspace.clock,
        hub=Hub(),
        site=site,
    )


def visitor(who: Colleague) -> Visitor:
    """Give one of the staff as pages know them."""
    return Visitor(name=who.name, rights=who.rights, colleague=who.number, address=who.address.wire)


def _site(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise Refused(
            f"{url!r} is not the address of a site", hint="write it like https://desk.example.org"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()
