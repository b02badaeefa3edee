"""Write the body's tree as plain text, as somebody would have typed it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsletter.compose.digestblocks import LISTS, ListEntry
from newsletter.compose.directives import take_apart
from newsletter.compose.plaintable import write_rows, write_table
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import Kind, Node, is_inline, walk
from newsletter.compose.wrap import WIDTH, width_of, wrap


@dataclass(slots=True, kw_only=True)
class PlainText:
    """Writes one body; links are numbered in the order they come."""

    tokens: Tokens
    urls: Mapping[str, str]
    """Where each link of the source leads; empty for a refused one."""
    local: Mapping[int, str] = field(default_factory=dict)
    """By the line of an event: what stands behind its first fact."""
    links: dict[str, int] = field(default_factory=dict)
    """The addresses of the footnotes with their numbers; the first is number 1."""

    def write_block(self, node: Node, width: int = WIDTH) -> list[str]:
        """Write one block as lines of at most `width` columns, but for long words."""
        return _BLOCKS.get(node.kind, _paragraph)(self, node, width)

    def write_blocks(self, nodes: Iterable[Node], width: int) -> list[str]:
        """Write blocks with an empty line between two of them, none in a tight list."""
        lines: list[str] = []
        before: Node | None = None
        for run in _runs(nodes):
            written = self.write_block(run[0], width) if len(run) == 1 else self._flow(run, width)
            is_close = run[0].is_tight or (run[0].kind is Kind.LIST and _is_close(before, run[0]))
            lines += ([""] if lines and written and not is_close else []) + written
            before = run[-1]
        return lines

    def _flow(self, nodes: Sequence[Node], width: int) -> list[str]:
        return wrap(self.write_inline(nodes), width=width)

    def write_inline(self, nodes: Iterable[Node]) -> str:
        """Write running text; a line break within it is a line end."""
        return "\n".join(line.strip(" ") for line in self.within(nodes).split("\n"))

    def within(self, nodes: Iterable[Node]) -> str:
        """Write a part of running text; the space at its ends stays."""
        return "".join(_WITHIN.get(node.kind, _as_children)(self, node) for node in nodes)

    def refer(self, url: str, words: str) -> str:
        """Write a link: its words and the number of its footnote."""
        target = self.urls.get(url, url)
        if target.startswith("#") or not target.partition(":")[2].strip("/"):
            return words
        bare = target.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if words.strip() in {target, bare, bare.removeprefix("https://"), target.rstrip("/")}:
            return words if words.strip().startswith("http") or "://" not in target else target
        number = self.links.setdefault(target, len(self.links) + 1)
        return f"{words} [{number}]".lstrip()


def _runs(nodes: Iterable[Node]) -> list[list[Node]]:
    """Put running text that stands without a paragraph together."""
    runs: list[list[Node]] = []
    for node in nodes:
        if is_inline(node) and runs and is_inline(runs[-1][-1]):
            runs[-1].append(node)
        else:
            runs.append([node])
    return runs


def _is_close(before: Node | None, listed: Node) -> bool:
    """Tell whether a list stands close to the words of its item."""
    return before is not None and (before.is_tight or is_inline(before)) and _is_tight(listed)


def _is_tight(node: Node) -> bool:
    return all(p.is_tight or is_inline(p) for item in node.children for p in item.children[:1])


def _paragraph(plain: PlainText, node: Node, width: int) -> list[str]:
    text = plain.write_inline(node.children or (node,)).strip()
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
    if node.title == "divider":
        return [*_rule(plain, node, width), *plain.write_blocks(node.children, width)]
    taken = take_apart(node)
    lines = wrap(taken.label, width=width) if taken.label else []
    lines += wrap(plain.write_inline(taken.title), width=width) if taken.title else []
    if node.title in ("lead", *LISTS) and lines:
        lines.append("-" * max(map(width_of, lines)))
    for entry in taken.entries:
        lines += _entry(plain, entry, width)
    for number, (name, value) in enumerate(taken.facts):
        lines += wrap(f"{name}: {value}", rest="  ", width=width)
        lines[-1] += plain.local.get(node.line, "") if number == 0 else ""
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


def _element(plain: PlainText, node: Node, width: int) -> list[str]:
    """Write an element of raw HTML: a table row by row, all else as what stands in it."""
    if is_inline(node):
        return _paragraph(plain, node, width)
    rows = [each for each in walk([node]) if each.tag == "tr"]
    is_nested = sum(each.tag == "table" for each in walk([node])) > 1
    cells = [[each for each in row.children if each.tag in ("td", "th")] for row in rows]
    if not rows or is_nested or not _fit_lines(cells):
        return plain.write_blocks(node.children, width)
    written = [[_cell(plain, cell) for cell in row] for row in cells]
    if any(width_of(words) > width // 2 for row in written for words in row):
        return plain.write_blocks([_as_paragraph(each) for row in cells for each in row], width)
    caption = [each for each in node.children if each.tag == "caption"]
    lines = [line for each in caption for line in [*_paragraph(plain, each, width), ""]]
    return [*lines, *write_rows(written, width)]


def _as_paragraph(cell: Node) -> Node:
    return replace(cell, kind=Kind.PARAGRAPH, tag="")


def _fit_lines(rows: Sequence[Sequence[Node]]) -> bool:
    """Tell whether the cells hold words, not blocks that a layout puts side by side."""
    return all(is_inline(each) for row in rows for cell in row for each in cell.children)


def _cell(plain: PlainText, node: Node) -> str:
    return " ".join(plain.write_inline(node.children).split())


def _table(plain: PlainText, node: Node, width: int) -> list[str]:
    rows = [[_cell(plain, cell) for cell in row.children] for row in node.children]
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
    Kind.ELEMENT: _element,
}


def _text(plain: PlainText, node: Node) -> str:  # noqa: ARG001 - one signature for all writers
    return node.text


def _code_span(plain: PlainText, node: Node) -> str:
    return plain.tokens.restore(node.text)


def _picture(plain: PlainText, node: Node) -> str:  # noqa: ARG001 - one signature for all writers
    shown = f"[{node.text}]" if node.text else ""
    return f"{shown} {node.title}".strip()


def _link(plain: PlainText, node: Node) -> str:
    return plain.refer(node.url, plain.within(node.children))


def _as_children(plain: PlainText, node: Node) -> str:
    return plain.within(node.children)


def _between(mark: str) -> Callable[[PlainText, Node], str]:
    def write(plain: PlainText, node: Node) -> str:
        words = plain.within(node.children)
        before, after = _space_around(words)
        return f"{before}{mark}{words.strip()}{mark}{after}" if words.strip() else words

    return write


def _space_around(words: str) -> tuple[str, str]:
    return words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]


_RAISED = str.maketrans("0123456789+-n()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ⁽⁾")


def _inline_element(plain: PlainText, node: Node) -> str:
    """Write what an element adds to its words: a power, a name in full, quotation marks."""
    words = plain.within(node.children)
    match node.tag:
        case "sup" if all(ord(letter) in _RAISED for letter in words):
            return words.translate(_RAISED)
        case "abbr" if node.attributes.get("title"):
            return f"{words} ({node.attributes['title']})"
        case "q":
            return f"“{words}”"
        case _:
            return words


_WITHIN: Mapping[Kind, Callable[[PlainText, Node], str]] = {
    Kind.TEXT: _text,
    Kind.CODE_SPAN: _code_span,
    Kind.SOFT_BREAK: lambda plain, node: " ",  # noqa: ARG005 - one signature for all writers
    Kind.HARD_BREAK: lambda plain, node: "\n",  # noqa: ARG005 - one signature for all writers
    Kind.NOTE_MARK: lambda plain, node: f" ({node.level})",  # noqa: ARG005 - one signature
    Kind.IMAGE: _picture,
    Kind.LINK: _link,
    Kind.EMPHASIS: _between("_"),
    Kind.STRONG: _between("*"),
    Kind.STRUCK: _between("~"),
    Kind.ELEMENT: _inline_element,
}
