"""The levels of headings within blocks: no listener meets a third level where no second was. Pure.

A block such as a card or an event stands below a heading of the second level, or right below the
headline. Its own title is of the level that follows from that, whatever number of `#` was written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from newsletter.compose.digestblocks import LISTS
from newsletter.compose.tree import Kind, Node, walk, with_children

HIGHEST = 2
"""The level of a section; the headline above it is the only first one."""
_LOWEST = 6


def levelled(nodes: Iterable[Node]) -> Iterator[Node]:
    """Give each block its `level`, and the headings within it those that follow from it."""
    is_below = False
    for node in nodes:
        if node.kind is not Kind.DIRECTIVE:
            is_below = is_below or any(_is_section(each) for each in walk([node]))
            yield node
            continue
        is_section = node.title == "lead" or is_titled_list(node)
        own = HIGHEST if is_section or not is_below else HIGHEST + 1
        is_below = is_below or is_section
        headings = (each.level for each in walk(node.children) if each.kind is Kind.HEADING)
        shift = own - max(HIGHEST, next(headings, own))
        yield replace(node, level=own, children=_shifted(node.children, shift))


def is_titled_list(node: Node) -> bool:
    """Tell whether `node` is a list of a digest with a heading of its own."""
    return node.kind is Kind.DIRECTIVE and node.title in LISTS and bool(node.text)


def _is_section(node: Node) -> bool:
    return node.kind is Kind.HEADING and node.level <= HIGHEST


def _shifted(nodes: tuple[Node, ...], shift: int) -> tuple[Node, ...]:
    return tuple(_moved(node, shift) for node in nodes) if shift else nodes


def _moved(node: Node, shift: int) -> Node:
    inner = with_children(node, _shifted(node.children, shift))
    if node.kind is not Kind.HEADING:
        return inner
    level = min(_LOWEST, max(HIGHEST, max(HIGHEST, node.level) + shift))
    return replace(inner, level=level)
