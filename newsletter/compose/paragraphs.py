"""Running text that stands beside blocks in raw HTML: it gets paragraphs of its own. Pure."""

from collections.abc import Iterable, Iterator

from newsletter.compose.elements import SAME_AS, trimmed
from newsletter.compose.tree import BLOCK_TAGS, Kind, Node, is_inline, walk, words_of


def children_of(element: str, children: tuple[Node, ...]) -> tuple[Node, ...]:
    """Give what stands in an element: running text beside blocks in paragraphs of its own."""
    tag = SAME_AS.get(element, element)
    if tag in {"ul", "ol", "dl", "table", "tbody", "thead", "tfoot", "tr", "colgroup"}:
        return tuple(each for each in children if not is_inline(each) or words_of([each]))
    if tag not in BLOCK_TAGS or all(map(is_inline, children)):
        return children
    return tuple(in_paragraphs(children))


def in_paragraphs(nodes: Iterable[Node]) -> Iterator[Node]:
    """Put each run of text between blocks into a paragraph, and leave empty ones out."""
    run: list[Node] = []
    for node in nodes:
        if is_inline(node):
            run.append(node)
            continue
        yield from _paragraph(run)
        run = []
        if node.kind is not Kind.PARAGRAPH or _is_seen(node.children):
            yield node
    yield from _paragraph(run)


def _paragraph(run: list[Node]) -> Iterator[Node]:
    if _is_seen(run):
        inner = trimmed(tuple(run))
        yield Node(kind=Kind.PARAGRAPH, line=inner[0].line, children=inner)


def _is_seen(nodes: Iterable[Node]) -> bool:
    seen = (Kind.IMAGE, Kind.ANCHOR, Kind.NOTE_MARK)
    return any(n.kind in seen or (n.text.strip() and n.kind is not Kind.TAG) for n in walk(nodes))
