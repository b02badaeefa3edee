"""Write the body's tree as HTML that email can carry."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from newsletter.compose.language import direction_of_text
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import Kind, Node, words_of

CARDS_FROM = 4
"""A table with so many columns does not fit a phone; there, each row becomes a card."""

_ATTRIBUTION = ("— ", "\u2013 ", "-- ", "― ")
"""How a quotation's last paragraph begins where it says who spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """How one body is written."""

    tokens: Tokens
    direction: str
    """The direction of the issue; a block of the other one says so."""
    widths: Mapping[str, int]
    """The width on screen of each picture by its source."""

    def write_block(self, node: Node) -> str:
        """Write one top-level node; raw HTML in it is as the author wrote it."""
        return _WRITERS[node.kind](self, node, self._direction(node))

    def write_blocks(self, nodes: Iterable[Node]) -> str:
        """Write top-level nodes one after the other."""
        return "\n".join(self.write_block(node) for node in nodes)

    def write(self, nodes: Iterable[Node]) -> str:
        """Write `nodes` one after the other."""
        return "".join(_WRITERS[node.kind](self, node, "") for node in nodes)

    def _direction(self, node: Node) -> str:
        own = direction_of_text(self.tokens.pattern.sub("", words_of([node])))
        return f' dir="{own}"' if own and own != self.direction else ""


def _heading(prose: Prose, node: Node, attributes: str) -> str:
    level = max(2, node.level)  # the headline is the one h1
    return f"<h{level}{attributes}>{prose.write(node.children)}</h{level}>"


def _paragraph(prose: Prose, node: Node, attributes: str) -> str:
    if node.is_tight:
        return prose.write(node.children)
    return f"<p{attributes}>{prose.write(node.children)}</p>"


def _list(prose: Prose, node: Node, attributes: str) -> str:
    if node.level < 0:
        return f"<ul{attributes}>{prose.write(node.children)}</ul>"
    start = f' start="{node.level}"' if node.level != 1 else ""
    return f"<ol{start}{attributes}>{prose.write(node.children)}</ol>"


def _quote(prose: Prose, node: Node, attributes: str) -> str:
    *before, last = [prose.write([child]) for child in node.children] or [""]
    if words_of(node.children[-1:]).startswith(_ATTRIBUTION) and last.startswith("<p>"):
        last = f'<p class="by">{last[3:]}'
    return f"<blockquote{attributes}>{''.join(before)}{last}</blockquote>"


def _table(prose: Prose, node: Node, attributes: str) -> str:
    head, *rows = node.children
    labels = [words_of([cell]) for cell in head.children]
    has_cards = len(labels) >= CARDS_FROM
    written = "".join(_row(prose, row, labels if has_cards else []) for row in rows)
    return (
        f'<div class="wide"><table class="data{" cards" if has_cards else ""}"{attributes}>'
        f"<thead>{_row(prose, head, [])}</thead>"
        f"<tbody>{written}</tbody></table></div>"
    )


def _row(prose: Prose, row: Node, labels: list[str]) -> str:
    cells = []
    for number, cell in enumerate(row.children):
        tag = 'th scope="col"' if cell.is_head else "td"
        align = cell.align or ("right" if prose.direction == "rtl" else "left")
        label = labels[number] if number < len(labels) else ""
        shown = f'<span class="label">{escape(label)}: </span>' if label else ""
        cells.append(f'<{tag} align="{align}">{shown}{prose.write(cell.children)}</{tag[:2]}>')
    return f"<tr>{''.join(cells)}</tr>"


def _directive(prose: Prose, node: Node, attributes: str) -> str:
    """Write a block between colons where it cannot be one: within a list, a quote, another."""
    return f"<div{attributes}>{prose.write(node.children)}</div>"


def _code(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - code is always read from the left
    code = escape(prose.tokens.restore(node.text.rstrip("\n")), quote=False)
    return f'<pre class="code" dir="ltr"><code>{code}</code></pre>'


def _note_mark(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - one signature for all writers
    # No link to the note: many mail programs open their browser at it instead of scrolling.
    return f"<sup>{node.level}</sup>"


def _link(prose: Prose, node: Node, attributes: str) -> str:
    title = f' title="{escape(node.title)}"' if node.title else ""
    return f'<a href="{escape(node.url)}"{title}{attributes}>{prose.write(node.children)}</a>'


def _image(prose: Prose, node: Node, attributes: str) -> str:
    width = f' width="{prose.widths[node.url]}"' if node.url in prose.widths else ""
    alt, title = escape(node.text), f' title="{escape(node.title)}"' if node.title else ""
    return f'<img src="{escape(node.url)}" alt="{alt}"{width}{title}{attributes}>'


_Writer = Callable[[Prose, Node, str], str]


def _within(tag: str, hook: str = "") -> _Writer:
    own = f' class="{hook}"' if hook else ""

    def write(prose: Prose, node: Node, attributes: str) -> str:
        return f"<{tag}{own}{attributes}>{prose.write(node.children)}</{tag}>"

    return write


def _as_written(html: str) -> _Writer:
    return lambda prose, node, attributes: html  # noqa: ARG005 - one signature for all writers


_WRITERS: Mapping[Kind, _Writer] = {
    Kind.HEADING: _heading,
    Kind.PARAGRAPH: _paragraph,
    Kind.LIST: _list,
    Kind.ITEM: _within("li"),
    Kind.QUOTE: _quote,
    Kind.TABLE: _table,
    Kind.CODE: _code,
    Kind.RULE: _as_written("<hr>"),
    Kind.DEFINITIONS: _within("dl"),
    Kind.TERM: _within("dt"),
    Kind.MEANING: _within("dd"),
    Kind.NOTES: _within("ol", "notes"),
    Kind.NOTE: _within("li"),
    Kind.NOTE_MARK: _note_mark,
    Kind.DIRECTIVE: _directive,
    Kind.HTML: lambda prose, node, attributes: node.text,  # noqa: ARG005 - sanitised as a whole block
    Kind.TAG: lambda prose, node, attributes: node.text,  # noqa: ARG005 - sanitised as a whole block
    Kind.TEXT: lambda prose, node, attributes: escape(node.text, quote=False),  # noqa: ARG005 - text
    Kind.EMPHASIS: _within("em"),
    Kind.STRONG: _within("strong"),
    Kind.STRUCK: _within("s"),
    Kind.CODE_SPAN: lambda prose, node, attributes: (  # noqa: ARG005 - one signature for all writers
        f"<code>{escape(prose.tokens.restore(node.text), quote=False)}</code>"
    ),
    Kind.LINK: _link,
    Kind.IMAGE: _image,
    Kind.SOFT_BREAK: _as_written("\n"),
    Kind.HARD_BREAK: _as_written("<br>"),
}
