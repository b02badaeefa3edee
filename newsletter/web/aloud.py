"""An email as a screen reader reads it out: its words and names in their order. Pure.

Layout does not exist for it: tables with `role="presentation"` are passed over (ARIA 1.2), and so
are pictures with an empty `alt` and whatever nobody sees (`display:none`, `aria-hidden`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Literal

Kind = Literal["text", "link", "image"]

_BLOCKS = frozenset(
    {"p", "div", "td", "th", "tr", "table", "ul", "ol", "li", "blockquote", "pre", "hr", "body"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "figcaption", "caption"}
    | {"section", "article", "header", "footer"}
)
_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_SILENT = frozenset({"head", "style", "script", "title", "template", "noscript"})
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FILLER = re.compile("[\u034f\u00ad\u200b-\u200d\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Run:
    """Some words, a link or a picture within a line."""

    kind: Kind
    words: str
    target: str = ""
    """Where a link leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is read out at a stretch."""

    role: str
    """What a screen reader says of it: `heading 2`, `list, 4 items`; empty for plain text."""
    runs: tuple[Run, ...] = ()
    heading: int = 0
    """Counts the headings from 1; 0 for other lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aloud:
    """The whole email, read out."""

    lang: str
    lines: tuple[Line, ...]
    passed_over: int
    """Pictures without words, and tables of the layout."""
    nameless: int
    """Pictures and links that a screen reader can only spell the address of."""


def read_aloud(html: str) -> Aloud:
    """Read the final HTML of an email out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.whole()


@dataclass(slots=True)
class _Open:
    """An element whose end is still to come."""

    tag: str
    is_unseen: bool
    is_layout: bool = False
    at: int = 0
    """Where its line stands, for those that are counted: a list, a table."""
    items: int = 0
    """Rows of a table, items of a list."""
    cells: int = 0
    target: str = ""


@dataclass(slots=True)
class _Found:
    lines: list[Line] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    role: str = ""
    headings: int = 0
    passed_over: int = 0
    nameless: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Open] = []
        self._found = _Found()
        self._lang = ""

    def whole(self) -> Aloud:
        self._flush()
        found = self._found
        return Aloud(
            lang=self._lang,
            lines=tuple(found.lines),
            passed_over=found.passed_over,
            nameless=found.nameless,
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self._lang = values.get("lang", "")
        if tag in _BLOCKS:
            self._flush()
        around = self._open[-1] if self._open else None
        is_unseen = bool(around and around.is_unseen) or _is_unseen(tag, values)
        opened = _Open(tag=tag, is_unseen=is_unseen)
        if not is_unseen:
            self._begin(opened, values)
        if tag not in _EMPTY:
            self._open.append(opened)

    def handle_endtag(self, tag: str) -> None:
        if not any(each.tag == tag for each in self._open):
            return
        while self._open:
            closed = self._open.pop()
            self._end(closed)
            if closed.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].is_unseen:
            return
        words = _FILLER.sub("", data)
        link = next((each for each in reversed(self._open) if each.tag == "a"), None)
        if link and link.target:
            self._found.runs.append(Run("link", words, link.target))
        else:
            self._found.runs.append(Run("text", words))

    def _begin(self, opened: _Open, values: dict[str, str]) -> None:
        found = self._found
        match opened.tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                found.role = f"heading {opened.tag[1]}"
            case "a":
                opened.target = values.get("href", "")
            case "img":
                self._picture(values)
            case "br":
                found.runs.append(Run("text", " "))
            case "blockquote":
                found.lines.append(Line(role="quote"))
            case _:
                self._begin_whole(opened, values)

    def _begin_whole(self, opened: _Open, values: dict[str, str]) -> None:
        """Begin a list or a table, or a part of one."""
        if opened.tag in ("ul", "ol"):
            self._counted(opened, "list")
        elif opened.tag == "table":
            opened.is_layout = values.get("role", "").lower() in ("presentation", "none")
            self._found.passed_over += opened.is_layout
            if not opened.is_layout:
                self._counted(opened, "table")
        elif opened.tag in ("li", "tr", "td", "th"):
            self._part(opened.tag)

    def _picture(self, values: dict[str, str]) -> None:
        alt = values.get("alt", "").strip()
        if alt:
            self._found.runs.append(Run("image", alt))
        elif "alt" in values:
            self._found.passed_over += 1
        else:
            name = values.get("src", "").rpartition("/")[2]
            self._found.nameless += 1
            self._found.runs.append(Run("image", name))

    def _counted(self, opened: _Open, name: str) -> None:
        opened.at = len(self._found.lines)
        self._found.lines.append(Line(role=name))

    def _part(self, tag: str) -> None:
        around = ("ul", "ol") if tag == "li" else ("table",)
        whole = next((each for each in reversed(self._open) if each.tag in around), None)
        if whole is None or whole.is_layout:
            return
        if tag in ("td", "th"):
            whole.cells += 1
            self._found.role = "column" if tag == "th" else "cell"
            return
        whole.items += 1
        if tag == "li":
            self._found.role = "item"

    def _end(self, closed: _Open) -> None:
        if closed.tag in _BLOCKS:
            self._flush()
        lines = self._found.lines
        if closed.is_unseen or closed.is_layout:
            return
        if closed.tag in ("ul", "ol"):
            count = f"{closed.items} item{'' if closed.items == 1 else 's'}"
            lines[closed.at] = Line(role=f"list, {count}")
        elif closed.tag == "table" and closed.items:
            columns = -(-closed.cells // closed.items)
            lines[closed.at] = Line(role=f"table, {closed.items} rows, {columns} columns")

    def _flush(self) -> None:
        """End the line that is being read."""
        found = self._found
        runs = tuple(_joined(found.runs))
        if runs:
            is_heading = found.role.startswith("heading")
            found.headings += is_heading
            number = found.headings if is_heading else 0
            found.lines.append(Line(role=found.role, runs=runs, heading=number))
            found.role = ""
        found.runs = []


def _is_unseen(tag: str, values: dict[str, str]) -> bool:
    return (
        tag in _SILENT
        or values.get("aria-hidden") == "true"
        or "hidden" in values
        or bool(_UNSEEN.search(values.get("style", "")))
    )


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Join runs of one kind, and make white space single."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and run.kind != "image" and (last.kind, last.target) == (run.kind, run.target):
            joined[-1] = Run(last.kind, last.words + run.words, last.target)
        else:
            joined.append(run)
    for run in joined:
        words = " ".join(run.words.split())
        if words:
            yield Run(run.kind, words, run.target)


def snippet(html: str, most: int = 240) -> str:
    """Give the words that inboxes show behind the subject: the first ones, hidden ones too.

    Mail programs cut where a theme put its filler behind the preheader.
    """
    body = html.partition("<body")[2].partition(">")[2]
    body = re.sub(r"<!--.*?-->", " ", body, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]*>", " ", body))
    words = re.split("(?:[\u034f\u200c\ufeff\u00ad][\\s\u00a0\u2007]*){3}", text, maxsplit=1)[0]
    return " ".join(words.split())[:most]
