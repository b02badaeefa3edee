"""Small readings of what an author wrote: one line of it, its first sentence, no controls."""

import re
from collections.abc import Iterator
from dataclasses import replace

from newsletter.compose.brand import Brand
from newsletter.compose.colour import PAPER, READABLE, contrast
from newsletter.errors import Location
from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue

LIGHT_GROUNDS = (PAPER, "#eef0f2", "#f2f6f6")
"""What `accent` has to be read on: the card, the footer, a box; as in the shared CSS of themes."""
DARK_GROUNDS = ("#1b2026", "#0f1317", "#272e36")
"""The same for `accent_dark`."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What neither XML nor a mail program can carry; line breaks and tabs are no part of it."""

_SENTENCE_END = re.compile(r"[.!?…](?=[\s\"”\u2019»)]|$)|[\u3002\uff01\uff1f]")
_SHORTEST, _LONGEST = 40, 110
"""Characters of a preheader: less looks lost in an inbox, more is cut off."""


def without_controls(issue: Issue) -> tuple[Issue, tuple[Finding, ...]]:
    """Take control characters out of `issue`, and say so."""
    written = issue.announcement
    cleaned = replace(
        written,
        title=_clean(written.title),
        preheader=_clean(written.preheader),
        section=_clean(written.section),
        byline=written.byline
        and replace(
            written.byline, name=_clean(written.byline.name), role=_clean(written.byline.role)
        ),
        image=written.image
        and replace(
            written.image, alt=_clean(written.image.alt), caption=_clean(written.image.caption)
        ),
        button=written.button
        and replace(
            written.button, label=_clean(written.button.label), url=_clean(written.button.url)
        ),
        body=_clean(written.body.replace("\r\n", "\n").replace("\r", "\n")),
    )
    # Front matter with control characters is refused when it is read; the body is shown to be.
    findings = tuple(_control_findings(issue))
    return replace(issue, announcement=cleaned, subject=_clean(issue.subject)), findings


def _control_findings(issue: Issue) -> Iterator[Finding]:
    for number, line in enumerate(issue.announcement.body.split("\n"), 1):
        found = _CONTROLS.search(line)
        if found:
            problem = f"an invisible control character (U+{ord(found[0]):04X}) is left out"
            at = issue.announcement.body_place(number, found.start() + 1)
            yield warning("control-character", problem, at=at, hint="delete and retype the words")


def brand_findings(brand: Brand) -> Iterator[Finding]:
    """Say where the brand's colours are hard to read (WCAG 2.2, 1.4.3)."""
    for key, colour, grounds, way in (
        ("accent", brand.accent, LIGHT_GROUNDS, "darker"),
        ("accent_dark", brand.accent_dark, DARK_GROUNDS, "lighter"),
    ):
        ratio, ground = min((contrast(colour, each), each) for each in grounds)
        if ratio < READABLE:
            problem = (
                f"brand.{key} {colour} has a contrast of {ratio:.1f} on {ground}, hard to read"
            )
            hint = f"choose a {way} one: {READABLE} is enough"
            at = Location("newsletter.toml")
            yield warning("brand-contrast", problem, at=at, hint=hint)


def first_sentence(text: str) -> str:
    """Give the first sentence of `text`, or as much of it as an inbox shows."""
    ends = (end.end() for end in _SENTENCE_END.finditer(text))
    # What ends sooner is "Dear Dr." or "Hello!"; the next sentence comes along.
    sentence = text[: next((end for end in ends if end >= _SHORTEST), len(text))]
    if len(sentence) <= _LONGEST:
        return sentence
    kept = sentence[: _LONGEST - 1]
    whole_words = kept.rpartition(" ")[0]
    # Without spaces (Chinese, Japanese, Thai) any place is as good, but for the inside of a token.
    return (whole_words or ("" if "QZ" in kept else kept)).rstrip(",;:\u2013—- ") + "…"


def one_line(text: str) -> str:
    """Write `text` in one line: a line break in a subject would begin another header."""
    return " ".join(text.split())


def tidy(text: str) -> str:
    """Leave out trailing spaces, and more than one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)
