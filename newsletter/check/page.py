"""The final HTML of one variant, parsed once for all checks of it. A door to lxml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from newsletter.check.css import Declaration, Declarations, Rule, read_declarations, read_rules
from newsletter.check.look import DARK, LIGHT, PROPERTIES, Look, look_of
from newsletter.message.frozen import Context, Document, Frozen

SLOT_HOST = "slot.invalid"
"""Where links lead that stand for a member's own (RFC 6761: nobody ever answers there)."""

_NAMED_BY_WORDS = frozenset({"a", "title", "h1", "h2", "h3", "h4", "h5", "h6"})
_DYNAMIC = re.compile(r"::|:(?:hover|focus|active|visited|link|target|before|after)\b")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Element:
    """One element of the page."""

    tag: str
    attributes: Mapping[str, str]
    parent: "Element | None"
    own: str
    """The words directly in it, white space made single."""
    words: str
    """All words in a link or a heading, with the `alt` of its images; else empty."""
    light: Look
    dark: Look

    def around(self) -> "Iterator[Element]":
        """Give its parents, nearest first."""
        each = self.parent
        while each is not None:
            yield each
            each = each.parent

    def is_in(self, *tags: str) -> bool:
        """Tell whether it is one of `tags`, or stands in one."""
        return self.tag in tags or any(each.tag in tags for each in self.around())


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The HTML part of one variant, slots filled with what stands for any member."""

    elements: tuple[Element, ...]
    """In the order of the document."""
    rules: tuple[Rule, ...]

    @property
    def has_dark(self) -> bool:
        """Tell whether it has a dark look of its own."""
        return any(rule.is_dark for rule in self.rules)

    def of(self, *tags: str) -> Iterator[Element]:
        """Give its elements that are one of `tags`."""
        return (element for element in self.elements if element.tag in tags)

    @property
    def root(self) -> Element:
        """Give the `html` element."""
        return self.elements[0]

    def seen_words(self) -> str:
        """Give all the words that a reader sees in the light look."""
        return " ".join(each.own for each in self.elements if each.own and each.light.is_seen)


def read_page(document: Document) -> Page:
    """Parse the HTML part of `document`."""
    return parse_page(stand_in(document.html))


def stand_in(frozen: Frozen) -> str:
    """Fill each slot with its fallback, its own name, or a link to nowhere."""
    return frozen.fill(stand_in_values(frozen))


def stand_in_values(text: Frozen | Document) -> dict[str, str]:
    """Give values that stand for those of any member."""
    return {
        slot.name: f"https://{SLOT_HOST}/{slot.name}"
        if slot.context is Context.LINK or slot.name.endswith("_url")
        else slot.fallback or slot.name
        for slot in text.slots
    }


def parse_page(html: str) -> Page:
    """Parse a whole HTML document; anything is parsed, as in a browser."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        root = document_fromstring(html, parser=HTMLParser(remove_comments=True, remove_pis=True))
    except (etree.ParserError, ValueError):  # nothing in it
        root = document_fromstring("<html></html>")
    rules = tuple(
        rule for style in root.iter("style") for rule in _rules_of(style.text or "", style)
    )
    light = _matches(root, [rule for rule in rules if not rule.media])
    dark = _matches(root, [rule for rule in rules if not rule.media or rule.is_dark])
    return Page(elements=tuple(_elements(root, light, dark)), rules=rules)


def _rules_of(css: str, style: Any) -> Iterator[Rule]:  # noqa: ANN401 - lxml has no types
    media = style.get("media", "")
    for rule in _cached_rules(css):
        yield Rule(f"{media} {rule.media}".strip(), rule.selectors, rule.declarations)


@lru_cache(maxsize=32)
def _cached_rules(css: str) -> tuple[Rule, ...]:
    return tuple(read_rules(css))


_Matched = dict[Any, list[tuple[tuple[int, int, int], Declarations]]]


def _matches(root: Any, rules: list[Rule]) -> _Matched:  # noqa: ANN401 - lxml has no types
    """Find the elements that each rule styles, with its specificity."""
    found: _Matched = {}
    for rule in rules:
        if PROPERTIES.isdisjoint(rule.declarations):
            continue
        for selector in rule.selectors:
            finder = _finder(selector)
            if finder is not None:
                specificity, find = finder
                for element in find(root):
                    found.setdefault(element, []).append((specificity, rule.declarations))
    return found


@lru_cache(maxsize=1024)
def _finder(selector: str) -> Any:  # noqa: ANN401 - lxml has no types
    """Give the specificity and the search of a selector; None for those of a moment (hover)."""
    if _DYNAMIC.search(selector) or "[data-ogs" in selector:
        return None
    from cssselect import SelectorError, parse
    from lxml.cssselect import CSSSelector

    try:
        return parse(selector)[0].specificity(), CSSSelector(selector, translator="html")
    except SelectorError:
        return None


def _elements(root: Any, light: _Matched, dark: _Matched) -> Iterator[Element]:  # noqa: ANN401 - lxml has no types
    made: dict[Any, Element] = {}
    for node in root.iter():
        attributes = {str(name).lower(): str(value) for name, value in node.attrib.items()}
        inline = read_declarations(attributes.get("style", ""))
        parent = made.get(node.getparent())
        tag = str(node.tag).lower()
        made[node] = Element(
            tag=tag,
            attributes=attributes,
            parent=parent,
            own=_squeezed([node.text, *(child.tail for child in node)]),
            words=_words(node),
            light=look_of(
                tag,
                attributes,
                _cascaded(light.get(node, []), inline),
                parent.light if parent else LIGHT,
            ),
            dark=look_of(
                tag,
                attributes,
                _cascaded(dark.get(node, []), inline),
                parent.dark if parent else DARK,
            ),
        )
        yield made[node]


def _words(node: Any) -> str:  # noqa: ANN401 - lxml has no types
    if node.tag not in _NAMED_BY_WORDS:
        return ""
    pictures = [image.get("alt") for image in node.iter("img")]
    return _squeezed([*node.itertext(), *pictures])


def _squeezed(parts: list[str | None]) -> str:
    return " ".join(" ".join(part for part in parts if part).split())


def _cascaded(
    matched: list[tuple[tuple[int, int, int], Declarations]], inline: Declarations
) -> Declarations:
    """Let the rules, the style attribute and what is important win, in this order."""
    if not matched:
        return inline
    ordered = [declarations for _, declarations in sorted(matched, key=lambda pair: pair[0])]
    result: dict[str, Declaration] = {}
    for is_important in (False, True):
        for declarations in (*ordered, inline):
            for name, declaration in declarations.items():
                if declaration.is_important == is_important:
                    _set(result, name, declaration)
    return result


def _set(result: dict[str, Declaration], name: str, declaration: Declaration) -> None:
    if name in {"background", "background-color"}:
        result.pop("background", None)
        result.pop("background-color", None)
    result.pop(name, None)
    result[name] = declaration
