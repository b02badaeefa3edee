"""People."""

from collections.abc import Sequence

from newsletter.web.desk.answer import Answer
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, page


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""

    def show(asked: Asked) -> Answer:
        return desk.page(asked, "problem.html.j2", title="People", text="Nothing is here yet.")

    return (page("/people", show),)
