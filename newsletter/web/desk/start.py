"""The first page, and the stream that tells open pages of changed files."""

from collections.abc import Sequence

from newsletter.web.desk.answer import Answer, events, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, page


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""

    def begin(_asked: Asked) -> Answer:
        return go_to("/announcements")

    def changes(_asked: Asked) -> Answer:
        return events(desk.hub.stream())

    return (page("/", begin), page("/changes", changes))
