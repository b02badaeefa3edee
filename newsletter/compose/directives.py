"""The blocks between colons: taken apart into what the theme shows. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from newsletter.compose.digestblocks import ListEntry, entries_of
from newsletter.compose.tree import Kind, Node, walk, words_of

COLUMNS = 2
"""How many there may be: on a screen of 600 pixels a third would be unreadable."""

_ANYWHERE = frozenset({"contents", "divider", "figure"})
"""What may stand inside another block: it is drawn like the text around it."""

_FACT = re.compile(r"(?P<name>[^\W\d_][\w ]{0,20}):\s+(?P<value>\S.*)")
_URL = re.compile(r"https?://\S+|mailto:\S+|tel:\S+")


@dataclass(frozen=True, slots=True)
class Problem:
    """What a directive lacks."""

    problem: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A directive, taken apart."""

    label: str = ""
    url: str = ""
    """As the author wrote it."""
    facts: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Node, ...] = ()
    """Paragraphs that are a picture."""
    title: tuple[Node, ...] = ()
    """The words of the heading of a card or a lead, which lead where it leads."""
    entries: tuple[ListEntry, ...] = ()
    """Those of a list: items, events, deadlines, jobs."""
    parts: tuple[tuple[Node, ...], ...] = ((),)
    """Runs of nodes; one, but for columns."""
    problems: tuple[Problem, ...] = field(default=())


def take_apart(node: Node) -> Directive:
    """Take the directive `node` apart by its name."""
    nested = [
        each
        for each in walk(node.children)
        if each.kind is Kind.DIRECTIVE and each.title not in _ANYWHERE
    ]
    found = _BY_NAME[node.title](node)
    if not nested:
        return found
    inside = Problem(
        f"'::: {nested[0].title}' cannot stand inside '::: {node.title}'",
        "close the one with a line `:::` before the other begins",
    )
    return replace(found, problems=(*found.problems, inside))


def _button(node: Node) -> Directive:
    label = words_of(node.children)
    problems = tuple(
        _missing("button", "::: button https://example.org/join", what)
        for what, is_there in (("words", label), ("link", _URL.fullmatch(node.text)))
        if not is_there
    )
    parts = (node.children,) if problems else ((),)
    return Directive(label=label, url=node.text, parts=parts, problems=problems)


def _callout(node: Node) -> Directive:
    problems = () if node.children else (_missing("callout", "a text below it", "text"),)
    return Directive(label=node.text, parts=(node.children,), problems=problems)


def _card(node: Node) -> Directive:
    """Take a card or a lead apart: a picture, a heading, a text."""
    rest = list(node.children)
    first = (rest.pop(0),) if rest and is_picture(rest[0]) else ()
    heading = rest.pop(0).children if rest and rest[0].kind is Kind.HEADING else ()
    title = tuple(each for each in heading if each.kind is not Kind.ANCHOR)
    # The title becomes a link, and no link can hold an anchor.
    anchors = tuple(each for each in heading if each.kind is Kind.ANCHOR)
    if anchors:
        rest.insert(0, Node(kind=Kind.ELEMENT, line=node.line, tag="span", children=anchors))
    problems = []
    if node.text and not _URL.fullmatch(node.text):
        example = f"::: {node.title} https://example.org/more"
        problems.append(_missing(node.title, example, "link"))
    if not node.children:
        problems.append(_missing(node.title, "### and a title below it", "title"))
    return Directive(
        url=node.text if not problems else "",
        pictures=first,
        title=() if problems else title,
        parts=(node.children[len(first) :] if problems else tuple(rest),),
        problems=tuple(problems),
    )


def _columns(node: Node) -> Directive:
    parts: list[list[Node]] = [[]]
    for child in node.children:
        if child.kind is Kind.RULE:
            parts.append([])
        else:
            parts[-1].append(child)
    if len(parts) == COLUMNS and all(parts):
        return Directive(parts=tuple(map(tuple, parts)))
    problem = Problem(
        f"columns have two sides, not {len([part for part in parts if part])}",
        "put one line --- with empty lines around it between the two",
    )
    return Directive(parts=(node.children,), problems=(problem,))


def _contents(node: Node) -> Directive:
    has_list = any(child.kind is Kind.LIST for child in node.children)
    problem = Problem(
        "there is no heading below this list of contents", "write ## above each part of the text"
    )
    problems = () if has_list else (problem,)
    return Directive(label=node.text, parts=(node.children,), problems=problems)


def _divider(node: Node) -> Directive:
    if not node.children and not node.text:
        return Directive()
    problem = Problem("a divider holds no text", "write a line `:::` directly below it")
    return Directive(label=node.text, parts=(node.children,), problems=(problem,))


def _figure(node: Node) -> Directive:
    pictures = [each for each in node.children if is_picture(each)]
    problems = []
    if len(pictures) != 1:
        problem = f"a figure has one picture, not {len(pictures)}"
        problems.append(Problem(problem, "write ![what it shows](file.png) as a paragraph in it"))
    if node.text and not _URL.fullmatch(node.text):
        problems.append(_missing("figure", "::: figure https://example.org/more", "link"))
    if problems:
        return Directive(parts=(node.children,), problems=tuple(problems))
    rest = tuple(each for each in node.children if each is not pictures[0])
    return Directive(url=node.text, pictures=(pictures[0],), parts=(rest,))


def _deadline(node: Node) -> Directive:
    problems = () if node.text else (_missing("deadline", "::: deadline 15 January 2027", "date"),)
    return Directive(label=node.text, parts=(node.children,), problems=problems)


def _event(node: Node) -> Directive:
    facts: list[tuple[str, str]] = []
    url, rest = "", []
    for child in node.children:
        lines = [match for line in _lines(child) if (match := _FACT.fullmatch(line))]
        if child.kind is not Kind.PARAGRAPH or len(lines) != len(list(_lines(child))):
            rest.append(child)
            continue
        for match in lines:
            if match["name"].lower() in ("link", "url") and _URL.fullmatch(match["value"]):
                url = match["value"]
            else:
                facts.append((match["name"], match["value"]))
    problems = tuple(
        _missing("event", "::: event Spring webinar, then When: and Where: lines", what)
        for what, is_there in (("title", node.text), ("When: line", facts))
        if not is_there
    )
    parts = (node.children,) if problems else (tuple(rest),)
    return Directive(label=node.text, url=url, facts=tuple(facts), parts=parts, problems=problems)


def _list(node: Node) -> Directive:
    entries, lacks = entries_of(node)
    problems = tuple(Problem(problem, hint) for problem, hint in lacks)
    parts = (node.children,) if problems else ((),)
    entries = () if problems else entries
    return Directive(label=node.text, entries=entries, parts=parts, problems=problems)


def _quote(node: Node) -> Directive:
    problems = () if node.children else (_missing("quote", "a text below it", "text"),)
    return Directive(label=node.text, parts=(node.children,), problems=problems)


def _lines(node: Node) -> Iterator[str]:
    """Give the words of a paragraph line by line."""
    line: list[Node] = []
    for child in node.children:
        if child.kind in (Kind.SOFT_BREAK, Kind.HARD_BREAK):
            yield words_of(line)
            line = []
        else:
            line.append(child)
    yield words_of(line)


def is_picture(node: Node) -> bool:
    """Tell whether a paragraph is one picture, maybe with a link around it."""
    if node.kind is not Kind.PARAGRAPH or len(node.children) != 1:
        return False
    only = node.children[0]
    inner = only.children[0] if only.kind is Kind.LINK and len(only.children) == 1 else only
    return inner.kind is Kind.IMAGE


def _missing(name: str, example: str, what: str) -> Problem:
    return Problem(f"this {name} has no {what}", f"write {example}")


_BY_NAME: Mapping[str, Callable[[Node], Directive]] = {
    "button": _button,
    "callout": _callout,
    "card": _card,
    "columns": _columns,
    "contents": _contents,
    "deadline": _deadline,
    "divider": _divider,
    "deadlines": _list,
    "event": _event,
    "events": _list,
    "figure": _figure,
    "items": _list,
    "jobs": _list,
    "lead": _card,
    "quote": _quote,
}
