"""The lists of a digest: items, events, deadlines and jobs, taken apart entry by entry. Pure."""

import re
from dataclasses import dataclass, replace

from newsletter.compose.tree import Kind, Node, words_of

DATED = frozenset({"events", "deadlines"})
"""The lists whose entries begin with a date and a colon."""

LISTS = ("items", "events", "deadlines", "jobs")
"""The blocks that hold a list of entries."""

_EXAMPLES = {
    "items": "- [A title](https://example.org/more) and one sentence",
    "events": "- 4 March 2027, 17:00 CET: [A title](https://example.org/more), online",
    "deadlines": "- 4 March 2027: [What is due](https://example.org/apply)",
    "jobs": "- [The position](https://example.org/job), where",
}
_COLON = re.compile(r":\s|:$")
_LEADING = re.compile(r"^[\s,;:\u2013\u2014\u3001\u060c-]+")
_TITLE_KINDS = (Kind.LINK, Kind.STRONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One entry of a list."""

    line: int
    when: str = ""
    """As the author wrote it."""
    title: tuple[Node, ...]
    """What the link says, or the bold words."""
    url: str = ""
    joint: str = " "
    """What joins the title to the rest: a comma or a colon and a space, or a space."""
    rest: tuple[Node, ...] = ()
    """What follows the title in the same paragraph: a sentence, a place."""
    more: tuple[Node, ...] = ()
    """Further paragraphs."""


Lack = tuple[str, str]
"""A problem, and how to mend it."""


def entries_of(node: Node) -> tuple[tuple[ListEntry, ...], tuple[Lack, ...]]:
    """Take the list in the block `node` apart; what is no such list is a lack."""
    name = node.title
    hint = f"write {_EXAMPLES[name]}"
    items = [item for child in node.children for item in child.children]
    if not items or any(child.kind is not Kind.LIST for child in node.children):
        return (), ((f"'::: {name}' holds one list, and nothing else", hint),)
    entries = tuple(_entry(item, is_dated=name in DATED) for item in items)
    lacks = []
    for entry in entries:
        if not words_of(entry.title):
            lacks.append((f"an entry of '::: {name}' has no title", hint))
        elif name in DATED and not entry.when:
            shown = words_of(entry.title)[:40]
            lacks.append((f"{shown!r} has no date and colon before it", hint))
    return entries, tuple(dict.fromkeys(lacks))


def _entry(item: Node, *, is_dated: bool) -> ListEntry:
    item = _unnumbered(item)
    first = item.children[0] if item.children else item
    if first.kind is Kind.PARAGRAPH:
        inline, more = first.children, item.children[1:]
    else:
        inline, more = item.children, ()
    when, inline = _dated(inline) if is_dated else ("", inline)
    title, url, rest = _titled(_stripped(inline))
    return ListEntry(
        line=first.line,
        when=when,
        title=title,
        url=url,
        joint=_joint(rest),
        rest=_stripped(rest),
        more=more,
    )


def _joint(rest: tuple[Node, ...]) -> str:
    sign = rest[0].text[:1] if rest and rest[0].kind is Kind.TEXT else ""
    return f"{sign} " if sign and sign in ",;:" else " "


def _unnumbered(item: Node) -> Node:
    """Undo what Markdown makes of `- 12. Oktober`: a numbered list in an entry."""
    inner = item.children[0] if item.children else item
    if inner.kind is not Kind.LIST or inner.level < 0 or len(inner.children) != 1:
        return item
    number = Node(kind=Kind.TEXT, line=inner.line, text=f"{inner.level}. ")
    only = inner.children[0]
    first = only.children[0] if only.children else only
    if first.kind is not Kind.PARAGRAPH:
        return replace(item, children=(number, *only.children))
    begun = replace(first, children=(number, *first.children))
    return replace(item, children=(begun, *only.children[1:], *item.children[1:]))


def _dated(inline: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    """Part what stands before the first colon that ends a word, from the rest."""
    for number, node in enumerate(inline):
        if node.kind is Kind.LINK:
            break
        words = node.text if node.kind is Kind.TEXT else words_of([node])
        colon = _COLON.search(words)
        if colon:
            before = " ".join(filter(None, (words_of(inline[:number]), words[: colon.start()])))
            after = (replace(node, text=words[colon.end() :]),) if node.kind is Kind.TEXT else ()
            return " ".join(before.split()), (*after, *inline[number + 1 :])
    return "", inline


def _titled(inline: tuple[Node, ...]) -> tuple[tuple[Node, ...], str, tuple[Node, ...]]:
    """Part the title from the rest: a link or bold words at the start, else up to a comma."""
    if not inline:
        return (), "", ()
    first = inline[0]
    if first.kind in _TITLE_KINDS:
        alone = first.children[0] if len(first.children) == 1 else first
        if alone.kind is Kind.LINK and first.kind is Kind.STRONG:
            return alone.children, alone.url, inline[1:]
        return first.children, first.url, inline[1:]
    if first.kind is Kind.TEXT and ", " in first.text:
        words, _, rest = first.text.partition(", ")
        return (replace(first, text=words),), "", (replace(first, text=f", {rest}"), *inline[1:])
    return inline, "", ()


def _stripped(inline: tuple[Node, ...]) -> tuple[Node, ...]:
    """Leave out the comma, colon or dash that joins the parts of a line."""
    nodes = list(inline)
    while nodes and nodes[0].kind in (Kind.TEXT, Kind.SOFT_BREAK, Kind.HARD_BREAK):
        bare = _LEADING.sub("", nodes[0].text)
        if nodes[0].kind is Kind.TEXT and bare:
            nodes[0] = replace(nodes[0], text=bare)
            break
        nodes.pop(0)
    return tuple(nodes)
