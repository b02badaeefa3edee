"""Serving an application on this machine: the door to uvicorn."""

import contextlib
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.applications import Starlette

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


async def _nothing() -> None:
    """End nothing."""


def serve(
    app: Starlette, on: socket.socket, *, at_end: Callable[[], Awaitable[None]] = _nothing
) -> None:
    """Serve `app` until Ctrl-C.

    `at_end` ends the answers that would never end by themselves; others are given two seconds.
    """
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
        lifespan="on",
    )
    # Ctrl-C is how one ends it: nothing went wrong.
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, at_end).run(sockets=[on])


class _Server(uvicorn.Server):
    """A server that tells its application that it ends before it waits for open answers."""

    def __init__(self, config: uvicorn.Config, at_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._at_end = at_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._at_end()
        await super().shutdown(sockets)
