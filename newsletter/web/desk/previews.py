"""The preview of an announcement, within the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsletter.web.desk.answer import Answer, as_json
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.place import Place, page
from newsletter.web.desk.shelf import Shelf, composed, home, query_of
from newsletter.web.showing import MESSAGE_POLICY, SANDBOX, read_view


@dataclass(frozen=True, slots=True)
class Previews:
    """Answers what a preview asks for."""

    shelf: Shelf

    def places(self) -> Sequence[Place]:
        """Give the places."""
        shelf = self.shelf
        return (
            page("/announcements/{name}", composed(shelf, self.show)),
            page("/announcements/{name}/message", composed(shelf, self.message)),
            page("/announcements/{name}/text", composed(shelf, self.text)),
            page("/announcements/{name}/people", composed(shelf, self.people)),
        )

    def show(self, asked: Asked, name: str) -> Answer:
        """Show the email as members will get it, and all about it."""
        return self.shelf.desk.page(asked, "announcement.html.j2", **self.values(asked, name))

    def values(self, asked: Asked, name: str) -> dict[str, Any]:
        """Give what the templates of the preview need."""
        version = self.shelf.desk.hub.version
        sheet = self.shelf.showing(name).sheet(version, read_view(query_of(asked)).member)
        return {
            "name": name,
            "sheet": sheet,
            "base": f"{home(name)}/",
            "sandbox": SANDBOX,
            "following": True,
        }

    def message(self, asked: Asked, name: str) -> Answer:
        """Give the HTML part to the frame."""
        view = read_view(query_of(asked))
        html = self.shelf.showing(name).message(self.shelf.desk.hub.version, view)
        return in_frame(html)

    def text(self, asked: Asked, name: str) -> Answer:
        """Give the plain-text part."""
        view = read_view(query_of(asked))
        text = self.shelf.showing(name).text(self.shelf.desk.hub.version, view)
        return Answer(kind="text/plain; charset=utf-8", body=text, policy=MESSAGE_POLICY)

    def people(self, asked: Asked, name: str) -> Answer:
        """Find members while a name is typed."""
        showing = self.shelf.showing(name)
        showing.sheet(self.shelf.desk.hub.version, None)
        return as_json(showing.people(asked.ask("q")))


def in_frame(html: str) -> Answer:
    """Answer with an email for a frame of ours, in which it can do nothing."""
    # The policy says who may frame it; the older header would forbid it to everybody.
    headers = {"X-Frame-Options": "SAMEORIGIN"}
    return Answer(body=html, policy=MESSAGE_POLICY, headers=headers)
