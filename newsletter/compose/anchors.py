"""Places within a body: the anchors that links of it lead to, and the list of its contents.

What mail programs do with them is told by caniemail.com ("Local anchors"): Gmail on the web,
Outlook for Windows and mail.ru find only an empty `<a name>`, no `id`; so each place gets one
that has both. Gmail and Outlook on phones do nothing on a tap, which harms nobody.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from urllib.parse import unquote

from newsletter.compose.attributelists import CONTENTS
from newsletter.compose.levels import HIGHEST, is_titled_list
from newsletter.compose.page import Section
from newsletter.compose.tree import Kind, Node, walk, with_children, words_of
from newsletter.errors import Location
from newsletter.finding import Finding, warning
from newsletter.suggest import did_you_mean

NOWHERE = "#"
"""Where a link leads whose place is not in the email: its words stay, without a link."""

MANY = 24
"""A list of contents with more entries than this shows the upper level only."""


def connect(
    nodes: tuple[Node, ...], place: Callable[[int], Location], *, to_sections: bool = False
) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """Write the lists of contents, and give an anchor to each place that something leads to.

    `to_sections` tells that the theme leads to every section.
    """
    moved = _moved(nodes)
    explicit, findings = _explicit(moved, place)
    used = set(explicit)
    named = tuple(_named(node, used) for node in moved)
    headings = tuple(node for node in walk(named) if _is_heading(node))
    connecting = _Connecting(_known(headings, explicit), place)
    listed = tuple(_with_contents(node, headings) for node in named)
    linked = tuple(connecting.links(node) for node in listed)
    ids = {n.attributes["id"] for n in headings if n.kind is Kind.HEADING}
    wanted = connecting.wanted | ids & explicit
    if to_sections:
        wanted |= {node.attributes["id"] for node in named if _is_section(node)}
    return tuple(_anchored(node, wanted) for node in linked), (*findings, *connecting.findings)


def sections_of(nodes: tuple[Node, ...]) -> tuple[Section, ...]:
    """Name the sections of a body, in order; none where the author wrote a list of contents."""
    if any(node.kind is Kind.DIRECTIVE and node.title == "contents" for node in walk(nodes)):
        return ()
    named = (node for node in nodes if _is_section(node))
    return tuple(Section(_title(node), node.attributes.get("id", "")) for node in named)


def _is_heading(node: Node) -> bool:
    return node.kind is Kind.HEADING or is_titled_list(node)


def _is_section(node: Node) -> bool:
    return _is_heading(node) and node.level <= HIGHEST


def _title(node: Node) -> str:
    return node.text if node.kind is Kind.DIRECTIVE else words_of([node])


def slug_of(words: str) -> str:
    """Name a heading as GitHub does: small letters, digits and dashes of any script."""
    kept = (letter for letter in words.strip().lower() if letter in " -_" or _is_word(letter))
    return "".join(kept).replace(" ", "-").strip("-")


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def is_contents(node: Node) -> bool:
    """Tell whether `node` asks for the list of contents."""
    if node.kind is Kind.DIRECTIVE:
        return node.title == "contents"
    if node.kind is not Kind.PARAGRAPH or not node.children:
        return False
    return words_of([node]).replace(" ", "").lower() in CONTENTS


def _moved(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Move anchors that stand alone to the beginning of what they stand before."""
    done: list[Node] = []
    waiting: list[Node] = []
    for node in nodes:
        if node.kind is Kind.ANCHOR or (
            node.kind is Kind.PARAGRAPH and all(n.kind is Kind.ANCHOR for n in node.children)
        ):
            waiting += [node] if node.kind is Kind.ANCHOR else node.children
        elif waiting and node.kind in (Kind.HEADING, Kind.PARAGRAPH):
            done.append(replace(node, children=(*waiting, *node.children)))
            waiting = []
        else:
            done += [_bare(waiting), node] if waiting else [node]
            waiting = []
    return (*done, *([_bare(waiting)] if waiting else []))


def _bare(anchors: list[Node]) -> Node:
    inner = tuple(anchors)
    return Node(kind=Kind.ELEMENT, line=anchors[0].line, tag="div", children=inner)


def _explicit(
    nodes: Iterable[Node], place: Callable[[int], Location]
) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Collect the names that the author gave; the second place of a name is a finding."""
    seen: dict[str, int] = {}
    findings = []
    for node in walk(nodes):
        name = node.title if node.kind is Kind.ANCHOR else node.attributes.get("id", "")
        if not name:
            continue
        if name in seen and seen[name] != node.line:
            problem = f"the name {name!r} is given in line {place(seen[name]).line} already"
            hint = "give it another one: links can lead to one place only"
            findings.append(warning("anchor-twice", problem, at=place(node.line), hint=hint))
        seen.setdefault(name, node.line)
    return frozenset(seen), tuple(findings)


def _named(node: Node, used: set[str]) -> Node:
    """Name each heading that has no name; one that is taken gets a number."""
    inner = with_children(node, tuple(_named(child, used) for child in node.children))
    if not _is_heading(node) or node.attributes.get("id"):
        return inner
    base = _ascii(slug_of(_title(node))) or "section"
    names = (f"{base}-{number}" if number else base for number in count())
    name = next(each for each in names if each not in used)
    used.add(name)
    return replace(inner, attributes={**inner.attributes, "id": name})


def _known(headings: Iterable[Node], explicit: frozenset[str]) -> Mapping[str, str]:
    """Give the name by each spelling that the programs of web sites make of a heading."""
    names: dict[str, str] = {}
    for node in headings:
        for spelling in _spellings(node):
            names.setdefault(spelling, node.attributes["id"])
    names |= {name.lower(): name for name in explicit}
    return (
        names
        | {n.attributes["id"]: n.attributes["id"] for n in headings}
        | {name: name for name in explicit}
    )


def _spellings(node: Node) -> Iterator[str]:
    slug = slug_of(_title(node))
    yield node.attributes["id"].lower()
    yield slug
    yield re.sub(r"-{2,}", "-", slug)
    # kramdown leaves out what stands before the first letter; others, every accent.
    yield re.sub(r"^[^a-z]+", "", slug)
    yield re.sub(r"-{2,}", "-", _ascii(slug))


def _ascii(slug: str) -> str:
    """Spell without accents: the HTML writer encodes other letters in `name`, not in `id`."""
    plain = unicodedata.normalize("NFKD", slug.replace("ß", "ss"))
    return plain.encode("ascii", "ignore").decode().strip("-")


def _with_contents(node: Node, headings: tuple[Node, ...]) -> Node:
    if is_contents(node):
        return _list_of(node, [each for each in headings if each.line > node.line])
    return with_children(node, tuple(_with_contents(each, headings) for each in node.children))


def _list_of(node: Node, headings: list[Node]) -> Node:
    """Write the list: two levels where they are few, else one."""
    levels = {id(each): max(2, each.level) for each in headings}
    top = min(levels.values(), default=2)
    shown = [each for each in headings if levels[id(each)] <= top + 1]
    if len(shown) > MANY:
        shown = [each for each in shown if levels[id(each)] == top]
    items: list[list[Node]] = []
    for each in shown:
        if levels[id(each)] == top or not items:
            items.append([])
        items[-1].append(_link_to(each, node.line))
    listed = _list([_item(each, node.line) for each in items], node.line)
    written = node.children if node.kind is Kind.DIRECTIVE else ()
    return Node(
        kind=Kind.DIRECTIVE,
        line=node.line,
        title="contents",
        text=node.text if node.kind is Kind.DIRECTIVE else "",
        children=(*written, *((listed,) if items else ())),
    )


def _item(links: list[Node], line: int) -> Node:
    below = [Node(kind=Kind.ITEM, line=line, children=(each,)) for each in links[1:]]
    inner = (links[0], _list(below, line)) if below else (links[0],)
    return Node(kind=Kind.ITEM, line=line, children=inner)


def _list(items: list[Node], line: int) -> Node:
    return Node(kind=Kind.LIST, line=line, level=-1, children=tuple(items))


def _link_to(heading: Node, line: int) -> Node:
    text = Node(kind=Kind.TEXT, line=line, text=_title(heading))
    return Node(kind=Kind.LINK, line=line, url=f"#{heading.attributes['id']}", children=(text,))


class _Connecting:
    def __init__(self, names: Mapping[str, str], place: Callable[[int], Location]) -> None:
        self.findings: list[Finding] = []
        self.wanted: set[str] = set()
        self._names, self._place = names, place

    def links(self, node: Node) -> Node:
        """Let each link within the body lead to a place that there is."""
        done = with_children(node, tuple(self.links(child) for child in node.children))
        if node.kind is Kind.LINK and node.url.startswith("#"):
            return replace(done, url=self._target(node))
        return done

    def _target(self, link: Node) -> str:
        wanted = unquote(link.url[1:])
        name = self._names.get(wanted) or self._names.get(wanted.lower())
        if name:
            self.wanted.add(name)
            return f"#{name}"
        problem = f"{link.url!r} leads to no place in this email"
        near = did_you_mean(wanted, self._names)
        hint = near or "link to a heading by its words: #annual-meeting"
        self.findings.append(warning("link-anchor", problem, at=self._place(link.line), hint=hint))
        return NOWHERE


def _anchored(node: Node, wanted: set[str]) -> Node:
    """Leave the anchors that something leads to, and give headings theirs."""
    children = tuple(
        _anchored(child, wanted)
        for child in node.children
        if child.kind is not Kind.ANCHOR or child.title in wanted
    )
    name = node.attributes.get("id", "")
    if is_titled_list(node):  # the theme writes its heading, and the anchor in it
        attributes = {k: v for k, v in node.attributes.items() if k != "id" or v in wanted}
        return replace(node, children=children, attributes=attributes)
    if node.kind is Kind.ANCHOR or name not in wanted:
        return with_children(node, children)
    if not any(each.kind is Kind.ANCHOR and each.title == name for each in children):
        anchor = Node(kind=Kind.ANCHOR, line=node.line, title=name)
        children = (anchor, *children)
    return with_children(node, children)
