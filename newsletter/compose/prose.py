"""Write the body's tree as HTML that email can carry."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

from newsletter.compose.authorstyle import side_of, style_value
from newsletter.compose.language import direction_of_text
from newsletter.compose.pictures import WIDEST
from newsletter.compose.sanitise import ALLOWED, VOID
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import Kind, Node, walk, words_of

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
    urls: Mapping[str, str]
    """Where each link of the source leads; empty for a refused one, whose words stay."""
    widest: int = WIDEST
    """Pixels there are for a picture: less in a column of a table."""

    def write_block(self, node: Node) -> str:
        """Write one top-level node; raw HTML in it is as the author wrote it."""
        return _WRITERS[node.kind](self, node, self.attributes(node, is_top=True))

    def write_blocks(self, nodes: Iterable[Node]) -> str:
        """Write top-level nodes one after the other."""
        return "\n".join(self.write_block(node) for node in nodes)

    def write(self, nodes: Iterable[Node]) -> str:
        """Write `nodes` one after the other."""
        return "".join(
            _WRITERS[node.kind](self, node, self.attributes(node) if node.attributes else "")
            for node in nodes
        )

    def caption(self, nodes: Iterable[Node]) -> str:
        """Write the words below a picture: paragraphs become lines."""
        return "<br>".join(self.write(each.children or (each,)) for each in nodes)

    def attributes(self, node: Node, *, is_top: bool = False) -> str:
        """Write what the author says of `node`, and its direction where nobody says that."""
        own = {key: value for key, value in node.attributes.items() if key in _OWN}
        if is_top and "dir" not in own and node.kind is not Kind.ELEMENT:
            found = direction_of_text(self.tokens.pattern.sub("", words_of([node])))
            own |= {"dir": found} if found and found != self.direction else {}
        side = "" if node.tag == "table" else side_of(node)
        if side and not style_value(own.get("style", ""), "text-align"):
            own["style"] = "; ".join(filter(None, (own.get("style", ""), f"text-align: {side}")))
        return "".join(f' {name}="{escape(value)}"' for name, value in own.items())


_OWN = frozenset({"dir", "lang", "style", "title"})
"""The attributes that any element may have."""


def _heading(prose: Prose, node: Node, attributes: str) -> str:
    level = max(2, node.level)  # the headline is the one h1
    return f"<h{level}{attributes}>{prose.write(node.children)}</h{level}>"


def _paragraph(prose: Prose, node: Node, attributes: str) -> str:
    if node.is_tight:
        return prose.write(node.children)
    picture = node.children[0] if len(node.children) == 1 else None
    if picture and picture.kind is Kind.IMAGE and not attributes:
        attributes = prose.attributes(Node(kind=node.kind, line=0, attributes=_side(picture)))
    return f"<p{attributes}>{prose.write(node.children)}</p>"


def _side(picture: Node) -> Mapping[str, str]:
    return {"align": side} if (side := side_of(picture)) else {}


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
    """Write a block between colons where it is drawn like the text around it."""
    if node.title == "divider":
        return f"<hr>{prose.write(node.children)}"
    if node.title == "contents" and node.text:
        lead = f'<p class="lead"><strong>{escape(node.text)}</strong></p>'
        return f"{lead}{prose.write(node.children)}"
    if node.title == "contents":
        return prose.write(node.children)
    return f"<div{attributes}>{prose.write(node.children)}</div>"


def _code(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - code is always read from the left
    code = escape(prose.tokens.restore(node.text.rstrip("\n")), quote=False)
    return f'<pre class="code" dir="ltr"><code>{code}</code></pre>'


def _note_mark(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - one signature for all writers
    # No link to the note: many mail programs open their browser at it instead of scrolling.
    return f"<sup>{node.level}</sup>"


def _link(prose: Prose, node: Node, attributes: str) -> str:
    words = prose.write(node.children)
    if not prose.urls.get(node.url, node.url):
        return words
    title = f' title="{escape(node.title)}"' if node.title and "title" not in attributes else ""
    return f'<a href="{escape(node.url)}"{title}{attributes}>{words}</a>'


def _anchor(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - one signature for all writers
    # Empty, and with both: what mail programs look for is told in `anchors`.
    name = escape(node.title)
    return f'<a id="{name}" name="{name}"></a>'


def width_of(picture: Node, most: int) -> int:
    """Give the width on screen, in pixels: the author's where it is less than there is."""
    given = picture.attributes.get("width", "")
    given = given or style_value(picture.attributes.get("style", ""), "width")
    number = given.removesuffix("px").removesuffix("%").strip()
    if not number.isdecimal() or not int(number):
        return most
    asked = most * int(number) // 100 if given.endswith("%") else int(number)
    return max(1, min(asked, most))


def _image(prose: Prose, node: Node, attributes: str) -> str:  # noqa: ARG001 - a picture has its own
    width = ""
    if node.url in prose.widths:
        width = f' width="{width_of(node, min(prose.widths[node.url], prose.widest))}"'
    alt, title = escape(node.text), f' title="{escape(node.title)}"' if node.title else ""
    return f'<img src="{escape(node.url)}" alt="{alt}"{width}{title}>'


def _element(prose: Prose, node: Node, attributes: str) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in _of_element(node))
    if node.tag in VOID:
        return f"<{node.tag}{written}{attributes}>"
    if node.tag == "tr":
        prose = replace(prose, widest=prose.widest // max(1, len(node.children)))
    inside = prose.write(node.children)
    if node.tag != "table":
        return f"<{node.tag}{written}{attributes}>{inside}</{node.tag}>"
    role = "" if any(n.tag in ("th", "caption") for n in walk(node.children)) else _LAYOUT
    return f'<div class="wide"><table{role}{written}{attributes}>{inside}</table></div>'


def _of_element(node: Node) -> Iterator[tuple[str, str]]:
    """Give the attributes that only some elements have; no width tears a phone's screen."""
    for name, value in node.attributes.items():
        if name in _OWN or name not in ALLOWED[node.tag]:
            continue
        pixels = value.removesuffix("px")
        if name == "width" and pixels.isdecimal():
            if node.tag == "table":
                yield name, "100%"
            elif int(pixels) <= WIDEST:
                yield name, pixels
        elif name != "align" or node.tag == "table":
            yield name, value


_LAYOUT = ' role="presentation"'
"""A table without heads only puts things side by side: screen readers need not count its cells."""


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
    Kind.ELEMENT: _element,
    Kind.ANCHOR: _anchor,
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
