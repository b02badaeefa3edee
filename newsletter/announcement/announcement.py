"""The announcement: one source file by one author, read and understood."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from newsletter.announcement.plaintext import Origin
from newsletter.announcement.pooled import Pooled
from newsletter.errors import Location
from newsletter.finding import Finding


@dataclass(frozen=True, slots=True)
class Byline:
    """Who speaks."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """The picture under the headline."""

    source: str
    """A path relative to the announcement's file, or an https URL."""
    alt: str
    """What a person who cannot see it needs to know; empty only where it is decorative."""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing a reader is asked to do."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An announcement that a digest takes in."""

    slug: str
    title: str
    mark: str
    section: str
    tags: tuple[str, ...]
    line: int
    """The line of the digest's body, counted from 1, that it begins in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What an author wrote; `body` may hold slots and segment-only blocks, not yet understood."""

    path: str
    """The file, as the user named it: the first part of every place in findings."""
    slug: str
    """Names the issue: lower-case ASCII letters, digits, dashes; `slug:` or the file name."""
    title: str
    """The headline; derived where the author gave none, and then a finding says so."""
    title_is_derived: bool = False
    subject: str = ""
    """The subject line; the title stands in where it is empty."""
    preheader: str = ""
    byline: Byline | None = None
    date: dt.date | None = None
    embargo: dt.datetime | None = None
    """Not to be sent before, aware; None where nothing is held back."""
    section: str = ""
    """The small line above the headline, such as `Policy`."""
    image: Image | None = None
    button: Button | None = None
    link: str = ""
    """Its page on the web, where a digest sends those who want to read on."""
    segments: tuple[str, ...] = ()
    """Who it is for, where the command line does not say."""
    topic: str = ""
    """What members can opt out of it by; empty for the society's first topic."""
    is_notice: bool = False
    """A formal notice, which reaches members whatever they opted out of."""
    theme: str = "announcement"
    lang: str = ""
    """BCP 47 tag; the society's language where it is empty."""
    smart_punctuation: bool | None = None
    """Whether typed quotes and dashes become those of print; None where the file does not say."""
    is_archived: bool = True
    """Whether it may stand in the archive, for everybody to read."""
    body: str
    """Markdown. Plain-text files come here with what Markdown would read as markup escaped."""
    body_line: int = 1
    """The line of the file, counted from 1, that the first line of `body` is."""
    origins: tuple[Origin, ...] = ()
    """Where each line of `body` came from, where it is not as in the file (plain text)."""
    line_places: tuple[Location, ...] = ()
    """Where each line of `body` was written, where some were taken in from other files."""
    pulled: tuple[str, ...] = ()
    """The files of the announcements that were taken in."""
    taken: tuple[Taken, ...] = ()
    """Those announcements, in order."""
    mark: str = ""
    """Names the text of the file, 32 hex digits: another text has another."""
    tags: tuple[str, ...] = ()
    """What it is about, for whoever searches the archive."""
    pooled: Pooled = field(default_factory=Pooled)
    """What it says to the digests that may take it in."""
    images: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that came inside the file (Word), by the names under which `body` shows them."""
    places: Mapping[str, Location] = field(default_factory=dict)
    """Where the value of each key begins, for findings: `places["subject"]`."""
    findings: tuple[Finding, ...] = ()
    """What the reading noticed: unknown keys, derived title, repaired encoding."""

    def place(self, key: str) -> Location:
        """Tell where `key` stands in the file, or the file itself where it does not."""
        return self.places.get(key, Location(self.path))

    def body_place(self, line: int, column: int | None = None) -> Location:
        """Turn a line and column of the body, counted from 1, into a place of the file."""
        if self.line_places:
            at = self.line_places[line - 1]
            return replace(at, column=column) if at.path == self.path else at
        if self.origins:
            origin = self.origins[line - 1]
            return Location(self.path, origin.line, column and origin.column(column))
        return Location(self.path, self.body_line + line - 1, column)
