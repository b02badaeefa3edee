"""Judge where a link leads: what email cannot follow, and what it must not."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from newsletter.compose.tokens import LINK_SLOTS, Tokens
from newsletter.errors import Location
from newsletter.finding import Finding, error, warning

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_FOLLOWED = frozenset({"https", "http", "mailto", "tel", "sms"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a link."""

    url: str
    """As it may stand in the email; empty where it may not."""
    finding: Finding | None = None


def judge_link(url: str, at: Location, tokens: Tokens, *, website: str = "") -> Verdict:
    """Judge the link `url`, which may hold tokens.

    A link such as `/events/2027` means a page of the society's `website`, where it has one.
    """
    if website and url.startswith("/") and not url.startswith("//"):
        url = urljoin(website, url)
    shown = tokens.restore(url)
    misplaced = _misplaced_slot(url, tokens)
    if misplaced:
        return Verdict("", error("link-slot", f"{shown!r}: {misplaced}", at=at, hint=_SLOT_HINT))
    scheme = _scheme_of(url)
    if scheme and scheme not in _FOLLOWED:
        problem = f"a {scheme}: link is not let into an email: {_shortened(shown)!r}"
        return Verdict("", error("link-refused", problem, at=at, hint="link to an https:// page"))
    return Verdict(url, _complaint(url, tokens, scheme, at))


_SLOT_HINT = "write the site in full and put the slot behind it: https://example.org/?to={{ … }}"


def _complaint(url: str, tokens: Tokens, scheme: str, at: Location) -> Finding | None:
    shown = tokens.restore(url)
    hint = "write the whole address, beginning with https://"
    if scheme == "http":
        problem = f"the link is not encrypted: {_shortened(shown)!r}"
        return warning("link-insecure", problem, at=at, hint="use https:// if the site has it")
    if not url.strip():
        return warning("link-empty", "the link leads nowhere", at=at, hint=hint)
    if url.startswith("#"):
        return None  # `anchors` knows the places of the body
    if not scheme and not tokens.pattern.match(url):
        problem = f"{_shortened(shown)!r} works on a web site but not in an email"
        return warning("link-relative", problem, at=at, hint=hint)
    if scheme == "https" and not _host_of(url):
        return warning("link-broken", f"{_shortened(shown)!r} has no host", at=at, hint=hint)
    return None


def has_scheme(url: str) -> bool:
    """Tell whether `url` begins with a scheme such as `https:`."""
    return bool(_scheme_of(url))


def _scheme_of(url: str) -> str:
    # Browsers skip control characters and spaces in a scheme ("java\tscript:").
    head, colon, _ = re.sub(r"[\x00-\x20\x7f-\xa0]", "", url).partition(":")
    return head.lower() if colon and _SCHEME.fullmatch(head) else ""


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _misplaced_slot(url: str, tokens: Tokens) -> str:
    for found in tokens.pattern.finditer(url):
        if tokens.uses[int(found[1])].name in LINK_SLOTS:
            if found[0] != url:
                return "this slot is a whole link and nothing may stand around it"
        elif not re.match(
            r"https?://[^/?#]+[/?#]|mailto:[^?]+\?", url[: found.start()], re.IGNORECASE
        ):
            return "a member's value may not decide to which site a link leads"
    return ""


def _shortened(url: str) -> str:
    return url if len(url) <= 80 else f"{url[:77]}..."  # noqa: PLR2004 - one line of a terminal
