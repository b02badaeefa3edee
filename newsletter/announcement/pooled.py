"""What an announcement says to the digests that may take it in: from when, until when, how much."""

import datetime as dt
from dataclasses import dataclass

from newsletter.address import EmailAddress

USUAL = 5
"""The priority of what says nothing of it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for an announcement, and is reminded of its deadline."""

    name: str
    address: EmailAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The keys that matter to digests."""

    owner: Owner | None = None
    deadline: dt.date | None = None
    """The last day on which its owner may change the text; nothing is sent or kept by it."""
    expires: dt.date | None = None
    """The last day on which anybody is told, on the society's clock."""
    priority: int = USUAL
    """From 1, which comes first, to 9."""
    words: int | None = None
    """How many words the text may have."""
    is_repeated: bool = False
    """It is told again, in every issue until it expires, and whoever knows it."""
    digests: tuple[str, ...] | None = None
    """The digests that may take it in; None for all of them, none where it says no."""
