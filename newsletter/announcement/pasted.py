"""What somebody pastes from Word, a mail program or a web page, as clean Markdown. Pure.

Nothing of how it looked is kept, and no picture: it would lie on somebody else's server, or on the
disk of whoever copied it. Lists of Word come as paragraphs that only their style tells apart.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from newsletter.announcement.wordmarkup import to_body

LARGEST = 2_000_000
"""Bytes of what is pasted."""

_GONE = frozenset(
    {"script", "style", "head", "title", "template", "svg", "math", "object", "iframe", "xml"}
    | {"noscript", "select", "textarea", "button", "audio", "video", "canvas"}
)
_ALONE = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "wbr", "base", "source"})
_SAME = {"b": "strong", "i": "em", "del": "s", "strike": "s", "cite": "em", "tt": "code"}
_INLINE = frozenset({"strong", "em", "s", "code", "sup", "sub"})
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"}
    | {"table", "tr", "td", "th"}
)
_APART = frozenset({"div", "section", "article", "header", "footer", "main", "aside", "dd", "dt"})
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_PLAIN = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)
_LIST = re.compile(r"mso-list\s*:\s*l\d+\s+level(\d)", re.IGNORECASE)
_IGNORED = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_FRAGMENT = re.compile(r"<!--StartFragment-->(.*)<!--EndFragment-->", re.DOTALL)
_WORDS_OWN = re.compile(r"<!\[[^\]>]*\]>|<!--.*?-->|</?[ovwmx]:[^>]*>", re.DOTALL | re.IGNORECASE)


def from_html(html: str) -> str:
    """Turn HTML of a clipboard into Markdown; empty where there are no words in it."""
    found = _FRAGMENT.search(html)
    plain = _WORDS_OWN.sub("", (found[1] if found else html)[:LARGEST])
    cleaner = _Cleaner()
    cleaner.feed(plain)
    cleaner.close()
    return to_body(cleaner.whole()).strip()


@dataclass(slots=True)
class _Open:
    """An element whose end is still to come, and what is written when it does."""

    tag: str
    ends: str = ""
    is_gone: bool = False


@dataclass(slots=True)
class _Item:
    """A paragraph of Word that is an item of a list."""

    level: int
    is_numbered: bool = False
    pieces: list[str] = field(default_factory=list)


class _Cleaner(HTMLParser):
    """Writes HTML anew: few elements, all closed, in the right order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Open] = []
        self._pieces: list[str] = []
        self._items: list[_Item] = []
        self._is_in_item = False
        self._is_mark = False
        self._is_gap = False

    def whole(self) -> str:
        while self._open:
            self._close(self._open.pop())
        self._end_items()
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        around = self._open[-1] if self._open else None
        if around and around.is_gone:
            if tag not in _ALONE:
                self._open.append(_Open(tag, is_gone=True))
            return
        if tag == "br":
            self._write("<br>")
        if tag in _ALONE:
            return
        self._open.append(self._opened(tag, values))

    def handle_endtag(self, tag: str) -> None:
        if not any(each.tag == tag for each in self._open):
            return
        while self._open:
            closed = self._open.pop()
            self._close(closed)
            if closed.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].is_gone:
            return
        if self._is_mark:
            if self._items and re.search(r"\w+[.)]", data.strip()):
                self._items[-1].is_numbered = True
            return
        if data.strip() and not self._is_in_item and self._items:
            self._end_items()
        self._write(escape(data))

    def _opened(self, tag: str, values: Mapping[str, str]) -> _Open:
        style, name = values.get("style", ""), _SAME.get(tag, tag)
        if tag in _GONE:
            return _Open(tag, is_gone=True)
        if _IGNORED.search(style):
            self._is_mark = True
            return _Open(tag, ends="mark")
        item = _LIST.search(style) if tag == "p" else None
        if item:
            self._items.append(_Item(int(item[1])))
            self._is_in_item = True
            return _Open(tag, ends="item")
        if name in _BLOCKS or tag in _APART:
            self._end_items()
            return self._box(tag) if tag in _APART else self._block(tag, name)
        return self._begin(tag, list(_marks(tag, name, values)))

    def _begin(self, tag: str, names: list[str], before: str = "") -> _Open:
        self._write(before + "".join(f"<{name}>" for name in names))
        return _Open(tag, ends="".join(f"</{name.split(' ')[0]}>" for name in reversed(names)))

    def _box(self, tag: str) -> _Open:
        """Part what stands in a box from what stands around it."""
        if any(each.tag in _BLOCKS for each in self._open):
            return _Open(tag)
        self._write("</p><p>" if self._is_gap else "<p>")
        ends = "</p><p>" if self._is_gap else "</p>"
        self._is_gap = True
        return _Open(tag, ends=ends)

    def _block(self, tag: str, name: str) -> _Open:
        is_first = self._is_gap and not any(each.tag in _BLOCKS for each in self._open)
        opened = self._begin(tag, [name], before="</p>" if is_first else "")
        opened.ends += "<p>" if is_first else ""
        return opened

    def _close(self, closed: _Open) -> None:
        if closed.ends == "mark":
            self._is_mark = False
        elif closed.ends == "item":
            self._is_in_item = False
        elif not closed.is_gone:
            self._write(closed.ends)
            self._is_gap = self._is_gap and any(each.tag in _APART for each in self._open)

    def _write(self, piece: str) -> None:
        if self._is_in_item:
            self._items[-1].pieces.append(piece)
        elif piece:
            self._pieces.append(piece)

    def _end_items(self) -> None:
        """Write the paragraphs that were items as the lists that they meant."""
        self._is_in_item = False  # a paragraph may end where the next block begins
        items, self._items = self._items, []
        if items:
            self._pieces.append("".join(_lists(items)))


def _marks(tag: str, name: str, values: Mapping[str, str]) -> Iterator[str]:
    """Name the elements that an element within a line means."""
    style = values.get("style", "")
    if tag == "a":
        target = values.get("href", "").strip()
        if _LINK.fullmatch(target):
            yield f'a href="{escape(target)}"'
        return
    # Google Docs puts everything into <b style="font-weight:normal">.
    if name in _INLINE and not (name == "strong" and _PLAIN.search(style)):
        yield name
    elif tag in ("span", "font"):
        if _BOLD.search(style):
            yield "strong"
        if _ITALIC.search(style):
            yield "em"


def _lists(items: list[_Item]) -> Iterator[str]:
    level, names = 0, list[str]()
    for item in items:
        while level > item.level:
            yield f"</li></{names.pop()}>"
            level -= 1
        if level == item.level:
            yield "</li>"
        while level < item.level:
            name = "ol" if item.is_numbered else "ul"
            yield f"<{name}>" if level + 1 == item.level else f"<{name}><li>"
            names.append(name)
            level += 1
        yield f"<li>{''.join(item.pieces)}"
    while names:
        yield f"</li></{names.pop()}>"
