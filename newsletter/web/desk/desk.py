"""What all pages of the desk share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from newsletter.clock import Clock
from newsletter.errors import NewsletterError
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import Entry, write_down
from newsletter.ledger.opening import Then
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer
from newsletter.web.desk.asked import Asked, Visitor
from newsletter.web.desk.paper import Paper
from newsletter.web.limits import Buckets, Networks
from newsletter.web.live import Hub
from newsletter.workspace.letters import Addressee, Text
from newsletter.workspace.runs import Runs
from newsletter.workspace.workspace import Workspace

_LOCAL_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How the desk is reached."""

    url: str
    """Of its first page, without a slash at the end."""
    proxies: Networks = ()
    """The web servers before it whose word on who is asking is taken."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the names that requests may call it by, without ports."""
        return tuple(dict.fromkeys((urlsplit(self.url).hostname or "", *_LOCAL_HOSTS)))

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine reaches it."""
        return urlsplit(self.url).hostname in _LOCAL_HOSTS

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach it over TLS."""
        return self.url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Name the cookie: `__Host-` is one that no other host can set (RFC 6265bis)."""
        # Cookies do not tell ports apart, so two desks on one machine must not share a name.
        return "__Host-desk" if self.is_secure else f"desk-{urlsplit(self.url).port or 80}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often somebody may ask."""

    visits: Buckets = field(default_factory=lambda: Buckets(capacity=300, per_second=20))
    """For each browser."""
    changes: Buckets = field(default_factory=lambda: Buckets(capacity=60, per_second=2))
    """The same of what changes something."""
    strangers: Buckets = field(default_factory=lambda: Buckets(capacity=120, per_second=2))
    """For each network from which nobody is signed in."""
    entries: Buckets = field(default_factory=lambda: Buckets(capacity=10, per_second=1 / 30))
    """For each network, and each address, that tries to sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all pages of the desk share."""

    root: Path
    """The folder of the workspace."""
    open: Callable[[], Workspace]
    """Gives the workspace with its settings as the files say them now.

    Raises InputErrors where they are wrong. The ledger is one and the same for all threads.
    """
    admit: Callable[[str], Visitor | None]
    """Tells who has a cookie; None is somebody who has to sign in."""
    clock: Clock
    post: Callable[[Text, Addressee], bool]
    """Has a letter to one of the staff sent soon; tells whether there was room for it."""
    runs: Runs
    """Sends dispatches from here."""
    hub: Hub
    """Makes a new version whenever a file of the workspace changes."""
    site: Site
    queue: Callable[[], Then] | None = None
    """Gives what hands a dispatch to workers; None where there can be none."""
    paper: Paper = field(default_factory=Paper)
    limits: Limits = field(default_factory=Limits)

    def author(self, asked: Asked) -> Author:
        """Name who does something now, as the ledger and its log want it."""
        return Author(asked.who.name, self.clock.now())

    def note(self, asked: Asked, act: str, about: str = "", details: str = "") -> None:
        """Write into the log what somebody did that the ledger does not do itself.

        `act` is a verb in the past and its object, `about` a file or a number, never a member.
        """
        now = self.clock.now()
        entry = Entry(at=now, who=asked.who.name, act=act, about=about, details=details)
        write_down(self.open().ledger, entry)

    def page(
        self, asked: Asked, template: str, *, status: int = HTTPStatus.OK, **values: object
    ) -> Answer:
        """Write a page into the layout, from values by name."""
        return self.page_with(asked, template, values, status)

    def page_with(
        self,
        asked: Asked,
        template: str,
        values: Mapping[str, object],
        status: int = HTTPStatus.OK,
    ) -> Answer:
        """Write a page into the layout.

        Every template knows `who` (a Visitor), `may` (of a Right's name), `token` (for forms),
        `path`, `version` (of the files), `society`, and `said` (what the last answer left to say).
        """
        known: dict[str, object] = {
            "who": asked.who,
            "may": lambda right: asked.who.may(Right(right)),
            "token": asked.token,
            "path": asked.path,
            "said": asked.said,
            "version": self.hub.version,
            "society": self._society(),
        }
        return Answer(status=status, body=self.paper.write(template, known | dict(values)))

    def problem(self, asked: Asked, title: str, text: str, status: int) -> Answer:
        """Say on a page of its own what did not work, and what to do."""
        return self.page(asked, "problem.html.j2", status=status, title=title, text=text)

    def _society(self) -> str:
        try:
            return self.open().settings.brand.short_name
        except NewsletterError:
            return "Newsletter"  # the page itself tells what is wrong with the settings
