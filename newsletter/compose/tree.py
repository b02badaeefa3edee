"""The tree of a body: what Markdown means, with the line of each part.

The HTML part and the text part are both written from it, so they always say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import is_


class Kind(StrEnum):
    """What a node is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    ITEM = "item"
    QUOTE = "quote"
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    CODE = "code"
    RULE = "rule"
    DEFINITIONS = "definitions"
    """Terms, each with what it means."""
    TERM = "term"
    MEANING = "meaning"
    NOTES = "notes"
    """The footnotes of the body, at its end."""
    NOTE = "note"
    NOTE_MARK = "note-mark"
    """Where a footnote belongs; `level` is its number."""
    DIRECTIVE = "directive"
    """A block between colons: `title` is its name, `text` what stands behind the name."""
    ELEMENT = "element"
    """An element of raw HTML that Markdown has no sign for: `tag` is its name."""
    ANCHOR = "anchor"
    """A place that a link of the same body can lead to; `title` is its name."""
    HTML = "html"
    """Raw HTML that stands as a block of its own, not yet read."""
    TEXT = "text"
    EMPHASIS = "em"
    STRONG = "strong"
    STRUCK = "struck"
    CODE_SPAN = "code-span"
    LINK = "link"
    IMAGE = "image"
    SOFT_BREAK = "soft-break"
    HARD_BREAK = "hard-break"
    TAG = "tag"
    """One raw HTML tag or comment within text, not yet read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One part of a body."""

    kind: Kind
    line: int
    """The line of the body it begins on, counted from 1."""
    text: str = ""
    """The letters of text, code and raw HTML; the alternative text of an image."""
    children: tuple["Node", ...] = ()
    url: str = ""
    """Where a link leads or an image is."""
    title: str = ""
    """The title of a link or an image; the information string of a code block."""
    level: int = 0
    """The level of a heading, 1 to 6; the first number of an ordered list, -1 for bullets; the
    number of a footnote."""
    align: str = ""
    """How a table cell is aligned: `left`, `center`, `right`, or empty."""
    is_head: bool = False
    """Whether a cell stands in the head of its table."""
    is_tight: bool = False
    """Whether the paragraph stands close to its neighbours, as in a list without empty lines."""
    tag: str = ""
    """The name of an element."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What raw HTML or an attribute list says of it, as far as email can carry it."""
    is_decorative: bool = False
    """Whether the author says that nobody misses the image who does not see it."""


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Visit each node and all below it, in reading order."""
    waiting = [iter(nodes)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        yield node
        if node.children:
            waiting.append(iter(node.children))


def with_children(node: Node, children: tuple[Node, ...]) -> Node:
    """Give `node` these children; itself where they are the same."""
    is_same = len(children) == len(node.children) and all(map(is_, children, node.children))
    return node if is_same else replace(node, children=children)


def words_of(nodes: Iterable[Node]) -> str:
    """Give the bare words of `nodes`, in one line."""
    return " ".join("".join(_words(nodes)).split())


def _words(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        match node.kind:
            case Kind.TEXT | Kind.CODE_SPAN | Kind.CODE:
                yield node.text
            case Kind.SOFT_BREAK | Kind.HARD_BREAK:
                yield " "
            case Kind.TAG | Kind.HTML | Kind.IMAGE | Kind.ANCHOR:
                pass
            case _:
                yield from _words(node.children)
                if not is_inline(node):
                    yield " "


BLOCK_TAGS = frozenset(
    {"blockquote", "caption", "col", "colgroup", "dd", "div", "dl", "dt", "figure", "li", "ol"}
    | {"p", "pre", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
"""Elements that begin a line of their own."""

_INLINE = frozenset(
    {Kind.TEXT, Kind.EMPHASIS, Kind.STRONG, Kind.STRUCK, Kind.CODE_SPAN, Kind.LINK, Kind.IMAGE}
    | {Kind.SOFT_BREAK, Kind.HARD_BREAK, Kind.TAG, Kind.NOTE_MARK, Kind.ANCHOR}
)


def is_inline(node: Node) -> bool:
    """Tell whether `node` is a part of running text."""
    return node.kind in _INLINE or (node.kind is Kind.ELEMENT and node.tag not in BLOCK_TAGS)
