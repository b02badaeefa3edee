"""The two parts of an email, held against each other: filters distrust those that differ."""

import re
from collections.abc import Iterator

from newsletter.check.page import Page, stand_in
from newsletter.finding import Finding, warning
from newsletter.message.frozen import Document

_WORD = re.compile(r"\w+")
_SHARED = 0.75
"""The share of the words of the HTML that the plain text has. Our themes have 0.95 and more;
SpamAssassin gives 2.2 points (MPART_ALT_DIFF) where it is next to nothing."""
_FEWEST = 20
"""Words: fewer prove nothing."""


def check_twin(document: Document, page: Page) -> Iterator[Finding]:
    """Hold the plain-text part of one variant against what its HTML part shows."""
    share = shared_words(page.seen_words(), stand_in(document.text))
    if share < _SHARED:
        yield warning(
            "parts-differ",
            f"the plain-text part has {share:.0%} of the words of the HTML part;"
            " filters take such an email for spam",
            hint="let issue.txt.j2 of the theme write every block of the body",
        )


def shared_words(html: str, text: str) -> float:
    """Give the share of the different words of `html` that `text` has too, 0 to 1.

    1 where `html` has too few to tell.
    """
    wanted, given = _words(html), _words(text)
    if len(wanted) < _FEWEST:
        return 1.0
    return len(wanted & given) / len(wanted)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
