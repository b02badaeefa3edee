"""Asking one web address whether it is there, and never a machine of this house.

The only door to urllib3. Each name is resolved first, every address of it is judged, and the
connection goes to the address that was judged; the same at each redirect. So neither a redirect
nor a name that changes its address between two looks (DNS rebinding) leads inside.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

_CONNECT, _READ = 5.0, 8.0
"""Seconds for a connection, and for each piece of an answer."""
_MOST_REDIRECTS = 8
_ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 500, 501, 503})
"""What servers answer to HEAD that answer well to GET."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DOI = frozenset({"doi.org", "dx.doi.org", "www.doi.org"})
_PORTS = {"http": 80, "https": 443}
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; newsletter-link-check/1.0)",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of asking for one address."""

    status: int = 0
    """Of HTTP, at the end of the redirects; 0 where there was no answer."""
    problem: str = ""
    """Why there was none."""
    is_private: bool = False
    """The name or a redirect leads to a machine of this house; nobody asked there."""


class _Refused(Exception):
    """The address is one that nobody may be asked at."""


class _Lost(Exception):
    """There is no answer, for the reason that it says."""


def is_public(address: str) -> bool:
    """Tell whether `address` is of the public internet: no loopback, private, link-local, ..."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


def ask(url: str, *, may_ask: Callable[[str], bool] = is_public) -> Answer:
    """Ask for `url`, HEAD first and GET where that fails; redirects are followed.

    `may_ask` judges each address (numbers) before anything is sent to it.
    """
    from urllib3.exceptions import HTTPError

    try:
        return Answer(status=_follow(url, may_ask))
    except _Refused:
        return Answer(is_private=True)
    except _Lost as reason:
        return Answer(problem=str(reason))
    except (HTTPError, OSError, ValueError) as reason:
        return Answer(problem=_words(reason))


def _follow(url: str, may_ask: Callable[[str], bool]) -> int:
    for _ in range(_MOST_REDIRECTS):
        parts = urlsplit(url)
        status, target = _ask_once("HEAD", parts, may_ask)
        if status in _ASK_AGAIN:
            status, target = _ask_once("GET", parts, may_ask)
        if status not in _REDIRECTS or not target:
            return status
        if parts.hostname in _DOI:
            return 200  # registered; where it leads is the publisher's, who keeps robots out
        url = urljoin(url, target)
    raise _Lost(f"it redirects more than {_MOST_REDIRECTS} times")


def _ask_once(method: str, parts: SplitResult, may_ask: Callable[[str], bool]) -> tuple[int, str]:
    """Send one request; give the status and where it redirects to."""
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _Lost(f"it redirects to {parts.geturl()[:80]!r}, which is no web address")
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout

    host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    address = _resolve(host, port, may_ask)
    timeout = Timeout(connect=_CONNECT, read=_READ)
    if parts.scheme == "https":
        pool: HTTPConnectionPool = HTTPSConnectionPool(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = HTTPConnectionPool(address, port, timeout=timeout)
    with pool:
        response = pool.urlopen(
            method,
            _path(parts),
            headers={**_HEADERS, "Host": parts.netloc.rpartition("@")[2]},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )
        response.close()  # nobody reads it
        return response.status, response.headers.get("Location", "")


def _resolve(host: str, port: int, may_ask: Callable[[str], bool]) -> str:
    try:
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as reason:
        raise _Lost(f"nobody knows {host!r}") from reason
    addresses = [str(entry[4][0]) for entry in found]
    if not all(may_ask(address) for address in addresses):
        raise _Refused
    return addresses[0]


def _path(parts: SplitResult) -> str:
    from urllib3.util import parse_url

    # Spaces and letters beyond ASCII are percent-encoded; the part behind # stays at home.
    return parse_url(parts._replace(fragment="").geturl()).request_uri


def _words(reason: Exception) -> str:
    """Say in words of people why there was no answer."""
    from urllib3 import exceptions

    if isinstance(reason, exceptions.TimeoutError):
        return "it does not answer in time"
    if isinstance(reason, exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(reason, exceptions.LocationValueError | ValueError):
        return "it is no web address"
    return "the connection breaks"
