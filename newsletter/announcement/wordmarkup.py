"""The plain HTML of a converted document as Markdown. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from newsletter.announcement.header import KEYS, OTHER_WORDS, flat
from newsletter.announcement.plaintext import SLOT_LIKE
from newsletter.errors import Location
from newsletter.finding import Finding, warning

_INLINE = {"strong": "**", "em": "*", "s": "~~", "code": "`"}
_AS_HTML = frozenset({"sup", "sub"})
_FOOTNOTE = re.compile(r"#(?:foot|end)note-(\d+)")
_FOOTNOTE_ID = re.compile(r"(?:foot|end)note-(\d+)")
_BACK = re.compile(r"\s*\[?↑\]?\([^)]*\)\s*$|\s*↑\s*$")
_MARKUP = re.compile(
    rf"{SLOT_LIKE}|(?P<markup>[\\`*\[\]<|]|~(?=~)|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_]))"
)
"""What Markdown would act on inside of a line; slots stay as they are."""

_LINE_START = re.compile(r"(#{1,6}(?=\s|$)|>|[+-](?=\s|$)|-{3}|={3}|:{3}|\d{1,9}(?=[.)](?:\s|$)))")
"""What Markdown would act on at the start of a line."""

_KEY_LINE = re.compile(r"(?P<key>[A-Za-z][A-Za-z _-]{0,30}):\s+(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class _Node:
    """One element of the HTML, or with an empty tag the text of one."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["_Node"] = field(default_factory=list)

    def find(self, *tags: str) -> Iterator["_Node"]:
        """Walk over the elements below, of these tags."""
        for child in self.children:
            if child.tag in tags:
                yield child
            yield from child.find(*tags)

    @property
    def words(self) -> str:
        """Give the text of all below, without markup."""
        return self.text + "".join(child.words for child in self.children)


def to_markdown(html: str, path: str) -> tuple[str, tuple[Finding, ...]]:
    """Write `html` as Markdown with front matter from its first table or `Key: value` lines."""
    root = _tree(html)
    keys = _take_keys(root)
    body, findings = _body(root, path)
    front = "".join(f"{key}: {_quoted(value)}\n" for key, value in keys.items())
    return (f"---\n{front}---\n\n{body}" if keys else body), findings


def to_body(html: str) -> str:
    """Write `html` as Markdown for the middle of an announcement."""
    return _body(_tree(html), "")[0]


def _body(root: _Node, path: str) -> tuple[str, tuple[Finding, ...]]:
    findings: list[Finding] = []
    blocks = [text for node in root.children if (text := _block(node, path, findings))]
    return "\n\n".join(blocks) + "\n", tuple(findings)


def _take_keys(root: _Node) -> dict[str, str]:
    """Take the keys out of a table or of lines at the very top."""
    first = root.children[0] if root.children else None
    if first is not None and first.tag == "table":
        rows = [[cell.words.strip() for cell in row.find("td", "th")] for row in first.find("tr")]
        named = {_key(row[0].rstrip(":")): row[1] for row in rows if len(row) == 2}  # noqa: PLR2004 - key and value
        if rows and len(named) == len(rows) and "" not in named:
            del root.children[0]
            return {key: value for key, value in named.items() if value}
        return {}
    keys: dict[str, str] = {}
    while root.children and root.children[0].tag == "p":
        match = _KEY_LINE.fullmatch(root.children[0].words.strip())
        key = _key(match["key"]) if match else ""
        if not match or not key:
            break
        keys[key] = match["value"]
        del root.children[0]
    return keys


def _key(heading: str) -> str:
    name = flat(heading)
    return name if name in KEYS else OTHER_WORDS.get(name, "")


def _quoted(value: str) -> str:
    inner = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _block(node: _Node, path: str, findings: list[Finding]) -> str:
    match node.tag:
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            text = _inline(node).replace("\n", " ").strip()
            return f"{'#' * int(node.tag[1])} {text}" if text else ""
        case "ul" | "ol":
            return _footnotes(node) or _list(node, path, findings)
        case "blockquote":
            inner = _blocks(node, path, findings)
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        case "table":
            return _table(node, path, findings)
        case "pre":
            return f"```\n{node.words}\n```"
        case _:
            return _guarded(_inline(node).strip())


def _guarded(paragraph: str) -> str:
    """Keep the lines of a paragraph from beginning another kind of block."""
    return "\n".join(_guarded_line(line) for line in paragraph.split("\n"))


def _guarded_line(line: str) -> str:
    start = _LINE_START.match(line)
    if not start:
        return line
    at = start.end() if start[1][0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def _escape(text: str) -> str:
    """Write `text` so that nothing in it is markup, and a person can still read it."""
    return _MARKUP.sub(lambda m: f"\\{m[0]}" if m["markup"] else m[0], text)


def _blocks(node: _Node, path: str, findings: list[Finding]) -> str:
    return "\n\n".join(text for child in node.children if (text := _block(child, path, findings)))


def _list(node: _Node, path: str, findings: list[Finding]) -> str:
    items = []
    for number, item in enumerate((c for c in node.children if c.tag == "li"), 1):
        mark = f"{number}. " if node.tag == "ol" else "- "
        inline = [c for c in item.children if c.tag not in ("ul", "ol", "p")]
        nested = [c for c in item.children if c.tag in ("ul", "ol", "p")]
        text = _inline(_Node("p", children=inline)).strip()
        below = "\n".join(_block(child, path, findings) for child in nested)
        whole = "\n".join(part for part in (text, below) if part)
        indent = " " * len(mark)
        items.append(mark + whole.replace("\n", f"\n{indent}"))
    return "\n".join(items)


def _footnotes(node: _Node) -> str:
    """Write the list of footnotes as Markdown has them; empty for any other list."""
    notes = []
    for item in node.children:
        match = _FOOTNOTE_ID.fullmatch(item.attributes.get("id", ""))
        if not match:
            return ""
        text = _BACK.sub("", _inline(item).replace("\n", " ").strip())
        notes.append(f"[^{match[1]}]: {text}")
    return "\n".join(notes)


def _table(node: _Node, path: str, findings: list[Finding]) -> str:
    rows = [
        [_cell(cell) for cell in row.children if cell.tag in ("td", "th")]
        for row in node.find("tr")
    ]
    spans = any({"colspan", "rowspan"} & cell.attributes.keys() for cell in node.find("td", "th"))
    if spans:
        findings.append(
            warning(
                "word-table-spans",
                "a table has joined cells, which were taken apart",
                at=Location(path),
                hint="check the table, or make it simpler in Word",
            )
        )
    width = max((len(row) for row in rows), default=0)
    filled = [row + [""] * (width - len(row)) for row in rows]
    if not filled or not width:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in filled]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(cell: _Node) -> str:
    return _inline(cell).strip().replace("\n", " ")


def _inline(node: _Node) -> str:  # noqa: PLR0911 - one a kind
    if not node.tag:
        return _escape(re.sub(r"\s+", " ", node.text))
    inner = "".join(_inline(child) for child in node.children)
    match node.tag:
        case "strong" | "em" | "s" | "code":
            return _wrapped(inner, _INLINE[node.tag])
        case "sup" | "sub":
            return _raised(node, inner)
        case "a":
            return _link(node, inner)
        case "img":
            alt = _escape(node.attributes.get("alt", ""))
            return f"![{alt}]({node.attributes.get('src', '')})"
        case "br":
            return "\\\n"
        case "p" | "li":
            return f"{inner}\n"
        case _:
            return inner


def _wrapped(inner: str, mark: str) -> str:
    """Put marks around the words, not around the space beside them: Markdown wants it so."""
    words = inner.strip()
    if not words:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{before}{mark}{words}{mark}{after}"


def _raised(node: _Node, inner: str) -> str:
    links = list(node.find("a"))
    if len(links) == 1 and _FOOTNOTE.fullmatch(links[0].attributes.get("href", "")):
        return inner
    return f"<{node.tag}>{inner}</{node.tag}>"


def _link(node: _Node, inner: str) -> str:
    target = node.attributes.get("href", "")
    note = _FOOTNOTE.fullmatch(target)
    if note:
        return f"[^{note[1]}]"
    if not target or not inner.strip():
        return inner
    return f"[{inner.strip()}](<{target}>)" if not target.startswith("#") else inner


def _tree(html: str) -> _Node:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    """Builds the tree of HTML that is known to be well-formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in ("img", "br"):
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("img", "br") and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(_Node("", text=data))
