"""A place of the desk: a path, a method, who may go there, and what answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer
from newsletter.web.desk.asked import Asked

Method = Literal["GET", "POST"]
FORM_BYTES = 65_536
"""Of a form, unless a place says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One page or one button."""

    path: str
    """As Starlette has it: /announcements/{name}, /files/{rest:path}."""
    answer: Callable[[Asked], Answer]
    """Runs on a thread of its own."""
    needs: Right | None
    """What a visitor must be allowed to do; None lets everybody in, signed in or not."""
    method: Method = "GET"
    """GET changes nothing."""
    most: int = FORM_BYTES
    """Bytes that may be sent."""


def page(path: str, answer: Callable[[Asked], Answer], needs: Right | None = Right.LOOK) -> Place:
    """Make a place to look at."""
    return Place(path=path, answer=answer, needs=needs)


def button(
    path: str, answer: Callable[[Asked], Answer], needs: Right | None, most: int = FORM_BYTES
) -> Place:
    """Make a place that changes something; its forms bring the token of the visitor along."""
    return Place(path=path, answer=answer, needs=needs, method="POST", most=most)
