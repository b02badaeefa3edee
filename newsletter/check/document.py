"""Checks of the compiled issue: what would arrive."""

import re
from collections.abc import Iterator

from newsletter.compose.compiled import CompiledIssue
from newsletter.finding import Finding, error, warning
from newsletter.message.frozen import Document, Frozen

CLIPPING = 102_000
"""Bytes of HTML over which Gmail hides the rest, the unsubscribe link with it."""
NEARLY_CLIPPING = 90_000

_LEFTOVER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\*\|[A-Z_]+\|\*|%%[A-Za-z_]+%%|\$\{\w+\}|QZ[0-9A-F]{8}\w*?ZQ"
)
"""The marks of template languages: Jinja and Liquid, Mailchimp, Marketing Cloud, and our own."""

_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
_LOCAL = re.compile(r"https?://(localhost|127\.|0\.0\.0\.0|\[::1\])", re.IGNORECASE)


def check_documents(compiled: CompiledIssue) -> Iterator[Finding]:
    """Look at every variant as it would arrive; what several share is said once."""
    seen: dict[Finding, None] = {}
    for document in compiled.documents.values():
        seen.update(dict.fromkeys(_check(document)))
    yield from seen


def check_size(bytes_of_html: int) -> Iterator[Finding]:
    """Hold the largest HTML part, merged, against where Gmail clips."""
    if bytes_of_html > CLIPPING:
        yield error(
            "html-clipped",
            f"the email has {bytes_of_html:,} bytes of HTML; Gmail hides all after {CLIPPING:,}",
            hint="shorten it, and link to the full text",
        )
    elif bytes_of_html > NEARLY_CLIPPING:
        yield warning(
            "html-large",
            f"the email has {bytes_of_html:,} bytes of HTML; Gmail hides all after {CLIPPING:,}",
            hint="shorten it before the next addition",
        )


def _check(document: Document) -> Iterator[Finding]:
    for part, frozen in (("HTML", document.html), ("plain text", document.text)):
        if not any(slot.name == "unsubscribe_url" for slot in frozen.slots):
            yield error(
                "unsubscribe-missing",
                f"the {part} part has no unsubscribe link",
                hint="add {{ unsubscribe_url }} to the footer of the theme",
            )
    for mark in _leftovers(document):
        yield error(
            "template-leftover",
            f"{mark!r} would reach the reader as it stands",
            hint="remove it, or write a slot such as {{ first_name }}",
        )
    if any(_LOCAL.search(literal) for literal in document.html.literals):
        yield error(
            "link-local",
            "a link leads to the author's own machine",
            hint="link to the public address",
        )


def _leftovers(document: Document) -> dict[str, None]:
    found: dict[str, None] = {}
    for frozen in (document.subject, document.preheader, document.html):
        text = _CODE.sub("", _bare(frozen))
        found.update(dict.fromkeys(match[0] for match in _LEFTOVER.finditer(text)))
    return found


def _bare(frozen: Frozen) -> str:
    return "\x00".join(frozen.literals)
