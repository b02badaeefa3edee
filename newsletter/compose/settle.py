"""Signs in running text: bare addresses, boxes of tasks, codes of emoji. The door to emoji."""

import re
from collections.abc import Iterator
from dataclasses import replace

from newsletter.compose.autolink import may_hold_address, split_at_addresses
from newsletter.compose.tree import Kind, Node, with_children

_TASK = re.compile(r"\[([ xX])\] ")
_BOXES = {" ": "\u2610", "x": "\u2611", "X": "\u2611"}
"""An open box and a ticked one: forms do not work in email."""

_EMOJI = re.compile(r"(?<![\w:]):[a-zA-Z+-][\w+-]*:(?![\w:])|(?<=:):[a-zA-Z+-][\w+-]*:(?!\w)")


def settle(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Make of the signs in `nodes` what they mean."""
    return tuple(_settled(nodes, in_link=False))


def _settled(nodes: tuple[Node, ...], *, in_link: bool) -> Iterator[Node]:
    for node in nodes:
        if node.kind is Kind.TEXT:
            yield from (_with_emoji(node),) if in_link else _with_links(node)
            continue
        is_link = in_link or node.kind is Kind.LINK
        inner = with_children(node, tuple(_settled(node.children, in_link=is_link)))
        yield _with_box(inner) if node.kind is Kind.ITEM else inner


def _with_box(item: Node) -> Node:
    """Give a list item that begins with `[ ]` or `[x]` its box."""
    first = item.children[0] if item.children else None
    if first is None:
        return item
    if first.kind is Kind.PARAGRAPH:
        return with_children(item, (_with_box(first), *item.children[1:]))
    task = _TASK.match(first.text) if first.kind is Kind.TEXT else None
    if not task:
        return item
    boxed = replace(first, text=f"{_BOXES[task[1]]}\u00a0{first.text[task.end() :]}")
    return replace(item, children=(boxed, *item.children[1:]))


def _with_links(node: Node) -> Iterator[Node]:
    if not may_hold_address(node.text):
        yield _with_emoji(node)
        return
    for piece in split_at_addresses(node.text):
        text = replace(node, text=piece.text)
        if piece.url:
            yield Node(kind=Kind.LINK, line=node.line, url=piece.url, children=(text,))
        else:
            yield _with_emoji(text)


def _with_emoji(node: Node) -> Node:
    return replace(node, text=_EMOJI.sub(_emoji, node.text)) if ":" in node.text else node


def _emoji(found: re.Match[str]) -> str:
    """Give the sign of a code that GitHub, Slack and others share; other words stay."""
    from emoji import emojize

    return emojize(found[0], language="alias")
