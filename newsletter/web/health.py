"""`/health`: whether the program does its work, for whoever keeps it running. It names nobody."""

import asyncio
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

from newsletter.web.guard import Application, Message, Receive, Scope, Send, dressed

_PATH = "/health"
_PATIENCE = 3.0
"""Seconds that the answer is waited for: a database that hangs is none."""

Health = tuple[bool, Mapping[str, object]]
"""Whether all is well, and the details."""


def with_health(others: Application | None, look: Callable[[], Health]) -> Application:
    """Serve how the program stands beside everything else, or alone.

    `look` is called on a thread of its own, once at a time: nobody keeps the database busy by it.
    """
    health, inside = dressed(_Health(look)), others or _alone

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["path"] == _PATH
        await (health if is_asked else inside)(scope, receive, send)

    return answer


class _Health:
    """The one page."""

    def __init__(self, look: Callable[[], Health]) -> None:
        self._look = look
        self._one = asyncio.Lock()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED, {"status": "not done"})
            return
        try:
            async with asyncio.timeout(_PATIENCE), self._one:
                is_well, details = await asyncio.to_thread(self._look)
        except TimeoutError:
            is_well, details = False, {"database": "slow"}
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        await _answer(send, status, {"status": "ok" if is_well else "failing", **details})


async def _alone(scope: Scope, receive: Receive, send: Send) -> None:
    """Be an application that has no other page."""
    if scope["type"] == "http":
        await _answer(send, HTTPStatus.NOT_FOUND, {"status": "there is no such page"})
        return
    for what in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{what}.complete"})


async def _answer(send: Send, status: HTTPStatus, content: Mapping[str, object]) -> None:
    text = json.dumps(content).encode() + b"\n"
    start: Message = {
        "type": "http.response.start",
        "status": int(status),
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(text)).encode()),
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": text})
