"""Attribute lists of kramdown and pandoc: `{: width="300"}`, `{#news .wide}`. Pure.

They belong to what stands before them; what an email can carry of them is applied, and none of
them is ever shown as text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from newsletter.compose.elements import attributes_of
from newsletter.compose.tree import Kind, Node, with_children, words_of
from newsletter.errors import Location
from newsletter.finding import Finding, warning

DECORATIVE = "decorative"
"""The word that says of a picture that nobody misses it who does not see it."""

CONTENTS = frozenset({"[toc]", "[[toc]]", "[[_toc_]]", "${toc}"})
"""A paragraph that asks for the list of contents, as the programs of web sites know it."""

_VALUE = r"\"[^\"]*\"|'[^']*'|[“”][^“”]*[“”]|[^\s}\"'“”]+"
_ITEM = rf"[#.][\w:-]+|[\w:-]+=(?:{_VALUE})|[A-Za-z][\w-]*|-"
_LIST = re.compile(rf"\{{(?P<colon>:)?[ \t]*(?P<inside>(?:(?:{_ITEM})[ \t]*)+)\}}")
_ONE = re.compile(_ITEM)
_WORDS = frozenset({DECORATIVE, "unnumbered", "-"})
"""What may stand in a list without a colon and is no pair."""

_CENTRED = frozenset({"center", "centre", "centered", "aligncenter", "text-center"})
_QUIET = frozenset({"target", "rel", "loading", "height", "class", "role", "markdown"})

_TARGETS = frozenset(
    {Kind.IMAGE, Kind.LINK, Kind.EMPHASIS, Kind.STRONG, Kind.STRUCK, Kind.CODE_SPAN, Kind.ELEMENT}
)


def apply_lists(
    nodes: tuple[Node, ...], place: Callable[[int], Location]
) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """Apply every attribute list in `nodes`, and say once what email cannot carry."""
    applying = _Applying()
    done = applying.blocks(nodes)
    if not applying.lost:
        return done, ()
    listed = ", ".join(sorted(applying.lost))
    problem = f"attributes that an email cannot carry are left out: {listed}"
    hint = "an email carries width, align, id, alt, title, lang, dir and decorative"
    return done, (warning("attributes", problem, at=place(applying.first), hint=hint),)


class _Applying:
    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.first = 0

    def blocks(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        """Apply the lists among siblings and below them."""
        done: list[Node] = []
        waiting: list[str] = []
        for node in nodes:
            alone = _alone(node)
            if alone and "toc" in dict(_pairs(alone)):
                done.append(_contents(node))
                continue
            if alone:
                if done:
                    done[-1] = self._give(done[-1], alone)
                else:
                    waiting.append(alone)
                continue
            read = self._within(node)
            for each in waiting:
                read = self._give(read, each)
            waiting.clear()
            done.append(read)
        return tuple(done)

    def _within(self, node: Node) -> Node:
        match node.kind:
            case Kind.HEADING:
                return self._at_end(self._inline(node), needs_colon=False)
            case Kind.PARAGRAPH | Kind.TERM | Kind.CELL:
                return self._at_start(self._at_end(self._inline(node), needs_colon=True))
            case Kind.TABLE:
                rows = [row for row in node.children if not _is_list(words_of([row]).strip())]
                return with_children(node, tuple(map(self._within, rows)))
            case Kind.LIST:
                items = tuple(map(self._within, node.children))
                is_contents = any(
                    part.attributes.get("toc") for item in items for part in item.children
                )
                made = with_children(node, items)
                return _contents(node) if is_contents else made
            case _ if node.children:
                inner = self._inline(node) if _has_text(node) else node
                return with_children(inner, self.blocks(inner.children))
            case _:
                return node

    def _inline(self, node: Node) -> Node:
        """Give to each part of running text the list that directly follows it."""
        children: list[Node] = []
        for child in node.children:
            text = child.text if child.kind is Kind.TEXT else ""
            while text.startswith("{") and children and children[-1].kind in _TARGETS:
                found = _find(text, 0)
                if not found:
                    break
                children[-1] = self._give(children[-1], found[0])
                text = text[found.end() :]
            if child.kind is Kind.TEXT:
                kept = child if text == child.text else replace(child, text=text)
                children += [kept] if text else []
            else:
                children.append(self._inline(child) if child.children else child)
        return with_children(node, tuple(children))

    def _at_end(self, node: Node, *, needs_colon: bool) -> Node:
        """Apply a list that ends a heading, or is the last line of a paragraph."""
        last = node.children[-1] if node.children else None
        if last is None or last.kind is not Kind.TEXT or not last.text.rstrip().endswith("}"):
            return node
        found = _find(last.text.rstrip(), last.text.rfind("{"))
        if not found or found.end() != len(last.text.rstrip()):
            return node
        if needs_colon and not (found["colon"] and _begins_line(node, found.start())):
            return node
        before = last.text[: found.start()].rstrip()
        kept = node.children[:-1] + ((replace(last, text=before),) if before else ())
        while kept and kept[-1].kind in (Kind.SOFT_BREAK, Kind.HARD_BREAK):
            kept = kept[:-1]
        return self._give(replace(node, children=kept), found[0])

    def _at_start(self, node: Node) -> Node:
        first = node.children[0] if node.children else None
        if first is None or first.kind is not Kind.TEXT or not first.text.startswith("{:"):
            return node
        found = _find(first.text, 0)
        if not found:
            return node
        rest = first.text[found.end() :].lstrip()
        kept = ((replace(first, text=rest),) if rest else ()) + node.children[1:]
        while kept and kept[0].kind is Kind.SOFT_BREAK:
            kept = kept[1:]
        return self._give(replace(node, children=kept), found[0])

    def _give(self, node: Node, listed: str) -> Node:
        given: dict[str, str] = dict(_pairs(listed))
        alt, is_decorative = given.pop("alt", None), bool(given.pop(DECORATIVE, ""))
        kept, _ = attributes_of("img" if node.kind is Kind.IMAGE else "p", given)
        for name in given:
            if name not in kept and name not in _QUIET and name != "toc":
                self.lost[name] += 1
                self.first = self.first or node.line
        if "toc" in given:
            kept["toc"] = "yes"
        return replace(
            node,
            attributes={**node.attributes, **kept},
            text=node.text if alt is None or node.kind is not Kind.IMAGE else alt,
            is_decorative=node.is_decorative or is_decorative or alt == "",
        )


def _pairs(listed: str) -> Iterator[tuple[str, str]]:
    for found in _ONE.finditer(listed.strip("{}").lstrip(":")):
        item = found[0]
        name, pair, value = item.partition("=")
        if item[0] == "#":
            yield "id", item[1:]
        elif item[0] == ".":
            yield ("align", "center") if item[1:].lower() in _CENTRED else ("class", item[1:])
        elif pair:
            yield name.lower(), value.strip("\"'“”")
        elif item.lower() in (DECORATIVE, "toc"):
            yield item.lower(), "yes"


def _find(text: str, start: int) -> re.Match[str] | None:
    found = _LIST.match(text, max(start, 0))
    if not found or found["colon"]:
        return found
    items = _ONE.findall(found["inside"])
    return found if all(i[0] in "#." or "=" in i or i.lower() in _WORDS for i in items) else None


def _is_list(text: str) -> bool:
    found = _find(text, 0)
    return bool(found and found.end() == len(text) and found["colon"])


def _alone(node: Node) -> str:
    """Give the list that a paragraph consists of; empty for any other block."""
    if node.kind is not Kind.PARAGRAPH or len(node.children) != 1:
        return ""
    text = node.children[0].text.strip() if node.children[0].kind is Kind.TEXT else ""
    return text if _is_list(text) else ""


def _begins_line(node: Node, start: int) -> bool:
    before = node.children[-2].kind if len(node.children) > 1 else Kind.SOFT_BREAK
    return start == 0 and before in (Kind.SOFT_BREAK, Kind.HARD_BREAK)


def _has_text(node: Node) -> bool:
    return any(child.kind is Kind.TEXT for child in node.children)


def _contents(node: Node) -> Node:
    return Node(kind=Kind.DIRECTIVE, line=node.line, title="contents")
