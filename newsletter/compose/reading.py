"""From the Markdown of a body to its tree: raw HTML, attribute lists, anchors and signs read."""

from collections.abc import Callable
from dataclasses import dataclass

from newsletter.compose.anchors import connect
from newsletter.compose.attributelists import apply_lists
from newsletter.compose.markdown import parse_markdown
from newsletter.compose.rawhtml import read_html
from newsletter.compose.settle import settle
from newsletter.compose.tree import Node
from newsletter.errors import Location
from newsletter.finding import Finding


@dataclass(frozen=True, slots=True)
class Reading:
    """A body, understood."""

    nodes: tuple[Node, ...]
    findings: tuple[Finding, ...]


def read_body(
    markdown: str, place: Callable[[int], Location], *, quotes: tuple[str, ...] = ()
) -> Reading:
    """Read `markdown`; `place` tells where a line of it, counted from 1, stands in the file.

    Raises:
        AnnouncementError: it is too long or nested too deep.
    """
    nodes, of_html = read_html(parse_markdown(markdown, place, quotes=quotes), place)
    listed, of_lists = apply_lists(nodes, place)
    connected, of_anchors = connect(settle(listed), place)
    return Reading(connected, (*of_html, *of_lists, *of_anchors))
