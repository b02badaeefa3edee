"""What a request brings along, as far as the public pages care."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody at a page."""

    accepted: str = ""
    """Accept-Language."""
    network: str = ""
    """Where they come from; empty where nobody trustworthy says so."""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a form sent."""
    is_one_click: bool = False
    """A mail program unsubscribes its user (RFC 8058)."""
    is_foreign: bool = False
    """The page of another site sent the browser here."""

    def one(self, name: str) -> str:
        """Give the one value of a field; empty where there is none."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> frozenset[str]:
        """Give every value of a field."""
        return frozenset(self.fields.get(name, ()))


_MOST_FIELDS = 100


def read_form(kind: str, body: bytes) -> Mapping[str, Sequence[str]]:
    """Read the fields of a form; none where it is not one of ours.

    Args:
        kind: the header Content-Type.
        body: what was sent.
    """
    if kind.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


def is_one_click(body: bytes) -> bool:
    """Tell whether a mail program asks (RFC 8058 section 3.2), in either encoding of forms."""
    return b"List-Unsubscribe" in body and b"One-Click" in body


def is_foreign(headers: Mapping[str, str], hosts: Sequence[str]) -> bool:
    """Tell whether a page of another site made the browser send this.

    Sec-Fetch-Site says it where the browser knows that header, and no page can change it. Else
    Origin does; `null`, which older browsers send for a page without referrers, such as ours,
    says nothing.

    Args:
        headers: of the request, by lower-case names.
        hosts: under which our pages are known, with their ports.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc.lower() not in hosts
