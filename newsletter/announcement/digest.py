"""The model of a digest: sections of entries, and the Markdown blocks that they are written as.

An author writes the blocks by hand, or names files in them (`pull`); a program that gathers a
month's announcements makes the same sections of values and writes them by `body_of`.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.announcement.announcement import Announcement, Image
from newsletter.announcement.plaintext import to_markdown
from newsletter.errors import Location


class Part(StrEnum):
    """What a section of a digest holds; the name of its block."""

    LEAD = "lead"
    CARD = "card"
    ITEMS = "items"
    EVENTS = "events"
    DEADLINES = "deadlines"
    JOBS = "jobs"


LISTED = (Part.ITEMS, Part.EVENTS, Part.DEADLINES, Part.JOBS)
"""The parts whose entries are written as a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One announcement, event, deadline or job as a digest shows it; texts are plain."""

    title: str
    summary: str = ""
    """Markdown: one paragraph."""
    picture: Image | None = None
    """Its source is relative to the digest's file."""
    url: str = ""
    when: str = ""
    """As its author wrote it: `Thursday 4 March 2027, 17:00 CET`."""
    where: str = ""
    due: str = ""
    """The first deadline."""
    places: Mapping[str, Location] = field(default_factory=dict)
    """Where the fields were written, by name; `title` stands in for the others."""

    def place(self, name: str) -> Location | None:
        """Tell where the field `name` was written; None where nobody wrote it into a file."""
        return self.places.get(name) or self.places.get("title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A run of entries of one kind; `CARD` makes pairs of cards, `LEAD` has one entry."""

    part: Part
    heading: str = ""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body, and where its words were written."""

    text: str
    at: Location | None = None


def body_of(sections: Iterable[Section]) -> tuple[Line, ...]:
    """Write `sections` as the Markdown of a digest."""
    return tuple(line for section in sections for line in _lines_of(section))


def entry_of(announcement: Announcement, folder: str = "") -> Entry:
    """Show `announcement`, whose file lies in `folder` as seen from the digest, as an entry."""
    summary, summary_at = _summary(announcement)
    when, where, due = _facts(announcement)
    image, button = announcement.image, announcement.button
    return Entry(
        title=announcement.title,
        summary=summary,
        picture=_moved(image, folder) if image else None,
        url=announcement.link or (button.url if button else ""),
        when=when.text,
        where=where.text,
        due=due.text,
        places={
            "title": announcement.place("title"),
            "summary": summary_at,
            "picture": announcement.place("image"),
            "url": announcement.place("link" if announcement.link else "button"),
            "when": when.at or announcement.place("title"),
            "due": due.at or announcement.place("title"),
        },
    )


def block_lines(
    part: Part, entry: Entry, own: tuple[Line, ...] = (), at: Location | None = None
) -> Iterator[Line]:
    """Write a lead or a card; `own` lines stand instead of the summary."""
    yield Line(f"::: {part} {entry.url}".rstrip(), at or entry.place("url"))
    if entry.picture and entry.picture.source:
        source = re.sub(r"([<>\\])", r"\\\1", entry.picture.source)
        yield Line(f"![{plain(entry.picture.alt)}](<{source}>)", entry.place("picture"))
        yield Line("")
    yield Line(f"### {plain(entry.title)}", entry.place("title"))
    yield Line("")
    yield from own or (Line(entry.summary, entry.place("summary")),)
    yield Line(":::", at)


def item_line(part: Part, entry: Entry) -> Line:
    """Write one line of a list."""
    title = f"[{plain(entry.title)}]({entry.url})" if entry.url else f"**{plain(entry.title)}**"
    where = f", {plain(entry.where)}" if entry.where else ""
    match part:
        case Part.EVENTS:
            return Line(f"- {plain(entry.when)}: {title}{where}", entry.place("when"))
        case Part.DEADLINES:
            due = plain(entry.due or entry.when)
            return Line(f"- {due}: {title}", entry.place("due"))
        case Part.JOBS:
            until = f" {plain(entry.due)}" if entry.due else ""
            return Line(f"- {title}{where}{until}", entry.place("title"))
        case _:
            summary = f": {entry.summary}" if entry.summary else ""
            return Line(f"- {title}{summary}", entry.place("title"))


def _lines_of(section: Section) -> Iterator[Line]:
    if section.part in LISTED:
        yield Line(f"::: {section.part} {section.heading}".rstrip())
        yield from (item_line(section.part, entry) for entry in section.entries)
        yield from (Line(":::"), Line(""))
        return
    if section.heading:
        yield from (Line(f"## {plain(section.heading)}"), Line(""))
    for entry in section.entries:
        yield from (*block_lines(section.part, entry), Line(""))


def plain(text: str) -> str:
    """Write a plain text so that nothing in it is markup; slots stay."""
    return to_markdown([text])[0] if text.strip() else ""


def _moved(image: Image, folder: str) -> Image:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", image.source) or not image.source:
        return image
    return Image(posixpath.normpath(posixpath.join(folder, image.source)), image.alt)


_FENCE = re.compile(r" {0,3}:{3,}\s*(?P<words>.*?)\s*")
_NO_SENTENCE = re.compile(
    r"\s*(?:#|[-*+]\s|\d+[.)]\s|>|\||!\[|```|~~~|<|\[[^\]]+\]:)| {4}|-{3,}\s*$"
)
_GREETING = re.compile(r"(?:dear|hello|hi|greetings|good \w+)\b.{0,80}|.{1,60},", re.IGNORECASE)


def _summary(announcement: Announcement) -> tuple[str, Location]:
    """Give the preheader, or the first paragraph that is for everybody and no greeting."""
    if announcement.preheader:
        return plain(announcement.preheader), announcement.place("preheader")
    paragraph: list[str] = []
    depth, first = 0, 1
    for number, line in enumerate([*announcement.body.split("\n"), ""], 1):
        fence = _FENCE.fullmatch(line)
        depth = max(0, depth + (1 if fence["words"] else -1)) if fence else depth
        if line.strip() and not fence and not depth:
            first = first if paragraph else number
            paragraph.append(line)
            continue
        text = " ".join(each.strip().removesuffix("\\") for each in paragraph)
        if text and not _NO_SENTENCE.match(paragraph[0]) and not _GREETING.fullmatch(text):
            return text, announcement.body_place(first)
        paragraph = []
    return "", announcement.place("title")


def _facts(announcement: Announcement) -> tuple[Line, Line, Line]:
    """Find when and where the first event is, and the first deadline."""
    found: dict[str, Line] = {}
    inside = ""
    for number, line in enumerate(announcement.body.split("\n"), 1):
        fence = _FENCE.fullmatch(line)
        name, _, argument = (fence["words"] if fence else "").partition(" ")
        inside = name if fence else inside
        if name == "deadline" and argument:
            found.setdefault("due", Line(argument.strip(), announcement.body_place(number)))
        fact = re.fullmatch(r"\s*(when|where):\s+(\S.*?)\s*\\?", line, re.IGNORECASE)
        if inside == "event" and fact:
            at = announcement.body_place(number)
            found.setdefault(fact[1].lower(), Line(fact[2].replace("\\", ""), at))
    nothing = Line("")
    return found.get("when", nothing), found.get("where", nothing), found.get("due", nothing)
