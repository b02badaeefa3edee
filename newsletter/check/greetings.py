"""Greetings that would read `Dear ,` for members without the value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Protocol

from newsletter.check.place import Places
from newsletter.finding import Finding, error
from newsletter.message.frozen import Document, Frozen

_OPENING = re.compile(
    r"\b(?:dear|hello|hi|hey|welcome|greetings|good (?:morning|day|evening)"
    r"|hallo|liebe[rs]?|guten (?:tag|morgen)|sehr geehrte[rs]?"
    r"|bonjour|bonsoir|ch[eè]re?s?|salut|hola|estimad[oa]s?|querid[oa]s?|car[oai]|gentile|ol[aá]"
    r"|prezad[oa]s?|beste|geachte|k[aä]ra|kj[aæ]re)(?:\s+(?:prof|dr|mr|mrs|ms)\.?)?\s*$",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\s*(?:[,!:.;]|$)")
_TAGS = re.compile(r"<[^<>]*>")


class Short(Protocol):
    """How many members lack something; as a string, the first of their lines."""

    @property
    def count(self) -> int:
        """Give how many."""
        ...


def check_greetings(
    documents: Iterable[Document], blank: Mapping[str, Short], places: Places
) -> Iterator[Finding]:
    """Find the slots that greet, and stay empty for the members counted in `blank`, by slot."""
    greeting = {
        name
        for document in documents
        for frozen in (document.subject, document.preheader, document.html, document.text)
        for name in _greeted(frozen)
    }
    for name, short in blank.items():
        if name in greeting:
            reads = "member reads" if short.count == 1 else "members read"
            yield error(
                "greeting-empty",
                f"{short.count:,} {reads} a greeting without a name, such as 'Dear ,' ({short})",
                at=places.slot(name),
                hint=f'write {{{{ {name} or "colleague" }}}}, or complete the list',
            )


def _greeted(frozen: Frozen) -> Iterator[str]:
    """Give the slots that stand between a word of greeting and the end of its line."""
    for slot, (before, after) in zip(frozen.slots, pairwise(frozen.literals), strict=True):
        line = _TAGS.sub("", before).rpartition("\n")[2]
        if _OPENING.search(line) and _CLOSING.match(_TAGS.sub("", after)):
            yield slot.name
