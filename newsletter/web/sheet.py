"""What the preview shows of one announcement at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.finding import Finding, Severity
from newsletter.message.headers import Message


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
    """The id of the member whose values are shown."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything on the page; `message` is None where the announcement cannot be composed."""

    file: str
    message: Message | None = None
    preheader: str = ""
    samples: tuple[Sample, ...] = ()
    shown: Sample | None = None
    """The one that `message` was made for."""
    recipients: int = 0
    findings: tuple[Finding, ...] = ()
    is_stale: bool = False
    """The message is from before the errors among the findings."""
    images: Mapping[str, Path] = field(default_factory=dict)
    """Local files by the URL that stands in the HTML."""

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

    def html_with(self, folder: str) -> str:
        """Give the HTML with its local images taken from `folder`, a URL with its slash."""
        html = self.message.html if self.message else ""
        for url in self.images:
            html = html.replace(url, folder + image_name(url))
        return html

    def image(self, name: str) -> Path | None:
        """Find the local image that `html_with` calls `name`."""
        return next((path for url, path in self.images.items() if image_name(url) == name), None)


def image_name(url: str) -> str:
    """Name an image by the end of its URL, which is its content's."""
    return url.rpartition("/")[2]


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
