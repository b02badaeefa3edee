"""From the Markdown of one variant to the blocks of a page, and what there is to say about it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from newsletter.compose.anchors import NOWHERE, sections_of
from newsletter.compose.askew import heading_findings, lost_in_cleaning, unread_markup
from newsletter.compose.authorstyle import side_of
from newsletter.compose.days import Days
from newsletter.compose.digestblocks import ListEntry
from newsletter.compose.directives import COLUMNS, Directive, take_apart
from newsletter.compose.events import understand
from newsletter.compose.invitation import Event
from newsletter.compose.levels import is_titled_list, levelled
from newsletter.compose.links import judge_link
from newsletter.compose.page import EMPTY, Block, Entry, Html, Section
from newsletter.compose.picturefile import Shape
from newsletter.compose.pictures import CARD, WIDE, Album, Figure
from newsletter.compose.plaintext import PlainText
from newsletter.compose.prose import Prose, width_of
from newsletter.compose.reading import read_body
from newsletter.compose.sanitise import Sanitiser
from newsletter.compose.tree import Kind, Node, walk, words_of
from newsletter.errors import Location
from newsletter.finding import Finding, error, warning

Place = Callable[[int], Location]
"""From a line of the body to its place in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body, written in both forms."""

    blocks: tuple[Block, ...]
    text_links: tuple[str, ...]
    contents: tuple[Section, ...]
    """The second-level headings, and those of the lists of a digest."""
    events: tuple[Event | None, ...]
    """One for each event block in order; None where its time could not be understood."""
    opening: str
    """The words of the first paragraph; may hold tokens."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a body is written in its language."""

    direction: str
    days: Days
    quotes: tuple[str, ...] = ()
    """The four quotation marks, where typed ones are to become them."""
    has_contents: bool = False
    """Whether the theme lists the sections, each with a link to it."""


def compose_body(markdown: str, place: Place, album: Album, manner: Manner) -> Body:
    """Write `markdown`, whose slots are tokens already, as blocks.

    Raises:
        AnnouncementError: it is too long or nested too deep.
    """
    reading = read_body(markdown, place, quotes=manner.quotes, to_sections=manner.has_contents)
    nodes = tuple(levelled(reading.nodes))
    composing = _Composing(place, album, manner.days)
    for node in nodes:
        composing.survey(node)
    prose = Prose(
        tokens=album.tokens,
        direction=manner.direction,
        widths=composing.widths,
        urls=composing.urls,
    )
    composing.find_events(nodes)
    plain = PlainText(tokens=album.tokens, urls=composing.urls, local=composing.local)
    blocks = tuple(_joined(composing.blocks(nodes, prose, plain)))
    openings = (words_of([node]) for node in nodes if node.kind is Kind.PARAGRAPH)
    findings = sorted((*reading.findings, *composing.findings), key=_line)
    return Body(
        blocks=blocks,
        contents=sections_of(nodes),
        events=tuple(composing.events),
        text_links=tuple(plain.links),
        opening=next(filter(None, openings), ""),
        findings=tuple(findings),
    )


def _line(finding: Finding) -> int:
    return (finding.at.line or 0) if finding.at else 0


class _Composing:
    def __init__(self, place: Place, album: Album, days: Days) -> None:
        self.place, self.album, self.days = place, album, days
        self.findings: list[Finding] = []
        self.urls: dict[str, str] = {NOWHERE: ""}
        self.widths: dict[str, int] = {}
        self.events: list[Event | None] = []
        self.local: dict[int, str] = {}
        self._level = 1

    def survey(self, block: Node) -> None:
        """Judge every link, picture, heading and text of a top-level node."""
        cut = self._pictures_of_card(block)
        for node in walk([block]):
            self._look(node, CARD if id(node) in cut else WIDE)

    def _pictures_of_card(self, block: Node) -> frozenset[int]:
        """Find the pictures that are cut to the shape of cards."""
        if block.kind is not Kind.DIRECTIVE or block.title != "card":
            return frozenset()
        taken = take_apart(block)
        pictures = () if taken.problems else taken.pictures
        return frozenset(id(node) for node in walk(pictures))

    def _look(self, node: Node, shape: Shape) -> None:
        if node.kind not in _LOOKED_AT:
            return
        at = self.place(node.line)
        match node.kind:
            case Kind.LINK:
                self._judge(node.url, at)
                if not words_of([node]) and not any(n.kind is Kind.IMAGE for n in walk([node])):
                    problem = "a link without words cannot be seen"
                    self.findings.append(warning("link-empty", problem, at=at, hint="name it"))
            case Kind.IMAGE:
                self._see_picture(node, at, shape)
            case Kind.HEADING:
                self.findings += heading_findings(node, self._level, at)
                self._level = max(2, node.level)
            case Kind.DIRECTIVE if node.title == "event" or is_titled_list(node):
                self._level = node.level
            case Kind.TEXT:
                self.findings += unread_markup(node.text, self.album.tokens, at)
            case _:
                pass

    def find_events(self, nodes: Iterable[Node]) -> None:
        """Understand when the events are; the line of each gets the slot of a member's clock."""
        blocks = (node for node in nodes if node.kind is Kind.DIRECTIVE and node.title == "event")
        for node in blocks:
            taken = take_apart(node)
            if taken.problems:
                continue
            event, findings = understand(taken, self.days, self.album.tokens, self.place(node.line))
            self.findings += findings
            if event and event.when.start:
                self.local[node.line] = self.album.tokens.local(len(self.events))
            self.events.append(event)

    def _judge(self, url: str, at: Location) -> None:
        if url == NOWHERE:
            return  # told already
        verdict = judge_link(url, at, self.album.tokens, website=self.album.website)
        self.urls[url] = verdict.url
        self.findings += [verdict.finding] if verdict.finding else []

    def _see_picture(self, node: Node, at: Location, shape: Shape) -> None:
        _, width = self.album.place(node.url, at, shape)
        if shape is WIDE:
            self.widths[node.url] = width
        if not node.text and not node.is_decorative:
            problem = f"the image {self.album.tokens.restore(node.url)!r} has no alternative text"
            hint = "write ![what it shows](file.png); behind mere decoration, {decorative}"
            self.findings.append(warning("image-alt", problem, at=at, hint=hint))

    def blocks(self, nodes: Iterable[Node], prose: Prose, plain: PlainText) -> Iterator[Block]:
        """Write each node as a block of its own."""
        sanitiser = Sanitiser(self._rewrite)
        for node in nodes:
            text = "\n".join(plain.write_block(node))
            if node.kind is Kind.DIRECTIVE:
                yield from self._directive(node, sanitiser, prose, text)
                continue
            figure = self._figure(node)
            if figure:
                yield Block(kind="figure", figure=figure, text=text)
                continue
            written = prose.write_block(node)
            cleaned = sanitiser.clean(written)
            if any(each.kind is Kind.ELEMENT for each in walk([node])):
                self.findings += lost_in_cleaning(written, cleaned, self.place(node.line))
            yield Block(kind="prose", html=Html(cleaned), text=text)

    def _directive(
        self, node: Node, sanitiser: Sanitiser, prose: Prose, text: str
    ) -> Iterator[Block]:
        """Write a block between colons; what it lacks is a finding, and its words stay."""
        taken = take_apart(node)
        at = self.place(node.line)
        self.findings += [error("directive", p.problem, at=at, hint=p.hint) for p in taken.problems]
        if taken.url:
            self._judge(taken.url, at)
        shape = CARD if node.title == "card" and not taken.problems else WIDE
        figure = self._picture(taken.pictures[0], shape) if taken.pictures else None
        if node.title == "figure" and figure:
            caption = Html(sanitiser.clean(prose.caption(taken.parts[0])))
            yield self._captioned(figure, taken, caption, text)
            return
        if node.title in ("contents", "divider"):
            html = sanitiser.clean(prose.write_block(node))
            yield Block(kind="prose", html=Html(html), text=text)
            return
        parts = tuple(Html(sanitiser.clean(prose.write_blocks(part))) for part in taken.parts)
        yield Block(
            kind="prose" if taken.problems else node.title,
            html=Html("".join(parts)) if len(parts) != COLUMNS else EMPTY,
            parts=parts,
            level=node.level,
            anchor=node.attributes.get("id", ""),
            label=taken.label,
            url=self.urls.get(taken.url, ""),
            facts=taken.facts,
            local=self.local.get(node.line, "") if node.title == "event" else "",
            title=Html(sanitiser.clean(prose.write(taken.title))),
            entries=tuple(self._entry(each, sanitiser, prose) for each in taken.entries),
            figure=figure,
            text=text,
        )

    def _captioned(self, figure: Figure, taken: Directive, caption: Html, text: str) -> Block:
        href = self.urls.get(taken.url, "") or figure.href
        captioned = replace(figure, caption=caption or figure.caption, href=href)
        return Block(kind="figure", figure=captioned, text=text)

    def _entry(self, entry: ListEntry, sanitiser: Sanitiser, prose: Prose) -> Entry:
        return Entry(
            title=Html(sanitiser.clean(prose.write(entry.title))),
            url=self.urls.get(entry.url, ""),
            joint=entry.joint,
            html=Html(sanitiser.clean(prose.write(entry.rest)).strip()),
            more=Html(sanitiser.clean(prose.write_blocks(entry.more))),
            when=entry.when,
            plate=self.days.plate(entry.when) if entry.when else None,
        )

    def _figure(self, node: Node) -> Figure | None:
        """Give the picture that a paragraph consists of, unless it has a side of its own."""
        if any(side_of(each) for each in walk([node])):
            return None
        return self._picture(node, WIDE)

    def _picture(self, node: Node, shape: Shape) -> Figure | None:
        """Give the picture that a paragraph consists of, or None."""
        alone = node.children[0] if len(node.children) == 1 else None
        if node.kind is not Kind.PARAGRAPH or alone is None:
            return None
        href = ""
        if alone.kind is Kind.LINK and len(alone.children) == 1:
            href, alone = self.urls[alone.url], alone.children[0]
        if alone.kind is not Kind.IMAGE:
            return None
        url, width = self.album.place(alone.url, self.place(node.line), shape)
        width = width_of(alone, width) if shape is WIDE else width
        return Figure(url=url, alt=alone.text, caption=alone.title, href=href, width=width)

    def _rewrite(self, tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return self.urls.get(value) or (value if value.startswith("#") else None)
        if attribute == "src":
            return self.album.url_of(value)
        return value if (tag, attribute) != ("img", "alt") else " ".join(value.split())


_LOOKED_AT = frozenset({Kind.LINK, Kind.IMAGE, Kind.HEADING, Kind.TEXT})


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Put neighbouring prose into one block, and neighbouring cards.

    Each block of prose costs a table of its own in the HTML; cards stand in pairs.
    """
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind == "prose":
            yield _merge(tuple(run))
        elif kind == "card":
            yield _dealt(tuple(run))
        else:
            yield from run


def _merge(run: tuple[Block, ...]) -> Block:
    html = Html("\n".join(block.html for block in run))
    return Block(kind="prose", html=html, text=_texts(run))


def _dealt(cards: tuple[Block, ...]) -> Block:
    entries = tuple(
        Entry(title=each.title, url=each.url, html=each.html, figure=each.figure) for each in cards
    )
    return Block(kind="card", level=cards[0].level, entries=entries, text=_texts(cards))


def _texts(run: tuple[Block, ...]) -> str:
    return "\n\n".join(filter(None, (block.text for block in run)))
