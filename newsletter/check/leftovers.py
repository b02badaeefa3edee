"""Marks of template languages that would reach the reader, in every part of every variant."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from newsletter.check.page import Page
from newsletter.check.place import Places
from newsletter.check.written import lines_of
from newsletter.errors import Location
from newsletter.finding import Finding, error
from newsletter.issue.issue import Issue
from newsletter.message.frozen import Document, Frozen

_LANGUAGES = (
    r"\{\{\{?[^{}\n]{0,200}\}\}\}?",  # Jinja, Liquid, Handlebars, Hugo
    r"\{%[^{}\n]{0,200}%\}",  # Jinja, Liquid
    r"\{#\s[^{}\n]{0,200}\s#\}",  # comments of Jinja
    r"<%[^<>\n]{0,200}%>",  # ERB, EJS
    r"\*\|[A-Z_][A-Z0-9_:=]*\|\*",  # Mailchimp
    r"%%[A-Za-z_][\w.]*%%",  # Marketing Cloud
    r"%[a-z]+\.\w+%",  # Mailgun, ActiveCampaign
    r"\[\[\s*[A-Za-z_][\w .-]*\]\]",
    r"\[%[^\[\]\n]{0,200}%\]",  # Template Toolkit
    r"\$\{[A-Za-z_][\w.]*\}",
    r"\{\$[A-Za-z_]\w*\}",  # Smarty
    r"@@[A-Za-z_]\w*@@",
    r"«(?:[A-Za-z]+_\w+|[A-Z][a-z]+[A-Z]\w*)»",  # fields of Word
    r"QZ[0-9A-F]{8}\w*?ZQ",  # our own
)
_MARKS = re.compile("|".join(_LANGUAGES))
_STARRED = re.compile(r"\*\|[A-Z_][A-Z0-9_:=]*\|\*")
_CAPITALS = re.compile(r"(?<![\w%])%[A-Z][A-Z_]{3,}%(?![\w%])")
"""`%FIRSTNAME%`; looked for outside of addresses, where a percent sign means something else."""
_CODE = frozenset({"pre", "code", "kbd", "samp"})


def check_leftovers(document: Document, page: Page, places: Places) -> Iterator[Finding]:
    """Look through the subject, the preheader, the HTML and the plain text of one variant."""
    as_code = {mark for each in _code(page) for mark in find_marks(each)}
    texts = [_bare(document.subject), _bare(document.preheader), *_written(page)]
    marks = dict.fromkeys(mark for text in texts for mark in find_marks(text))
    for mark in find_marks(_bare(document.text)):
        if not _is_within(mark, as_code):
            marks.setdefault(mark)
    for mark in marks:
        yield _leftover(mark, places.of(mark))


def check_written_marks(issue: Issue) -> Iterator[Finding]:
    """Look for `*|FNAME|*` in the body as written: in Markdown its stars mean emphasis."""
    for line in lines_of(issue.announcement):
        for found in line.finds(_STARRED):
            yield _leftover(found[0], line.at)


def find_marks(text: str) -> Iterator[str]:
    """Find the marks in a text, in order."""
    for found in _MARKS.finditer(text):
        yield found[0]
    if "%" in text:
        for found in _CAPITALS.finditer(re.sub(r"https?://\S+", "", text)):
            yield found[0]


def _written(page: Page) -> Iterator[str]:
    """Give each run of words that is no code, and the attributes that reach a reader."""
    for element in page.elements:
        if element.own and not element.is_in(*_CODE, "style"):
            yield element.own
        for name in ("href", "src", "alt", "title"):
            value = element.attributes.get(name)
            if value:
                yield unquote(value)


def _code(page: Page) -> Iterator[str]:
    return (each.own for each in page.elements if each.own and each.is_in(*_CODE))


def _is_within(mark: str, others: set[str]) -> bool:
    plain = " ".join(mark.split())
    return any(plain in " ".join(other.split()) for other in others)


def _leftover(mark: str, at: Location) -> Finding:
    return error(
        "template-leftover",
        f"{mark!r} would reach the reader as it stands",
        at=at,
        hint="remove it, or write a slot such as {{ first_name }}",
    )


def _bare(frozen: Frozen) -> str:
    return "\x00".join(frozen.literals)
