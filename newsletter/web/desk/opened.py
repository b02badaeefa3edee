"""The workspace behind the desk: one ledger, and the settings as their file says them now."""

import threading
from dataclasses import replace
from urllib.parse import urlsplit

from newsletter.errors import Refused
from newsletter.ledger.roles import Role, rights_of
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk, Site
from newsletter.web.limits import read_networks
from newsletter.web.live import Hub
from newsletter.workspace.settings import FILE, Settings, read_settings
from newsletter.workspace.workspace import Workspace


class Opened:
    """Gives the open workspace; reads its settings anew when their file was changed."""

    def __init__(self, workspace: Workspace) -> None:
        """Begin with the settings that `workspace` was opened with."""
        self.workspace = workspace
        self._lock = threading.Lock()
        self._seen = _mark(workspace.settings)

    def __call__(self) -> Workspace:
        """Give the workspace.

        Raises:
            InputErrors: its settings are wrong now.
        """
        with self._lock:
            mark = _mark(self.workspace.settings)
            if mark != self._seen:
                # The ledger stays the one that is open: where it lies is read at the start.
                settings = read_settings(self.workspace.settings.root)
                self.workspace = replace(self.workspace, settings=settings)
                self._seen = mark
            return self.workspace


def make_desk(opened: Opened, *, url: str, user: str) -> Desk:
    """Make the desk of a workspace.

    Args:
        opened: the workspace.
        url: where browsers reach it.
        user: who works at this machine.

    Raises:
        Refused: `url` is not the address of a whole site.
    """
    workspace = opened.workspace
    site = Site(url=_site(url), proxies=read_networks(workspace.settings.proxies))
    alone = Visitor(name=user, rights=rights_of(Role))
    return Desk(
        root=workspace.settings.root,
        open=opened,
        admit=lambda _cookie: alone,
        clock=workspace.clock,
        hub=Hub(),
        site=site,
    )


def _site(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise Refused(
            f"{url!r} is not the address of a site", hint="write it like https://desk.example.org"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def _mark(settings: Settings) -> tuple[int, int]:
    """Tell a file of settings from another."""
    try:
        found = (settings.root / FILE).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
