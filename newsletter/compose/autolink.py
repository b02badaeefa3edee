"""Bare addresses in running text, DOIs and ORCID iDs among them: where they begin and end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BARE = re.compile(
    r"(?<![\w@/.])(?:"
    r"(?P<url>https?://[^\s<>\"“”«»]+)"
    r"|(?P<www>www\.[^\s<>\"“”«»]+\.[^\s<>\"“”«»]+)"
    r"|(?P<doi>doi:\s?10\.\d{4,9}/[^\s<>\"“”«»]+)"
    r"|(?P<orcid>ORCID(?: iD)?:?\s\d{4}-\d{4}-\d{4}-\d{3}[\dX])"
    r"|(?P<mail>[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r")",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\u2019*_~…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, or an address with where it leads."""

    text: str
    url: str = ""


def may_hold_address(text: str) -> bool:
    """Tell quickly whether it is worth looking for addresses in `text`."""
    low = text.lower()
    return any(mark in low for mark in ("://", "@", "www.", "doi:", "orcid"))


def split_at_addresses(text: str) -> Iterator[Piece]:
    """Split `text` into runs of text and the bare addresses between them."""
    done = 0
    for found in _BARE.finditer(text):
        address = _without_trailing(found[0])
        url = _target(found.lastgroup or "", address)
        if not url:
            continue
        if found.start() > done:
            yield Piece(text[done : found.start()])
        yield Piece(address, url)
        done = found.start() + len(address)
    if done < len(text):
        yield Piece(text[done:])


def _target(kind: str, address: str) -> str:
    match kind:
        case "www":
            return f"https://{address}"
        case "doi":
            # The form that the DOI handbook asks for (section 3.8.3).
            return f"https://doi.org/{address[4:].strip()}"
        case "orcid":
            return f"https://orcid.org/{address[-19:]}"
        case "mail":
            return f"mailto:{address}"
        case _:
            return address if address.partition("://")[2] else ""


def _without_trailing(address: str) -> str:
    """Leave out the punctuation of the sentence around it (as GitHub's autolinks do)."""
    while address:
        last = address[-1]
        opening = _PAIRS.get(last)
        closes_nothing = opening is not None and address.count(last) > address.count(opening)
        if last not in _TRAILING and not closes_nothing:
            return address
        address = address[:-1]
    return address
