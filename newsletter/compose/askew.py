"""What is askew in a body as it was written: levels of headings, markup that nobody reads."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from newsletter.compose.sanitise import ALLOWED
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import Node
from newsletter.errors import Location
from newsletter.finding import Finding, warning


def heading_findings(node: Node, before: int, at: Location) -> Iterator[Finding]:
    """Say where a heading does not follow from the one before, of the level `before`."""
    if node.level == 1:
        problem = "this heading is shown one level lower: the headline is the only first level"
        yield warning("heading-level", problem, at=at, hint="write ## for it")
    elif node.level > before + 1:
        problem = (
            f"the heading jumps from level {before} to {node.level}; a screen reader's user is lost"
        )
        yield warning("heading-jump", problem, at=at, hint=f"write {'#' * (before + 1)} for it")


_UNREAD = (
    (re.compile(r"\[\^[^\]\s]+\]"), "{} names a footnote that is nowhere written"),
    (re.compile(r"\[[^\[\]]+\]\[[^\[\]]*\]"), "{} names a link that is nowhere defined"),
    (re.compile(r"\$\$.+?\$\$"), "formulas are not supported: {} is shown as it is typed"),
)


def unread_markup(text: str, tokens: Tokens, at: Location) -> Iterator[Finding]:
    """Find what an author meant as markup and nobody reads."""
    for pattern, problem in _UNREAD:
        for found in pattern.finditer(text):
            shown = repr(tokens.restore(found[0]).strip())
            hint = "write it in words, or link to a page"
            yield warning("markup-unsupported", problem.format(shown), at=at, hint=hint)


def lost_in_cleaning(written: str, cleaned: str, at: Location) -> Iterator[Finding]:
    """Say what cleaning took away that the survey did not see coming."""
    lost = _tags(written) - _tags(cleaned)
    names: Mapping[str, int] = {tag: count for tag, count in lost.items() if tag in ALLOWED}
    if names:
        listed = ", ".join(f"<{tag}>" for tag in sorted(names))
        problem = f"this HTML is not as mail programs want it; left out: {listed}"
        hint = "close each tag, and put <tr> and <td> into a <table>"
        yield warning("html-repaired", problem, at=at, hint=hint)


def _tags(html: str) -> Counter[str]:
    return Counter(tag.lower() for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", html))
