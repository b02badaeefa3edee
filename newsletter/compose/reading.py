"""From the Markdown of a body to its tree: raw HTML, attribute lists, anchors and signs read."""

import re
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
    markdown: str,
    place: Callable[[int], Location],
    *,
    quotes: tuple[str, ...] = (),
    to_sections: bool = False,
) -> Reading:
    """Read `markdown`; `place` tells where a line of it, counted from 1, stands in the file.

    `to_sections` gives each section an anchor, though nothing in the body leads to it.

    Raises:
        AnnouncementError: it is too long or nested too deep.
    """
    nodes = parse_markdown(markdown, place, quotes=quotes)
    findings: tuple[Finding, ...] = ()
    # Most bodies have none of these, and each of them is a walk over the whole tree.
    if "<" in markdown:
        nodes, findings = read_html(nodes, place)
    if "{" in markdown:
        nodes, of_lists = apply_lists(nodes, place)
        findings = (*findings, *of_lists)
    nodes = settle(nodes)
    if to_sections or _ASKS_FOR_PLACES.search(markdown):
        nodes, of_anchors = connect(nodes, place, to_sections=to_sections)
        findings = (*findings, *of_anchors)
    return Reading(nodes, findings)


_ASKS_FOR_PLACES = re.compile(
    r"\(\s*<?\s*#|\]:\s*<?\s*#|\bid\s*=|\bname\s*=|\{[^}]*[#:]|:::+\s*contents|toc_?\]|toc\}|href\s*=",
    re.IGNORECASE,
)
"""A link to a place, a name that the author gave, or the wish for a list of contents."""
