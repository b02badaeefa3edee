"""Reading an announcement: from the file to the value, or to every problem in it."""

from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from newsletter.announcement import fields
from newsletter.announcement.announcement import Announcement
from newsletter.announcement.docx import SUFFIX as WORD_SUFFIX
from newsletter.announcement.docx import read_docx
from newsletter.announcement.files import PLAIN_TEXT_SUFFIXES, read_source
from newsletter.announcement.frontmatter import read_front_matter, split_front_matter
from newsletter.announcement.header import Entry, Header
from newsletter.announcement.keyvalue import has_keys, read_key_values
from newsletter.announcement.plaintext import Origin, to_markdown
from newsletter.announcement.poolkeys import pooled, tags
from newsletter.announcement.pull import pull, unreadable
from newsletter.announcement.source import Source
from newsletter.announcement.title import derive_title, find_heading
from newsletter.errors import AnnouncementError, InputError, InputErrors, Location
from newsletter.finding import Finding, error, warning


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, and what of it cannot be used."""

    announcement: Announcement
    problems: tuple[AnnouncementError, ...]
    """In the order of the file; where there is one, the announcement is not to be composed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A source, taken apart."""

    header: Header
    lines: list[str]
    """The text below the header as its author wrote it, line by line."""
    body: str
    body_line: int = 1
    origins: tuple[Origin, ...] = ()


def read(path: str) -> Announcement:
    """Read the announcement in the file at `path`.

    Raises:
        InputErrors: the file cannot be read, or something in it is wrong.
    """
    return _sound(examine(path))


def examine(path: str) -> Reading:
    """Read the announcement in the file at `path` and those it names, and all that is wrong.

    Raises:
        InputErrors: the file cannot be read.
    """
    found = _alone(path)
    problems: list[AnnouncementError] = []

    def beside(name: str, at: Location) -> Announcement:
        try:
            other = _alone(str(Path(path).parent / name))
        except InputErrors as reason:
            problems.extend(
                unreadable(name, each, at)
                for each in reason.errors
                if isinstance(each, AnnouncementError)
            )
            return replace(found.announcement, title=name, image=None, button=None, body="")
        problems.extend(other.problems)
        return other.announcement

    announcement = pull(found.announcement, beside)
    return Reading(announcement, (*found.problems, *dict.fromkeys(problems)))


def _alone(path: str) -> Reading:
    try:
        if Path(path).suffix.lower() == WORD_SUFFIX:
            return _read_word(path)
        source = read_source(path)
    except AnnouncementError as problem:
        raise InputErrors([problem]) from problem
    return understand(source)


def _read_word(path: str) -> Reading:
    """Read a Word document as the Markdown it would be; places are lines of that."""
    word = read_docx(path)
    source = Source(path=path, text=word.markdown, findings=word.findings)
    found = understand(source)
    return replace(found, announcement=replace(found.announcement, images=word.images))


def parse(source: Source) -> Announcement:
    """Understand the text of one file.

    Raises:
        InputErrors: everything in it that is wrong, in the order of the file.
    """
    return _sound(understand(source))


def understand(source: Source) -> Reading:
    """Understand the text of one file; its suffix tells Markdown from plain text.

    What is wrong does not end the reading, so that all of it can be told at once.
    """
    is_plain = Path(source.path).suffix.lower() in PLAIN_TEXT_SUFFIXES
    parts = _take_plain_text_apart(source) if is_plain else _take_markdown_apart(source)
    header = parts.header
    if not any(line.strip() for line in parts.lines) and not header.problems:
        header.refuse(
            "there is no text", Location(source.path, parts.body_line), "write it below the keys"
        )
    title, is_derived = _title(header, parts)
    announcement = Announcement(
        path=source.path,
        slug=fields.slug(header, Path(source.path).stem),
        title=title,
        title_is_derived=is_derived,
        subject=fields.one_line(header, "subject"),
        preheader=fields.one_line(header, "preheader"),
        byline=fields.byline(header),
        date=fields.date(header),
        embargo=fields.embargo(header),
        section=fields.one_line(header, "section"),
        image=fields.image(header),
        button=fields.button(header),
        link=fields.link(header),
        segments=fields.segments(header),
        topic=fields.topic(header),
        is_notice=fields.is_notice(header),
        theme=fields.theme(header),
        lang=fields.lang(header),
        smart_punctuation=fields.flag(header, "smart_punctuation"),
        is_archived=fields.flag(header, "archive") is not False,
        body=parts.body,
        body_line=parts.body_line,
        origins=parts.origins,
        tags=tags(header),
        pooled=pooled(header),
        mark=blake2b(source.text.encode(), digest_size=16).hexdigest(),
        places=header.places(),
        findings=(*source.findings, *header.findings),
    )
    return Reading(announcement, tuple(sorted(header.problems, key=_line_and_column)))


def _sound(reading: Reading) -> Announcement:
    if reading.problems:
        raise InputErrors(reading.problems)
    return reading.announcement


def _line_and_column(problem: InputError) -> tuple[int, int]:
    at = problem.at
    return (at.line or 0, at.column or 0) if at else (0, 0)


def _take_markdown_apart(source: Source) -> _Parts:
    header, body, line = _split(source)
    if line == 1:
        header.findings.extend(_unmarked_keys(source.path, body))
    heading = None if _is_titled(header) else find_heading(body)
    lines = body.split("\n")
    if heading:
        at = Location(source.path, line + heading.line - 1, heading.column)
        header.add("title", Entry(heading.text, at))
        lines[heading.line - 1] = ""  # the headline says it; the lines keep their numbers
    return _Parts(header=header, lines=lines, body="\n".join(lines), body_line=line)


def _take_plain_text_apart(source: Source) -> _Parts:
    header, text, line = _split(source)
    lines = text.split("\n")
    if line == 1:
        header, lines = read_key_values(source.path, lines)
    body, origins = to_markdown(lines, first=line)
    return _Parts(header=header, lines=lines, body=body, body_line=line, origins=origins)


def _split(source: Source) -> tuple[Header, str, int]:
    """Part front matter, if there is any, from the text and the line it begins in."""
    found = split_front_matter(source.text)
    if found is None:
        return Header(source.path), source.text, 1
    markup, line = found
    if not line:
        header = Header(source.path)
        header.refuse(
            "the front matter that begins here never ends",
            Location(source.path, 1, 1),
            "put a line --- below its last key",
        )
        return header, source.text, 1
    below = source.text.split("\n")[line - 1 :]
    return read_front_matter(source.path, markup), "\n".join(below), line


def _unmarked_keys(path: str, body: str) -> list[Finding]:
    if not has_keys(body.split("\n")):
        return []
    return [
        warning(
            "front-matter-unmarked",
            "the keys on top will show as text",
            at=Location(path, 1),
            hint="put a line --- above and below them",
        )
    ]


def _is_titled(header: Header) -> bool:
    return any(header.entries[key].text for key in ("title", "subject") if key in header.entries)


def _title(header: Header, parts: _Parts) -> tuple[str, bool]:
    """Give the headline: the title, else the subject, else one derived; and whether it is."""
    for key in ("title", "subject"):
        if key in header.entries and header.entries[key].text:
            return fields.one_line(header, key), False
    derived = derive_title(parts.lines) or Path(header.path).stem
    missing = error(
        "title-missing",
        f"there is no title; {derived!r} was made of the text",
        at=Location(header.path, 1),
        hint="give a title or --subject",
    )
    header.findings.append(missing)
    return derived, True
