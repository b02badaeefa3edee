"""Checks of links as readers meet them: a screen reader lists them without their sentence."""

import re
from collections.abc import Iterator

from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue
from newsletter.issue.literal import find_literals

_LINK = re.compile(
    r"(?<!!)\[(?P<words>[^\[\]\n]{1,80})\](?:\([^()\s]+|\[[^\[\]\n]*\])"
    r"|<a\s[^<>]*href[^<>]*>(?P<html>[^<>\n]{1,80})</a>",
    re.IGNORECASE,
)
_VAGUE = frozenset(
    {"click here", "click", "here", "link", "this link", "more", "read more", "learn more"}
    | {"this page", "this", "website", "page", "details", "more info", "find out more", "see here"}
    | {"hier", "hier klicken", "mehr", "mehr lesen", "weiterlesen", "mehr erfahren", "link hier"}
    | {"ici", "cliquez ici", "lire la suite", "en savoir plus", "plus", "lien"}
    | {"aquí", "haga clic aquí", "leer más", "más", "saber más", "enlace"}
    | {"aqui", "clique aqui", "leia mais", "saiba mais", "qui", "clicca qui", "leggi tutto"}
)
"""What says nothing, in the languages that societies write in most."""
_FILLER = re.compile(r"\b(?:(?i:lorem ipsum)|TBD|TBC|TK{1,2}|XXX+|FIXME|TODO)\b")


def check_links(issue: Issue) -> Iterator[Finding]:
    """Look at the words of links, and for places that still wait to be filled."""
    body = issue.announcement.body
    literals = find_literals(body)
    position = 0
    for number, line in enumerate(body.split("\n"), 1):
        at = issue.announcement.body_place(number)
        for match in _LINK.finditer(line):
            written = match["words"] or match["html"]
            words = written.strip(" *_.:!>→»").lower()
            if words in _VAGUE and position + match.start() not in literals:
                yield warning(
                    "link-vague",
                    f"a link that says {written!r} tells nothing on its own",
                    at=at,
                    hint="link the words that name where it leads",
                )
        for match in _FILLER.finditer(line):
            if position + match.start() not in literals:
                yield warning(
                    "left-to-fill",
                    f"{match[0]!r} looks like a place that was to be filled",
                    at=at,
                    hint="fill it",
                )
        position += len(line) + 1
