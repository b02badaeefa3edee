"""Checks of links as readers meet them: a screen reader lists them without their sentence."""

import re
from collections.abc import Iterator

from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue
from newsletter.issue.literal import find_literals

_LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]\n]{1,80})\]\((?P<url>[^()\s]+)")
_VAGUE = frozenset(
    {"click here", "click", "here", "link", "this link", "more", "read more", "learn more"}
    | {"this page", "this", "website", "page", "details"}
)
_STAND_IN = re.compile(r"https?://(?:www\.)?(?:example\.(?:com|net)|your-?domain)", re.IGNORECASE)
_FILLER = re.compile(r"\b(?:(?i:lorem ipsum)|TBD|TBC|TK{1,2}|XXX+|FIXME|TODO)\b")


def check_links(issue: Issue) -> Iterator[Finding]:
    """Look at the words of links, and for places that still wait to be filled."""
    body = issue.announcement.body
    literals = find_literals(body)
    position = 0
    for number, line in enumerate(body.split("\n"), 1):
        at = issue.announcement.body_place(number)
        for match in _LINK.finditer(line):
            words = match["words"].strip(" *_.").lower()
            if words in _VAGUE and position + match.start() not in literals:
                yield warning(
                    "link-vague",
                    f"a link that says {match['words']!r} tells nothing on its own",
                    at=at,
                    hint="link the words that name where it leads",
                )
        for pattern in (_STAND_IN, _FILLER):
            for match in pattern.finditer(line):
                if position + match.start() not in literals:
                    yield warning(
                        "left-to-fill",
                        f"{match[0]!r} looks like a place that was to be filled",
                        at=at,
                        hint="fill it",
                    )
        position += len(line) + 1
