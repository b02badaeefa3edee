"""What the preview shows of one announcement at one moment."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from newsletter.check.size import CLIPPING
from newsletter.finding import Finding, Severity
from newsletter.message.headers import Message
from newsletter.web.aloud import Aloud, read_aloud, snippet
from newsletter.web.looks import CAPTIONS, Caption, Look, in_look
from newsletter.web.outlook import Conditional, conditionals


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One variant of the issue, and a real member who gets it."""

    variant: str
    """`Variant.key`."""
    shows: str
    """Which segment-only blocks it has, in words."""
    members: int
    """How many get it."""
    member: str
    """The id of the member whose values are shown; empty where there is none."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of the list get it: `listed == recipients + sum(excluded.values())`."""

    listed: int = 0
    recipients: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    segments: tuple[str, ...] = ()
    """The titles of the chosen segments; none for the whole list."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything on the page; `message` is None where the announcement cannot be composed."""

    file: str
    message: Message | None = None
    preheader: str = ""
    reach: Reach = field(default_factory=Reach)
    samples: tuple[Sample, ...] = ()
    shown: Sample | None = None
    """The one that `message` was made for."""
    unknown: str = ""
    """The id or address that was asked for and that no recipient has."""
    findings: tuple[Finding, ...] = ()
    is_stale: bool = False
    """The message is from before the errors among the findings."""
    images: Mapping[str, Path] = field(default_factory=dict)
    """Local files by the URL that stands in the HTML."""
    missing: str = ""
    """The URL that stands for a picture that is not there; nobody is asked for it."""
    lines: tuple[str, ...] = ()
    """The file, line by line; none where it is no text."""
    heaviest: int = 0
    """Bytes of the largest HTML part that any recipient gets."""

    @property
    def errors(self) -> int:
        """Count what blocks a dispatch."""
        return _count(self.findings, Severity.ERROR)

    @property
    def warnings(self) -> int:
        """Count what does not."""
        return _count(self.findings, Severity.WARNING)

    @property
    def html(self) -> str:
        """Give the HTML part as it would arrive; empty where there is none."""
        return self.message.html if self.message else ""

    @property
    def html_bytes(self) -> int:
        """Tell how large the HTML part is."""
        return len(self.html.encode())

    @property
    def worst_bytes(self) -> int:
        """Tell how large the largest HTML part of any member is."""
        return max(self.heaviest, self.html_bytes)

    @property
    def clipping(self) -> int:
        """Tell after how many bytes Gmail hides the rest."""
        return CLIPPING

    @cached_property
    def digest(self) -> str:
        """Name the HTML part, so that a page loads it again only where it is another."""
        return blake2b(self.html.encode(), digest_size=8).hexdigest()

    @cached_property
    def aloud(self) -> Aloud:
        """Read the email out, as a screen reader does."""
        return read_aloud(self.html)

    @cached_property
    def snippet(self) -> str:
        """Give the words that inboxes show behind the subject."""
        return snippet(self.html)

    @cached_property
    def conditionals(self) -> tuple[tuple[Conditional, int], ...]:
        """List what the email says to classic Outlook alone, and how often."""
        return conditionals(self.html)

    @property
    def looks(self) -> Mapping[Look, Caption]:
        """Tell which looks there are."""
        return CAPTIONS

    def findings_of_line(self, number: int) -> tuple[Finding, ...]:
        """List what was found in one line of the file, counted from 1."""
        return tuple(
            each
            for each in self.findings
            if each.at and each.at.path == self.file and each.at.line == number
        )

    def html_for(self, look: Look, head: str = "") -> str:
        """Give the HTML as `look` shows it, to stand alone in a frame.

        Its local images are in it, so that the frame asks nobody for them; `head` is written into
        its head.
        """
        return self.as_frame(self.html, look, head)

    def as_frame(self, html: str, look: Look, head: str = "") -> str:
        """Do the same to another `html` of the same announcement."""
        # Links open beside the preview, not inside its frame.
        return self.embedded(in_look(html, look)).replace(
            "<head>", f'<head>{head}<base target="_blank">', 1
        )

    def embedded(self, html: str | None = None) -> str:
        """Give the HTML, or another of the same announcement, with its local images in it."""
        whole = self.html if html is None else html
        for url in filter(None, (*self.images, self.missing)):
            if url in whole:
                whole = whole.replace(url, self._embedded(url))
        return whole

    def _embedded(self, url: str) -> str:
        path = self.images.get(url)
        try:
            return _data(path, path.stat().st_mtime_ns) if path else "data:,"
        except OSError:  # it went away a moment ago
            return "data:,"


@lru_cache(maxsize=64)
def _data(path: Path, _changed: int) -> str:
    """Write the picture at `path` as a URL that holds all of it (RFC 2397)."""
    kind = guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode('ascii')}"


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
