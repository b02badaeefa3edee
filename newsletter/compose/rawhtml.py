"""Read the raw HTML of a body into its tree; what gets lost on the way is told with its line."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from newsletter.compose.elements import (
    QUIET,
    VOID,
    Element,
    attributes_of,
    is_known,
    understand,
    video_link,
)
from newsletter.compose.paragraphs import children_of, in_paragraphs
from newsletter.compose.sanitise import UNSEEN
from newsletter.compose.tree import BLOCK_TAGS, Kind, Node, walk
from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, warning

DEEPEST = 40
"""How deep raw HTML may be nested: mail programs and libxml2 have limits of their own."""

_END_OPTIONAL = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot"})
"""Elements whose end tag HTML lets one leave out."""

_ENDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    **dict.fromkeys(("dt", "dd"), (frozenset({"dt", "dd"}), frozenset({"dl"}))),
    **dict.fromkeys(("td", "th"), (frozenset({"td", "th"}), frozenset({"tr", "table"}))),
    "tr": (frozenset({"td", "th", "tr"}), frozenset({"table"})),
    **dict.fromkeys(
        ("tbody", "thead", "tfoot"),
        (frozenset({"td", "th", "tr", "tbody", "thead", "tfoot"}), frozenset({"table"})),
    ),
}
"""What a start tag ends without a word, and how far up (HTML Living Standard, 13.1.2.4)."""

_FRAMES = frozenset({"iframe", "video", "audio", "embed", "object"})
_MARKS = re.compile(r"more|truncate|excerpt|toc|prettier-ignore.*|markdownlint.*|/?wp:.*", re.ASCII)
"""Comments that are meant for the program of a web site."""


def read_html(
    nodes: Iterable[Node], place: Callable[[int], Location]
) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """Read all raw HTML in `nodes`.

    Raises:
        AnnouncementError: it is nested too deep.
    """
    reading = _Reading(place)
    read = reading.level(tuple(nodes), depth=0)
    return tuple(in_paragraphs(read)), (*reading.findings, *reading.sums())


@dataclass(slots=True, kw_only=True)
class _Open:
    """An element whose end is not read yet."""

    tag: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


class _Reading:
    """What is known over the levels of the tree."""

    def __init__(self, place: Callable[[int], Location]) -> None:
        self.place = place
        self.findings: list[Finding] = []
        self._lost: Counter[str] = Counter()
        self._first = 0
        self._folds: list[int] = []

    def level(self, nodes: tuple[Node, ...], depth: int) -> tuple[Node, ...]:
        """Read the raw HTML among siblings: no element reaches over the end of its parent."""
        if not any(node.kind in (Kind.TAG, Kind.HTML) for node in walk(nodes)):
            return nodes
        elements = _Level(self, depth)
        for node in nodes:
            if node.kind in (Kind.TAG, Kind.HTML):
                elements.read(node)
            else:
                inner = self.level(node.children, depth + len(elements.path))
                elements.add(node if inner == node.children else replace(node, children=inner))
        return elements.end()

    def lose(self, things: Iterable[str], line: int) -> None:
        """Note attributes and styles that are left out; they are told once for the whole body."""
        for thing in things:
            self._first = self._first or line
            self._lost[thing] += 1

    def open_up(self, line: int) -> None:
        """Note a fold that is shown open."""
        self._folds.append(line)

    def sums(self) -> Iterator[Finding]:
        """Tell what was noted."""
        if self._folds:
            times = f" ({len(self._folds)} times)" if len(self._folds) > 1 else ""
            problem = f"<details> is shown open: no email can fold{times}"
            hint = "link to a page for what few will read"
            yield warning("html-changed", problem, at=self.place(self._folds[0]), hint=hint)
        if self._lost:
            listed = ", ".join(
                f"{thing} ({count} times)" if count > 1 else thing
                for thing, count in sorted(self._lost.items())
            )
            problem = f"mail programs do not carry this, or it would break them; left out: {listed}"
            yield warning("html-dropped", problem, at=self.place(self._first), hint=_HINT)


class _Level(HTMLParser):
    """The raw HTML among the children of one node."""

    def __init__(self, reading: _Reading, depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self.path = [_Open(tag="", line=0)]
        self._reading, self._depth = reading, depth
        self._line = 1
        self._is_block = False

    def read(self, node: Node) -> None:
        """Read one node of raw HTML."""
        self.reset()
        self._line, self._is_block = node.line, node.kind is Kind.HTML
        self.feed(node.text)
        if self.rawdata.startswith("<"):
            self._tell("html-broken", "this HTML tag is never finished", "close it with >")
        else:
            self.close()

    def add(self, *nodes: Node) -> None:
        """Put nodes where the reading stands."""
        self.path[-1].children += nodes

    def end(self) -> tuple[Node, ...]:
        """Close what is still open."""
        for element in self.path[1:]:
            if element.tag not in _END_OPTIONAL and element.tag not in QUIET:
                problem = f"<{element.tag}> is not closed and ends with its paragraph"
                hint = f"write </{element.tag}> where it ends"
                at = self._reading.place(element.line)
                self._reading.findings.append(
                    warning("html-unclosed", problem, at=at, hint=hint),
                )
        self._close_to(1)
        return tuple(self.path[0].children)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._is_unseen:
            self.path += [_Open(tag=tag, line=self._here)] if tag not in VOID else []
            return
        self._end_before(tag)
        given = {name: value or "" for name, value in attrs}
        element = _Open(tag=tag, line=self._here, attributes=self._look(tag, given))
        if tag in VOID:
            self._settle(element)
            return
        self.path.append(element)
        if self._depth + len(self.path) > DEEPEST:
            problem = f"HTML is nested more than {DEEPEST} deep"
            at = self._reading.place(self._here)
            raise AnnouncementError(problem, at=at, hint="take some of the levels out")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML reads `<div/>` as `<div>`; an empty anchor is what is meant by `<a name="x"/>`.
        self.handle_starttag(tag, attrs)
        if tag == "a" and "href" not in dict(attrs):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        opened = [at for at, element in enumerate(self.path) if at and element.tag == tag]
        if opened:
            self._close_to(opened[-1])
        elif tag not in VOID and not self._is_unseen and tag not in QUIET:
            self._tell("html-unopened", f"</{tag}> closes nothing and is left out", "remove it")

    def handle_data(self, data: str) -> None:
        if any(element.tag in ("pre", "textarea") for element in self.path):
            self.add(Node(kind=Kind.TEXT, line=self._here, text=data))
            return
        text = re.sub(r"[ \t\n\r\f]+", " ", data)
        line = self._here + len(data) - len(data.lstrip("\n")) if data.strip() else self._here
        if text.strip() or not self._is_block or self.path[-1].children:
            self.add(Node(kind=Kind.TEXT, line=line, text=text))

    def handle_comment(self, data: str) -> None:
        if not self._is_unseen and not _MARKS.fullmatch(data.strip()):
            problem = f"a comment is left out: {' '.join(data.split())[:40]!r}"
            self._tell("html-comment", problem, "remove it")

    def handle_decl(self, decl: str) -> None:
        self._tell("html-dropped", f"<!{decl[:40]}> is left out", "remove it")

    def handle_pi(self, data: str) -> None:
        self._tell("html-dropped", f"<?{data[:40]} is left out", "remove it")

    def unknown_decl(self, data: str) -> None:
        self._tell("html-dropped", f"<![{data[:40]}]]> is left out", "remove it")

    @property
    def _here(self) -> int:
        return self._line + self.getpos()[0] - 1

    @property
    def _is_unseen(self) -> bool:
        return any(element.tag in UNSEEN for element in self.path)

    def _tell(self, code: str, message: str, hint: str) -> None:
        at = self._reading.place(self._here)
        self._reading.findings.append(warning(code, message, at=at, hint=hint))

    def _look(self, tag: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """Say what becomes of a start tag, and give the attributes that stay."""
        if tag in _FRAMES:
            return {"href": self._look_at_frame(tag, given), "title": given.get("title", "")}
        if not is_known(tag):
            words = _REASONS.get(tag, _NO_CARRIER)
            self._tell("html-dropped", f"<{tag}> {words}", _HINT)
        if tag == "details":
            self._reading.open_up(self._here)
        kept, lost = attributes_of(tag, given)
        self._reading.lose(lost, self._here)
        return kept

    def _look_at_frame(self, tag: str, given: Mapping[str, str]) -> str:
        source = given.get("src", "") or given.get("data", "")
        page = video_link(source)
        if page:
            self._tell(
                "html-changed",
                f"the film in <{tag}> becomes a link to it",
                "a picture of it that leads there is seen by more people",
            )
            return page
        where = f", {source[:60]!r}" if source else ""
        problem = f"<{tag}>{where} is left out: mail programs show nothing of other pages"
        self._tell("html-dropped", problem, "link to a web page that has it")
        return ""

    def _end_before(self, tag: str) -> None:
        """End what the start of `tag` ends."""
        if tag in BLOCK_TAGS and tag not in _ENDS and self.path[-1].tag == "p":
            self._close_to(len(self.path) - 1)
        ended, boundary = _ENDS.get(tag, (frozenset(), frozenset()))
        for at in range(len(self.path) - 1, 0, -1):
            if self.path[at].tag in boundary:
                break
            if self.path[at].tag in ended:
                self._close_to(at)

    def _close_to(self, at: int) -> None:
        while len(self.path) > at:
            self._settle(self.path.pop())

    def _settle(self, element: _Open) -> None:
        if element.tag in _FRAMES and element.attributes.get("href"):
            self.add(_link_to_film(element))
        elif element.tag not in UNSEEN and not self._is_unseen:
            made = Element(
                tag=element.tag,
                line=element.line,
                attributes=element.attributes,
                children=children_of(element.tag, tuple(element.children)),
            )
            self.add(*understand(made))


def _link_to_film(element: _Open) -> Node:
    url = element.attributes["href"]
    words = element.attributes.get("title") or url.removeprefix("https://")
    text = Node(kind=Kind.TEXT, line=element.line, text=f"\u25b6\u00a0{words}")
    return Node(kind=Kind.LINK, line=element.line, url=url, children=(text,))


_NO_CARRIER = "is left out: mail programs do not know it or do not let it in"
_REASONS = {
    "script": "is left out: no mail program runs scripts",
    "style": "is left out: styles belong to the theme",
    "form": "is left out: most mail programs block forms",
}
_HINT = "write it in Markdown, or link to a web page that has it"
