"""What the preview shows of one announcement at one moment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from newsletter.finding import Finding, Severity
from newsletter.message.headers import Message

Scheme = Literal["light", "dark"]
"""The colours that a reader's device asks for."""

_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_OFFERED = re.compile(
    r"""(?<![-\w])(color-scheme\s*:\s*|name="(?:supported-)?color-schemes?" content=")light dark"""
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def errors(self) -> int:
        """Count what blocks a dispatch."""
        return _count(self.findings, Severity.ERROR)

    @property
    def warnings(self) -> int:
        """Count what does not."""
        return _count(self.findings, Severity.WARNING)

    @property
    def html_bytes(self) -> int:
        """Tell how large the HTML part is."""
        return len(self.message.html.encode()) if self.message else 0

    @property
    def digest(self) -> str:
        """Name the HTML part, so that a page loads it again only where it is another."""
        html = self.message.html if self.message else ""
        return blake2b(html.encode(), digest_size=8).hexdigest()

    def html_for(self, scheme: Scheme, folder: str, head: str = "") -> str:
        """Give the HTML as a device in `scheme` shows it, to stand in a frame.

        Its local images come from `folder`, a URL with its slash; `head` is written into its head.
        """
        html = in_scheme(self.message.html if self.message else "", scheme)
        for url in filter(None, (*self.images, self.missing)):
            html = html.replace(url, folder + image_name(url))
        # Links open beside the preview, not inside its frame.
        return html.replace("<head>", f'<head>{head}<base target="_blank">', 1)

    def image(self, name: str) -> Path | None:
        """Find the local image that `html_for` calls `name`."""
        return next((path for url, path in self.images.items() if image_name(url) == name), None)


def in_scheme(html: str, scheme: Scheme) -> str:
    """Answer what `html` asks of the device, so that it shows in `scheme` on every device."""
    answered = _ASKED.sub(
        lambda asked: "(min-width: 0)" if asked[1] == scheme else "(max-width: 0)", html
    )
    return _OFFERED.sub(rf"\g<1>{scheme}", answered)


def image_name(url: str) -> str:
    """Name an image by the end of its URL, which is its content's; `cid:NAME@HOST` by its name."""
    return url.rpartition("/")[2].removeprefix("cid:").partition("@")[0]


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
