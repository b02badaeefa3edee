"""Checks of links as readers meet them: a screen reader lists them without their sentence."""

import re
from collections.abc import Iterator

from newsletter.check.written import lines_of
from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue

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
    for line in lines_of(issue.announcement):
        for match in line.finds(_LINK):
            written = match["words"] or match["html"]
            words = written.strip(" *_.:!>→»").lower()
            if words in _VAGUE:
                yield warning(
                    "link-vague",
                    f"a link that says {written!r} tells nothing on its own",
                    at=line.at,
                    hint="link the words that name where it leads",
                )
        for match in line.finds(_FILLER):
            yield warning(
                "left-to-fill",
                f"{match[0]!r} looks like a place that was to be filled",
                at=line.at,
                hint="fill it",
            )
