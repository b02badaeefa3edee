"""Where the links of the final HTML lead, whoever wrote them: author, theme or settings."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from newsletter.address import parse_address
from newsletter.check.page import SLOT_HOST, Element, Page
from newsletter.check.place import Places
from newsletter.errors import InputError
from newsletter.finding import Finding, error, warning

_EXAMPLES = ("example.com", "example.net", "example.org", "yourdomain.com", "your-domain.com")
"""RFC 2606, and what templates hold."""
_PRIVATE = ("localhost", "local", "internal", "lan", "intranet", "corp", "home.arpa")
_NOBODY = ("example", "invalid", "test")
_SHORTENED = 80


def check_targets(page: Page, places: Places, *, own_domain: str) -> Iterator[Finding]:
    """Look at every link and image address.

    `own_domain` is the society's: where that is an example itself, as in a sample, its kind may
    be linked to.
    """
    for link in page.of("a"):
        yield from _check_link(link, places, own_domain)
    for element in page.of("img"):
        parts = split(element.attributes.get("src", ""))
        if parts and is_private(parts.hostname or ""):
            yield _local(element.attributes["src"], places)


def split(url: str) -> SplitResult | None:
    """Take a URL apart; None where it is none."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.hostname, parts.port  # may be no number
    except ValueError:
        return None
    return parts


def is_private(host: str) -> bool:
    """Tell whether `host` names a machine that only people in one house reach.

    Names are judged as they are written; what an address resolves to is not asked here.
    """
    name = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and (name in _PRIVATE or _is_below(name, _PRIVATE) or "." not in name)
    return not address.is_global


def is_example(host: str, own_domain: str = "") -> bool:
    """Tell whether `host` is one that documents use for nobody's, and `own_domain` is not."""
    name = host.lower().rstrip(".")
    if name == SLOT_HOST:
        return False
    kinds = (*_EXAMPLES, *_NOBODY)
    kind = next((each for each in kinds if name == each or name.endswith(f".{each}")), "")
    return bool(kind) and not (own_domain == kind or own_domain.endswith(f".{kind}"))


def _is_below(name: str, domains: tuple[str, ...]) -> bool:
    return name.endswith(tuple(f".{domain}" for domain in domains))


def _check_link(link: Element, places: Places, own_domain: str) -> Iterator[Finding]:
    url = link.attributes.get("href", "").strip()
    if "href" in link.attributes and not _says_something(link):
        yield warning(
            "link-empty",
            f"the link to {_shown(url)!r} has no words to click on",
            at=places.of(url),
            hint="write what it leads to; a picture needs its alt",
        )
    parts = split(url)
    if parts is None:
        hint = "write the whole address, beginning with https://"
        at = places.of(url)
        yield warning("link-broken", f"{_shown(url)!r} is no address", at=at, hint=hint)
        return
    if parts.scheme == "mailto":
        yield from _check_mailto(url, places)
    elif parts.scheme in {"http", "https"}:
        yield from _check_web(url, parts, places, own_domain)


def _check_web(url: str, parts: SplitResult, places: Places, own_domain: str) -> Iterator[Finding]:
    host = parts.hostname or ""
    if is_private(host):
        yield _local(url, places)
    elif is_example(host, own_domain):
        yield warning(
            "left-to-fill",
            f"{_shown(url)!r} looks like a place that was to be filled",
            at=places.of(url),
            hint="fill it",
        )
    elif parts.scheme == "http":
        yield warning(
            "link-insecure",
            f"the link is not encrypted: {_shown(url)!r}",
            at=places.of(url),
            hint="use https:// if the site has it",
        )


def _check_mailto(url: str, places: Places) -> Iterator[Finding]:
    for address in unquote(url.partition(":")[2].partition("?")[0]).split(","):
        try:
            parse_address(address.strip())
        except InputError:
            if ".example" in address or SLOT_HOST in address:
                continue
            yield warning(
                "link-address",
                f"{_shown(url)!r} is no email address",
                at=places.of(url),
                hint="write mailto:name@example.org",
            )


def _local(url: str, places: Places) -> Finding:
    return error(
        "link-local",
        f"{_shown(url)!r} leads to a machine that readers cannot reach",
        at=places.of(url),
        hint="link to the public address",
    )


def _says_something(link: Element) -> bool:
    return bool(link.words.strip() or link.attributes.get("aria-label", "").strip())


def _shown(url: str) -> str:
    return url if len(url) <= _SHORTENED else f"{url[: _SHORTENED - 3]}..."
