"""Files of the archive, for the public pages: found by path, and never outside of its folder."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from newsletter.archive.folder import before

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
"""What the names of the archive are made of: nothing that leads up, and nothing hidden."""
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/atom+xml; charset=utf-8",
}

HEADERS = {
    # Each page has a stricter one of its own.
    "content-security-policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self';"
        " img-src 'self' https: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "public, max-age=300",
    "x-robots-tag": "all",
}
"""Of every file of the archive: unlike the other pages, everybody may find and keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFile:
    """One file, ready to be sent to a browser."""

    content: bytes
    kind: str
    """The media type."""

    @property
    def mark(self) -> str:
        """Name the content, as an ETag does (RFC 9110 section 8.8.3)."""
        return f'"{blake2b(self.content, digest_size=12).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class PastPages:
    """The archive as it lies on disk."""

    path: str
    """Below which it is served, such as `/archive`."""
    folder: Path

    def find(self, rest: str) -> PastFile | None:
        """Find the file at `rest` below the archive; a folder gives its page."""
        for root in (self.folder, before(self.folder)):  # a build may just be changing the two
            if root.is_dir():
                return _read(root, rest)
        return None

    def is_folder(self, rest: str) -> bool:
        """Tell whether `rest` lacks the slash at the end of a folder."""
        return not rest.endswith("/") and self.find(f"{rest}/") is not None


def _read(root: Path, rest: str) -> PastFile | None:
    path = f"{rest}index.html" if not rest or rest.endswith("/") else rest
    kind = _KINDS.get(PurePosixPath(path).suffix, "")
    if not kind or not all(_SEGMENT.fullmatch(each) for each in path.split("/")):
        return None
    try:
        found = (root / path).resolve()
        if not found.is_relative_to(root.resolve()) or not found.is_file():
            return None
        return PastFile(content=found.read_bytes(), kind=kind)
    except OSError:  # a name longer than any is
        return None
