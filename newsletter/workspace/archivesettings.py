"""The settings of the archive: [archive] of newsletter.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsletter.tables import Problems

TAKEN = frozenset({"u", "p", "s", "t", "c", "me", "join", "health", "events", "metrics"})
"""What the public pages have of their own right below `base_url`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """What [archive] says."""

    url: str = ""
    """Where readers find it, without a slash at the end; empty where there is no archive."""
    folder: str = "archive"
    """Where it is built, below the workspace."""
    title: str = ""
    """What it is called; empty for the society's name."""
    has_restricted: bool = False
    """Whether issues that went to some segments only stand in it, too."""
    is_automatic: bool = True
    """Whether a dispatch builds it anew."""

    def path_below(self, base_url: str) -> str:
        """Give its path where the public pages at `base_url` serve it, such as `/archive`.

        Empty where it is not below them.
        """
        return self.url.removeprefix(base_url) if self.url.startswith(f"{base_url}/") else ""


def read_archive(
    tables: Mapping[str, object], problems: Problems, base_url: str
) -> ArchiveSettings:
    """Read [archive]; what is wrong is added to `problems`."""
    archive = problems.table(
        tables, "archive", ("url", "folder", "title", "restricted", "automatic")
    )
    url = archive.link("url").rstrip("/")
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        archive.problem("url", f"cannot hold ? or #: {url!r}", "name the folder of the archive")
    found = ArchiveSettings(
        url=url,
        folder=archive.text("folder", "archive"),
        title=archive.text("title"),
        has_restricted=archive.flag("restricted"),
        is_automatic=archive.flag("automatic", default=True),
    )
    first = found.path_below(base_url).strip("/").partition("/")[0]
    if url and (url == base_url or first in TAKEN):
        hint = f"write {base_url}/archive, or a host of its own"
        archive.problem("url", "is where the public pages are", hint)
    return found
