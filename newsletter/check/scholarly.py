"""Checks of what scholars cite: DOIs, ORCID iDs, and the symbols of genes."""

import re
from collections.abc import Iterable, Iterator

from newsletter.check.page import Page
from newsletter.check.place import Places
from newsletter.check.written import lines_of
from newsletter.errors import Location
from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
"""The registrant and what it chose: ISO 26324; no registrant has fewer than four digits."""
_DOI_WRITTEN = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|\bdoi:\s?(?=\S*\d))([^\s\])>\"'|]*)", re.IGNORECASE
)
_NOT_A_DOI = ("", "about", "help", "the-identifier", "resources", "registration-agencies")
_ORCID_WRITTEN = re.compile(
    r"(?:\b(?:https?://)?(?:www\.)?orcid\.org/|\borcid(?:\s+id)?:?\s+)(?=\d)([\dXx-]+)",
    re.IGNORECASE,
)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_MODULUS, _TEN = 11, 10
_CODE = ("pre", "code", "kbd", "samp")


def check_citations(issue: Issue) -> Iterator[Finding]:
    """Look at every DOI and ORCID iD of the body, as written."""
    for line in lines_of(issue.announcement):
        for match in line.finds(_DOI_WRITTEN):
            yield from _check_doi(match[1], line.at)
        for match in line.finds(_ORCID_WRITTEN):
            yield from _check_orcid(match[1], line.at)


def is_doi(text: str) -> bool:
    """Tell whether `text` is written like a DOI; whether it is registered nobody asks here."""
    return bool(_DOI.fullmatch(text))


def is_orcid(text: str) -> bool:
    """Tell whether `text` is an ORCID iD whose last character proves the others."""
    return bool(_ORCID.fullmatch(text)) and orcid_check(text[:-1]) == text[-1]


def orcid_check(digits: str) -> str:
    """Compute the last character of an ORCID iD: ISO 7064, MOD 11-2; dashes do not count."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    rest = (_MODULUS + 1 - total % _MODULUS) % _MODULUS
    return "X" if rest == _TEN else str(rest)


def check_gene_symbols(page: Page, symbols: Iterable[str], places: Places) -> Iterator[Finding]:
    """Look for symbols of the workspace's glossary that are not in italics.

    Addresses of links, code and the title of the window are left alone.
    """
    known = [re.escape(symbol) for symbol in symbols if symbol.strip()]
    if not known:
        return
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(known)})(?![\w-])")
    told: set[str] = set()
    for element in page.elements:
        if not element.own or element.light.is_italic or not element.light.is_seen:
            continue
        if element.is_in(*_CODE) or "://" in element.own:
            continue
        for symbol in dict.fromkeys(pattern.findall(element.own)):
            if symbol not in told:
                told.add(symbol)
                yield warning(
                    "gene-italics",
                    f"the gene symbol {symbol} is not in italics",
                    at=_bare_place(symbol, places),
                    hint=f"write *{symbol}*; the protein is written without",
                )


def _bare_place(symbol: str, places: Places) -> Location:
    """Find the first line that has the symbol outside of emphasis."""
    bare = re.compile(rf"(?<![\w*-]){re.escape(symbol)}(?![\w*-])")
    return places.matching(bare) or places.of(symbol)


def _check_doi(text: str, at: Location) -> Iterator[Finding]:
    written = text.rstrip(".,;:")
    if written.lower() not in _NOT_A_DOI and not is_doi(written):
        yield warning(
            "doi-malformed",
            f"{written!r} is not written like a DOI",
            at=at,
            hint="copy it from the page of the paper: 10.1038/s41586-020-2649-2",
        )


def _check_orcid(text: str, at: Location) -> Iterator[Finding]:
    written = text.strip("-")
    if not is_orcid(written):
        yield warning(
            "orcid-malformed",
            f"{written!r} is no ORCID iD: a digit is wrong or missing",
            at=at,
            hint="copy it from orcid.org; it looks like 0000-0002-1825-0097",
        )
