"""From the Markdown of one variant to the blocks of a page, and what there is to say about it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from newsletter.compose.days import Days
from newsletter.compose.digestblocks import LISTS, ListEntry
from newsletter.compose.directives import COLUMNS, take_apart
from newsletter.compose.links import judge_link
from newsletter.compose.markdown import parse_markdown
from newsletter.compose.page import EMPTY, Block, Entry, Html
from newsletter.compose.picturefile import Shape
from newsletter.compose.pictures import CARD, WIDE, Album, Figure
from newsletter.compose.plaintext import PlainText
from newsletter.compose.prose import Prose
from newsletter.compose.rawhtml import Survey, survey_html
from newsletter.compose.sanitise import ALLOWED, Sanitiser
from newsletter.compose.tokens import Tokens
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
    contents: tuple[str, ...]
    """The second-level headings, and those of the lists of a digest."""
    opening: str
    """The words of the first paragraph; may hold tokens."""
    findings: tuple[Finding, ...]


def compose_body(markdown: str, place: Place, album: Album, direction: str, days: Days) -> Body:
    """Write `markdown`, whose slots are tokens already, as blocks.

    Raises:
        AnnouncementError: it is too long or nested too deep.
    """
    nodes = parse_markdown(markdown, place)
    composing = _Composing(place, album, days)
    surveys = [composing.survey(node) for node in nodes]
    prose = Prose(tokens=album.tokens, direction=direction, widths=composing.widths)
    plain = PlainText(tokens=album.tokens, urls=composing.urls)
    blocks = tuple(_joined(composing.blocks(nodes, surveys, prose, plain)))
    openings = (words_of([node]) for node in nodes if node.kind is Kind.PARAGRAPH)
    return Body(
        blocks=blocks,
        contents=tuple(_contents(nodes)),
        text_links=tuple(plain.links),
        opening=next(filter(None, openings), ""),
        findings=tuple(composing.findings),
    )


class _Composing:
    def __init__(self, place: Place, album: Album, days: Days) -> None:
        self.place, self.album, self.days = place, album, days
        self.findings: list[Finding] = []
        self.urls: dict[str, str] = {}
        self.widths: dict[str, int] = {}
        self._level = 2

    def survey(self, block: Node) -> Survey:
        """Judge every link, picture and raw tag of a top-level node."""
        survey = survey_html(block, self.place)
        self.findings += survey.findings
        for address in survey.addresses:
            if address.tag == "img":
                self._see_picture(address.url, address.alt, address.at)
            else:
                self._judge(address.url, address.at)
        cut = self._pictures_of_card(block)
        for node in walk([block]):
            self._look(node, CARD if id(node) in cut else WIDE)
        return survey

    def _pictures_of_card(self, block: Node) -> frozenset[int]:
        """Find the pictures that are cut to the shape of cards."""
        if block.kind is not Kind.DIRECTIVE or block.title != "card":
            return frozenset()
        taken = take_apart(block)
        pictures = () if taken.problems else taken.pictures
        return frozenset(id(node) for node in walk(pictures))

    def _look(self, node: Node, shape: Shape) -> None:
        at = self.place(node.line)
        match node.kind:
            case Kind.LINK:
                self._judge(node.url, at)
                if not words_of([node]) and not any(n.kind is Kind.IMAGE for n in walk([node])):
                    problem = "a link without words cannot be seen"
                    self.findings.append(warning("link-empty", problem, at=at, hint="name it"))
            case Kind.IMAGE:
                self._see_picture(node.url, node.text or None, at, shape)
            case Kind.HEADING:
                self.findings += _heading_findings(node, self._level, at)
                self._level = max(2, node.level)
            case Kind.TEXT:
                self.findings += _unread_markup(node.text, self.album.tokens, at)
            case _:
                pass

    def _judge(self, url: str, at: Location) -> None:
        verdict = judge_link(url, at, self.album.tokens)
        self.urls[url] = verdict.url
        self.findings += [verdict.finding] if verdict.finding else []

    def _see_picture(self, source: str, alt: str | None, at: Location, shape: Shape = WIDE) -> None:
        _, width = self.album.place(source, at, shape)
        if shape is WIDE:
            self.widths[source] = width
        if alt is None:
            problem = f"the image {self.album.tokens.restore(source)!r} has no alternative text"
            hint = "say in the square brackets what it shows: ![what it shows](file.png)"
            self.findings.append(warning("image-alt", problem, at=at, hint=hint))

    def blocks(
        self, nodes: Iterable[Node], surveys: Iterable[Survey], prose: Prose, plain: PlainText
    ) -> Iterator[Block]:
        """Write each node as a block of its own."""
        sanitiser = Sanitiser(self._rewrite)
        for node, survey in zip(nodes, surveys, strict=True):
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
            if survey.holds_html and not survey.findings:
                self.findings += _lost(written, cleaned, self.place(node.line))
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
        figure = self._figure(taken.pictures[0], shape) if taken.pictures else None
        parts = tuple(Html(sanitiser.clean(prose.write_blocks(part))) for part in taken.parts)
        yield Block(
            kind="prose" if taken.problems else node.title,
            html=Html("".join(parts)) if len(parts) != COLUMNS else EMPTY,
            parts=parts,
            label=taken.label,
            url=self.urls.get(taken.url, ""),
            facts=taken.facts,
            title=Html(sanitiser.clean(prose.write(taken.title))),
            entries=tuple(self._entry(each, sanitiser, prose) for each in taken.entries),
            figure=figure,
            text=text,
        )

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

    def _figure(self, node: Node, shape: Shape = WIDE) -> Figure | None:
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
        return Figure(url=url, alt=alone.text, caption=alone.title, href=href, width=width)

    def _rewrite(self, tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return self.urls.get(value) or None
        if attribute == "src":
            return self.album.url_of(value)
        return value if (tag, attribute) != ("img", "alt") else " ".join(value.split())


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
    return Block(kind="card", entries=entries, text=_texts(cards))


def _texts(run: tuple[Block, ...]) -> str:
    return "\n\n".join(filter(None, (block.text for block in run)))


def _contents(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if node.kind is Kind.HEADING and node.level <= 2:  # noqa: PLR2004 - sections, not their parts
            yield words_of([node])
        elif node.kind is Kind.DIRECTIVE and node.title in LISTS and node.text:
            yield node.text


def _heading_findings(node: Node, before: int, at: Location) -> Iterator[Finding]:
    if node.level == 1:
        problem = "this heading is shown one level lower: the headline is the only first level"
        yield warning("heading-level", problem, at=at, hint="write ## for it")
    elif node.level > before + 1:
        problem = (
            f"the heading jumps from level {before} to {node.level}; a screen reader's user is lost"
        )
        yield warning("heading-jump", problem, at=at, hint=f"write {'#' * (before + 1)} for it")


_UNREAD = (
    (re.compile(r"\[\^[^\]\s]+\]"), "{} names a footnote that is nowhere written"),
    (re.compile(r"\[[^\[\]]+\]\[[^\[\]]*\]"), "{} names a link that is nowhere defined"),
    (re.compile(r"\$\$.+?\$\$"), "formulas are not supported: {} is shown as it is typed"),
)


def _unread_markup(text: str, tokens: Tokens, at: Location) -> Iterator[Finding]:
    for pattern, problem in _UNREAD:
        for found in pattern.finditer(text):
            shown = repr(tokens.restore(found[0]).strip())
            hint = "write it in words, or link to a page"
            yield warning("markup-unsupported", problem.format(shown), at=at, hint=hint)


def _lost(written: str, cleaned: str, at: Location) -> Iterator[Finding]:
    """Say what cleaning took away that the survey did not see coming."""
    lost = _tags(written) - _tags(cleaned)
    names: Mapping[str, int] = {tag: count for tag, count in lost.items() if tag in ALLOWED}
    if names:
        listed = ", ".join(f"<{tag}>" for tag in sorted(names))
        problem = f"this HTML is not as mail programs want it; left out: {listed}"
        hint = "close each tag, and put <tr> and <td> into a <table>"
        yield warning("html-repaired", problem, at=at, hint=hint)


def _tags(html: str) -> Counter[str]:
    return Counter(tag.lower() for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html))
