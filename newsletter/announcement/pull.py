"""Announcements named in a digest, taken into it: `::: card travel-awards.md`. Pure.

What is taken in becomes lines of the body, each with the place where it was written, so that
every finding downstream names the file to mend.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from newsletter.announcement.announcement import Announcement, Taken
from newsletter.announcement.digest import (
    LISTED,
    Entry,
    Line,
    Part,
    block_lines,
    entry_of,
    item_line,
)
from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, error

Read = Callable[[str, Location], Announcement]
"""Reads the file of this name, relative to the digest's folder; the place is who asks for it."""

_NAME = r"(?P<file>(?![a-z][a-z0-9+.-]*:)[^\s<>\[\](){}|]+\.(?:md|markdown|txt|docx))"
_BLOCK = re.compile(rf" {{0,3}}:{{3,}}[ \t]*(?P<part>lead|card)[ \t]+{_NAME}[ \t]*", re.IGNORECASE)
_LIST = re.compile(rf" {{0,3}}:{{3,}}[ \t]*(?P<part>{'|'.join(LISTED)})\b.*")
_ITEM = re.compile(rf"\s{{0,3}}[-*+][ \t]+{_NAME}[ \t]*", re.IGNORECASE)
_CLOSE = re.compile(r" {0,3}:{3,}[ \t]*")
_CODE = re.compile(r" {0,3}(?:```|~~~)")


def pull(digest: Announcement, read: Read) -> Announcement:
    """Take in every announcement that `digest` names; without any it is the same as before."""
    lines = digest.body.split("\n")
    if not any(_BLOCK.fullmatch(line) or _ITEM.fullmatch(line) for line in lines):
        return digest
    pulling = _Pulling(digest, read)
    for number, line in enumerate(lines, 1):
        pulling.take(Line(line, digest.body_place(number)))
    pulling.end()
    return replace(
        digest,
        body="\n".join(line.text for line in pulling.written),
        line_places=tuple(line.at or Location(digest.path) for line in pulling.written),
        pulled=tuple(dict.fromkeys(pulling.files)),
        taken=tuple(pulling.taken),
        findings=(*digest.findings, *dict.fromkeys(pulling.findings)),
    )


@dataclass(slots=True)
class _Pulling:
    digest: Announcement
    read: Read
    written: list[Line] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _opened: tuple[Part, str, Line] | None = None
    """A lead or a card that names a file, and is not closed yet."""
    _own: list[Line] = field(default_factory=list)
    _list: Part | None = None
    _is_code: bool = False

    def take(self, line: Line) -> None:
        if _CODE.match(line.text):
            self._is_code = not self._is_code
        if self._opened:
            self._inside(line)
        elif not self._is_code and (block := _BLOCK.fullmatch(line.text)):
            self._opened = (Part(block["part"].lower()), block["file"], line)
        elif not self._is_code and (listed := _LIST.fullmatch(line.text)):
            self._list = Part(listed["part"])
            self.written.append(line)
        elif self._list and (item := _ITEM.fullmatch(line.text)):
            self._item(self._list, item["file"], line)
        else:
            self._list = None if _CLOSE.fullmatch(line.text) else self._list
            self.written.append(line)

    def end(self) -> None:
        if self._opened:  # it is never closed, and found so later
            self.written += [self._opened[2], *self._own]

    def _inside(self, line: Line) -> None:
        if not _CLOSE.fullmatch(line.text) or self._opened is None:
            self._own.append(line)
            return
        part, name, opening = self._opened
        own = tuple(self._own) if any(each.text.strip() for each in self._own) else ()
        self.written += block_lines(part, self._entry(name, opening), own, opening.at)
        self._opened, self._own = None, []

    def _item(self, part: Part, name: str, line: Line) -> None:
        entry = self._entry(name, line)
        lacks = {Part.EVENTS: entry.when, Part.DEADLINES: entry.due or entry.when}
        if not lacks.get(part, "there"):
            what = "event" if part is Part.EVENTS else "deadline"
            problem = f"{name} has no `::: {what}` to take a date from"
            hint = "write one there, or write the line here by hand: - 4 March 2027: [Title](link)"
            self.findings.append(error("pull-undated", problem, at=line.at, hint=hint))
            part = Part.ITEMS
        self.written.append(item_line(part, entry))

    def _entry(self, name: str, line: Line) -> Entry:
        found = self.read(name, line.at or Location(self.digest.path))
        self.files.append(found.path)
        self.taken.append(
            Taken(
                slug=found.slug,
                title=found.title,
                mark=found.mark,
                section=found.section,
                tags=found.tags,
                line=len(self.written) + 1,
            )
        )
        self.findings += found.findings
        return entry_of(found, posixpath.dirname(name.replace("\\", "/")))


def unreadable(name: str, reason: AnnouncementError, at: Location) -> AnnouncementError:
    """Say at the digest's line that the file it names cannot be read."""
    return AnnouncementError(f"{name}: {reason.problem}", at=at, hint=reason.hint)
