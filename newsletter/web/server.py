"""Serving an application on this machine: the door to uvicorn."""

import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from newsletter.errors import Refused

_PATIENCE = 2
"""Seconds that an answer under way is waited for when the program ends."""


def listen(port: int) -> socket.socket:
    """Take a port of 127.0.0.1, a free one where `port` is 0.

    Raises:
        Refused: somebody has it.
    """
    # With the protocol named, asyncio sets TCP_NODELAY; else each answer waits 40 ms for an ACK.
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
        taken.listen()  # who comes before the program is ready waits instead of being refused
    except (OSError, OverflowError) as reason:
        taken.close()
        raise Refused(f"port {port} cannot be used", hint="choose another --port") from reason
    return taken


class Door:
    """A port of 127.0.0.1: taken at once, so that whoever has it already is told, and kept."""

    def __init__(self, port: int) -> None:
        """Take the port, or a free one where it is 0.

        Raises:
            Refused: somebody has it.
        """
        self._first: socket.socket | None = listen(port)
        self.port: int = self._first.getsockname()[1]

    @property
    def address(self) -> str:
        """Give where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def take(self) -> socket.socket:
        """Give the socket; another one of the same port where the first was used up."""
        taken, self._first = self._first or listen(self.port), None
        return taken


_SLOWEST_HEAD = 10.0
"""Seconds for the first line and the headers of a request."""
_MOST_AT_ONCE = 500
"""Open connections; further ones are told to come back."""


async def _nothing() -> None:
    """End nothing."""


def serve(
    app: Callable[..., Awaitable[None]],
    on: socket.socket,
    *,
    at_end: Callable[[], Awaitable[None]] = _nothing,
    stop: threading.Event | None = None,
) -> None:
    """Serve `app` (ASGI) until Ctrl-C, or until `stop` is set where it is given.

    `at_end` ends the answers that would never end by themselves; others are given two seconds.
    """
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        # Whose word we take for who is asking, the application decides: not every process here.
        proxy_headers=False,
        http=_Patient,
        ws="none",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=_PATIENCE,
        lifespan="on",
    )
    # Ctrl-C is how one ends it: nothing went wrong.
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, at_end, stop).run(sockets=[on])


class _Server(uvicorn.Server):
    """A server that tells its application that it ends before it waits for open answers."""

    def __init__(
        self,
        config: uvicorn.Config,
        at_end: Callable[[], Awaitable[None]],
        stop: threading.Event | None,
    ) -> None:
        super().__init__(config)
        self._at_end = at_end
        self._stop = stop

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether it is time to end."""
        if self._stop is not None and self._stop.is_set():
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._at_end()
        await super().shutdown(sockets)


class _Patient(H11Protocol):
    """HTTP/1.1 that hangs up on whoever does not come to the end of their headers.

    uvicorn itself waits for ever for the first request of a connection, and for the rest of one
    that was begun.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **named)
        self._waiting: Any = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before: Any = self.cycle
        super().data_received(data)
        now: Any = self.cycle  # None until the headers of the first request are all there
        if now is not before or (now and not now.response_complete):
            self._stop_waiting()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait()

    def on_response_complete(self) -> None:
        # Between two requests uvicorn's own timeout counts, until something comes.
        self._stop_waiting()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP without a word on what it was."""
        text = msg.encode("ascii", "replace")
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(text)}\r\nx-content-type-options: nosniff\r\n"
            "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
            "referrer-policy: no-referrer\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + text)
        self.transport.close()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(_SLOWEST_HEAD, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
