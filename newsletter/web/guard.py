"""What stands before the public pages: bounds on what is sent to us, headers on what we answer.

An ASGI application around another; it knows nothing of what the pages do.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 16_384
"""Of a body, unless said otherwise: the largest form of ours is a tenth of it."""
PATIENCE = 10.0
"""Seconds for the whole body."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "interest-cohort=(), browsing-topics=()",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}
"""Of every answer, errors too; only Cache-Control may say something else."""


class Refusal(Exception):
    """What is sent to us is not taken."""

    def __init__(self, status: int, words: str) -> None:
        """Refuse with a status of HTTP and a few words."""
        super().__init__(words)
        self.status = status


def guarded(
    inside: Application, *, patience: float = PATIENCE, most: int = MOST_BYTES
) -> Application:
    """Answer with the headers of all pages, and let in only what is small and not too slow.

    A body may have `most` bytes and take `patience` seconds.
    """

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inside(scope, receive, send)
            return
        body = await read_body(scope, receive, patience, most)
        await inside(scope, _replay(body, receive), send)

    return dressed(bounded)


def dressed(inside: Application) -> Application:
    """Answer with the headers of all pages, and in a few words whatever is refused inside.

    Whatever goes wrong inside is answered in a few words, too; what it was is raised again, so
    that the server can tell whoever runs it.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inside(scope, receive, send)
            return
        is_begun = False

        async def with_headers(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                message["headers"] = _with_ours(message.get("headers", ()))
            await send(message)

        try:
            await inside(scope, receive, with_headers)
        except Refusal as refusal:
            await _say(with_headers, refusal.status, f"{refusal}\n")
        except Exception:
            if not is_begun:
                await _say(with_headers, 500, "that did not work\n")
            raise

    return answer


async def read_body(scope: Scope, receive: Receive, patience: float, most: int) -> bytes:
    """Read the whole body, as far as it is allowed to go.

    Raises:
        Refusal: it has more than `most` bytes, or takes more than `patience` seconds.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:20]) > most):
            raise Refusal(413, "too much")
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            while await _more(receive, body):
                if len(body) > most:
                    raise Refusal(413, "too much")
    except TimeoutError as slow:
        raise Refusal(408, "too slow") from slow
    if len(body) > most:
        raise Refusal(413, "too much")
    return bytes(body)


async def _more(receive: Receive, body: bytearray) -> bool:
    message = await receive()
    if message["type"] != "http.request":
        raise Refusal(400, "cut off")
    body += message.get("body", b"")
    return bool(message.get("more_body", False))


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body over once more, and then whatever still comes."""
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return parts.pop() if parts else await receive()

    return again


def _with_ours(headers: Any) -> list[tuple[bytes, bytes]]:  # noqa: ANN401 - as ASGI has it
    known = {bytes(name).lower() for name, _value in headers}
    ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    return [*headers, *(pair for pair in ours if pair[0] not in known)]


async def _say(send: Send, status: int, words: str) -> None:
    text = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        # What is still on its way to us belongs to no further request.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
