"""Write the body's tree as plain text, as somebody would have typed it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from newsletter.compose.digestblocks import LISTS, ListEntry
from newsletter.compose.directives import take_apart
from newsletter.compose.plaintable import write_table
from newsletter.compose.sanitise import UNSEEN
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import Kind, Node
from newsletter.compose.wrap import WIDTH, width_of, wrap


@dataclass(slots=True, kw_only=True)
class PlainText:
    """Writes one body; links are numbered in the order they come."""

    tokens: Tokens
    urls: Mapping[str, str]
    """Where each link of the source leads; empty for a refused one."""
    links: list[str] = field(default_factory=list)
    """The addresses of the footnotes; the first is number 1."""

    def write_block(self, node: Node, width: int = WIDTH) -> list[str]:
        """Write one block as lines of at most `width` columns, but for long words."""
        return _BLOCKS.get(node.kind, _paragraph)(self, node, width)

    def write_blocks(self, nodes: Iterable[Node], width: int) -> list[str]:
        """Write blocks with an empty line between two of them, none in a tight list."""
        lines: list[str] = []
        for run in _runs(nodes):
            written = self.write_block(run[0], width) if len(run) == 1 else self._flow(run, width)
            is_close = run[0].is_tight or (run[0].kind is Kind.LIST and _is_tight(run[0]))
            lines += ([""] if lines and written and not is_close else []) + written
        return lines

    def _flow(self, nodes: Sequence[Node], width: int) -> list[str]:
        return wrap(self.write_inline(nodes), width=width)

    def write_inline(self, nodes: Iterable[Node]) -> str:
        """Write running text; a line break within it is a line end."""
        written = _Inline(self)
        written.take(nodes)
        return written.text()

    def refer(self, url: str, words: str) -> str:
        """Write a link: its words and the number of its footnote."""
        target = self.urls.get(url, url)
        if not target or not target.partition(":")[2].strip("/"):
            return words
        bare = target.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if words.strip() in {target, bare, bare.removeprefix("https://"), target.rstrip("/")}:
            return words if words.strip().startswith("http") or "://" not in target else target
        if target not in self.links:
            self.links.append(target)
        return f"{words} [{self.links.index(target) + 1}]".lstrip()


_INLINE = frozenset(
    {Kind.TEXT, Kind.EMPHASIS, Kind.STRONG, Kind.STRUCK, Kind.CODE_SPAN, Kind.LINK, Kind.IMAGE}
    | {Kind.SOFT_BREAK, Kind.HARD_BREAK, Kind.TAG, Kind.NOTE_MARK}
)


def _runs(nodes: Iterable[Node]) -> list[list[Node]]:
    """Put running text that stands without a paragraph together."""
    runs: list[list[Node]] = []
    for node in nodes:
        if node.kind in _INLINE and runs and runs[-1][-1].kind in _INLINE:
            runs[-1].append(node)
        else:
            runs.append([node])
    return runs


def _is_tight(node: Node) -> bool:
    return all(part.is_tight for item in node.children for part in item.children[:1])


def _paragraph(plain: PlainText, node: Node, width: int) -> list[str]:
    text = plain.write_inline(node.children or (node,))
    return wrap(text, width=width) if text else []


def _heading(plain: PlainText, node: Node, width: int) -> list[str]:
    lines = _paragraph(plain, node, width)
    if node.level > 2 or not lines:  # noqa: PLR2004 - two levels are told apart, as by hand
        return lines
    return [*lines, "-" * max(width_of(line) for line in lines)]


def _list(plain: PlainText, node: Node, width: int) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(node.children, max(node.level, 0)):
        marker = "- " if node.level < 0 else f"{number}. "
        hanging = " " * len(marker)
        written = plain.write_blocks(item.children, width - len(marker)) or [""]
        lines += [""] if lines and not _is_tight(node) else []
        lines += [
            f"{marker if at == 0 else hanging}{line}".rstrip() for at, line in enumerate(written)
        ]
    return lines


def _definitions(plain: PlainText, node: Node, width: int) -> list[str]:
    lines: list[str] = []
    for part in node.children:
        if part.kind is Kind.TERM:
            lines += [""] if lines else []
            lines += _paragraph(plain, part, width)
        else:
            lines += [f"  {line}".rstrip() for line in plain.write_blocks(part.children, width - 2)]
    return lines


def _notes(plain: PlainText, node: Node, width: int) -> list[str]:
    lines = ["-" * 12]
    for note in node.children:
        mark = f"({note.level}) "
        written = plain.write_blocks(note.children, width - len(mark)) or [""]
        lines.append(mark + written[0])
        lines += [f"{' ' * len(mark)}{line}".rstrip() for line in written[1:]]
    return lines


def _directive(plain: PlainText, node: Node, width: int) -> list[str]:
    """Write a block between colons: what it says first, where it leads last."""
    taken = take_apart(node)
    lines = wrap(taken.label, width=width) if taken.label else []
    lines += wrap(plain.write_inline(taken.title), width=width) if taken.title else []
    if node.title in ("lead", *LISTS) and lines:
        lines.append("-" * max(map(width_of, lines)))
    for entry in taken.entries:
        lines += _entry(plain, entry, width)
    for name, value in taken.facts:
        lines += wrap(f"{name}: {value}", rest="  ", width=width)
    body = (*taken.pictures, *(each for part in taken.parts for each in part))
    written = plain.write_blocks(body, width)
    lines += ([""] if lines and written else []) + written
    target = plain.urls.get(taken.url, taken.url)
    lines += [target] if target else []
    if node.title in ("callout", "event", "deadline"):
        return [f"| {line}".rstrip() for line in lines]
    return [f"> {line}".rstrip() for line in lines] if node.title == "quote" else lines


def _entry(plain: PlainText, entry: ListEntry, width: int) -> list[str]:
    """Write an entry of a list: `- 4 March: Spring webinar [2], online`."""
    title = plain.write_inline(entry.title)
    title = plain.refer(entry.url, title) if entry.url else title
    rest = plain.write_inline(entry.rest)
    gap = ", " if entry.when else entry.joint
    words = f"{entry.when}: " if entry.when else ""
    words += f"{title}{gap}{rest}" if rest else title
    more = plain.write_blocks(entry.more, width - 2)
    return [
        *wrap(words, first="- ", rest="  ", width=width),
        *(f"  {each}".rstrip() for each in more),
    ]


def _quote(plain: PlainText, node: Node, width: int) -> list[str]:
    return [f"> {line}".rstrip() for line in plain.write_blocks(node.children, width - 2)]


def _code(plain: PlainText, node: Node, width: int) -> list[str]:  # noqa: ARG001 - code keeps its lines
    text = plain.tokens.restore(node.text.rstrip("\n"))
    return [f"    {line}".rstrip() for line in text.split("\n")]


def _rule(plain: PlainText, node: Node, width: int) -> list[str]:  # noqa: ARG001 - one signature
    return ["* * *".center(width).rstrip()]


def _html(plain: PlainText, node: Node, width: int) -> list[str]:
    text = plain.write_inline((node,))
    paragraphs = [part.strip() for part in text.split("\n\n")]
    lines: list[str] = []
    for part in filter(None, paragraphs):
        lines += ([""] if lines else []) + wrap(part, width=width)
    return lines


def _table(plain: PlainText, node: Node, width: int) -> list[str]:
    rows = [[plain.write_inline(cell.children) for cell in row.children] for row in node.children]
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    return write_table(rows, [cell.align for cell in node.children[0].children], width)


_BLOCKS: Mapping[Kind, Callable[[PlainText, Node, int], list[str]]] = {
    Kind.HEADING: _heading,
    Kind.LIST: _list,
    Kind.QUOTE: _quote,
    Kind.CODE: _code,
    Kind.RULE: _rule,
    Kind.TABLE: _table,
    Kind.DEFINITIONS: _definitions,
    Kind.NOTES: _notes,
    Kind.DIRECTIVE: _directive,
    Kind.HTML: _html,
}

_SIGNS = {Kind.SOFT_BREAK: " ", Kind.HARD_BREAK: "\n"}
_MARKS = {Kind.EMPHASIS: "_", Kind.STRONG: "*", Kind.STRUCK: "~"}
_NEW_LINE = frozenset({"br", "li", "tr", "dd", "dt", "div", "caption"})
_NEW_PARAGRAPH = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"})


class _Inline(HTMLParser):
    """Writes running text; raw tags come as a stream, as in the source."""

    def __init__(self, plain: PlainText) -> None:
        super().__init__(convert_charrefs=True)
        self._plain = plain
        self._pieces: list[str] = []
        self._anchors: list[tuple[int, str]] = []
        self._unseen = 0

    def text(self) -> str:
        self.close()
        joined = "".join(self._pieces)
        return "\n".join(" ".join(line.split(" ")).strip() for line in joined.split("\n")).strip()

    def take(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._take(node)

    def _take(self, node: Node) -> None:
        match node.kind:
            case Kind.TEXT:
                self._pieces.append(node.text)
            case Kind.CODE_SPAN:
                self._pieces.append(self._plain.tokens.restore(node.text))
            case Kind.SOFT_BREAK | Kind.HARD_BREAK | Kind.NOTE_MARK:
                self._pieces.append(_SIGNS.get(node.kind) or f" ({node.level})")
            case Kind.IMAGE:
                shown = f"[{node.text}]" if node.text else ""
                self._pieces.append(f"{shown} {node.title}".strip())
            case Kind.TAG | Kind.HTML:
                self.feed(node.text)
            case Kind.LINK:
                words = self._plain.write_inline(node.children)
                self._pieces.append(self._plain.refer(node.url, words))
            case _:
                mark = _MARKS.get(node.kind, "")
                words = self._plain.write_inline(node.children)
                self._pieces.append(f"{mark}{words}{mark}" if words else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in UNSEEN:
            self._unseen += 1
        if tag == "a":
            self._anchors.append((len(self._pieces), values.get("href") or ""))
        elif tag == "img":
            self._pieces.append(f"[{values['alt']}]" if values.get("alt") else "")
        elif tag in _NEW_LINE | _NEW_PARAGRAPH:
            self._break("\n\n" if tag in _NEW_PARAGRAPH else "\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag == "a" and self._anchors:
            begin, url = self._anchors.pop()
            words = "".join(self._pieces[begin:])
            self._pieces[begin:] = [self._plain.refer(url, words)]
        elif tag in _NEW_PARAGRAPH:
            self._break("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._pieces.append(" ".join(data.replace("\n", " ").split(" ")))

    def _break(self, ends: str) -> None:
        if self._pieces and not self._pieces[-1].endswith(ends):
            self._pieces.append(ends)
