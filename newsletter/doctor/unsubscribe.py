"""The unsubscribe link as mailbox providers use it: a POST that is answered (RFC 8058)."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from newsletter.doctor.opinion import Opinion, good, unknown, wrong
from newsletter.errors import AccessRefused, ProviderError
from newsletter.message.token import PROBE, sign
from newsletter.providers.http import Connection, Post

_PATIENCE = 10.0
_BODY = b"List-Unsubscribe=One-Click"
_REDIRECTS = range(300, 400)
_ADVICE = "let `newsletter serve` answer at base_url of [list], with TLS before it"
_FORGED = "A" * 40


def check_unsubscribe(
    base_url: str, key: bytes | None, patience: float = _PATIENCE
) -> Iterator[Opinion]:
    """Post to a link that is signed with our key and is nobody's, so that nobody leaves."""
    if key is None:
        words = "without NEWSLETTER_SECRET no unsubscribe link can be tried"
        yield wrong("unsubscribe", words, "set it to the secret of the machine that sends")
        return
    genuine = _status(base_url, sign(key, PROBE, 0), patience)
    if isinstance(genuine, Opinion):
        yield genuine
        return
    forged = _status(base_url, _FORGED, patience) if genuine == HTTPStatus.OK else 0
    if isinstance(forged, Opinion):
        yield forged
        return
    yield _judge(base_url, genuine, forged)


def _judge(base_url: str, genuine: int, forged: int) -> Opinion:
    if genuine in _REDIRECTS:
        return wrong(
            "unsubscribe",
            f"{base_url} answers the unsubscribe POST with a redirect ({genuine}), which RFC 8058"
            " forbids",
            "let base_url be the address to which it leads, and your web server redirect no POST",
        )
    if genuine == HTTPStatus.NOT_FOUND:
        return wrong(
            "unsubscribe",
            f"{base_url} does not know our unsubscribe links (404)",
            f"{_ADVICE}, and with the NEWSLETTER_SECRET of the machine that sends",
        )
    if genuine != HTTPStatus.OK:
        words = f"{base_url} answers the unsubscribe POST with {genuine}"
        return wrong("unsubscribe", words, _ADVICE)
    if forged == HTTPStatus.OK:
        return wrong(
            "unsubscribe",
            f"{base_url} says yes to any unsubscribe link, even to a forged one",
            f"another program answers there; {_ADVICE}",
        )
    return good("unsubscribe", f"{base_url} answers the unsubscribe POST, without a redirect")


def _status(base_url: str, token: str, patience: float) -> int | Opinion:
    parts = urlsplit(base_url)
    connection = Connection(parts.netloc, f"{parts.scheme}://{parts.netloc}", timeout=patience)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = connection.ask("POST", Post(f"{parts.path}/u/{token}", headers, _BODY))
    except AccessRefused as error:
        return wrong("unsubscribe", error.problem, "renew the certificate of that web server")
    except ProviderError as error:
        return unknown(
            "unsubscribe", error.problem, f"look whether a browser opens it; if not: {_ADVICE}"
        )
    finally:
        connection.close()
    return answer.status
