"""Past issues as the archive shows them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.message.frozen import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One announcement that an issue carried."""

    slug: str
    title: str
    section: str = ""
    tags: tuple[str, ...] = ()
    full: Document | None = None
    """The whole of it, where the issue shows an excerpt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastIssue:
    """One issue that was sent."""

    slug: str
    document: Document
    """The variant that everybody may read."""
    sent: dt.datetime
    """When it went out first, aware."""
    changed: dt.datetime | None = None
    """When it went out once more with another text; None where it never did."""
    announced: tuple[Announced, ...] = ()
    dropped: tuple[Announced, ...] = ()
    """Of what an earlier text had an excerpt: emails lead to its page, and nothing else does."""

    @property
    def sections(self) -> tuple[str, ...]:
        """List the sections of what it carried, each once."""
        return _each_once(each.section for each in self.announced)

    @property
    def tags(self) -> tuple[str, ...]:
        """List the tags of what it carried, each once."""
        return _each_once(tag for each in self.announced for tag in each.tags)

    @property
    def updated(self) -> dt.datetime:
        """Tell when it last changed."""
        return self.changed or self.sent


def _each_once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
