"""Serving an application on this machine: the door to uvicorn."""

import socket

import uvicorn
from starlette.applications import Starlette

from newsletter.errors import Refused


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
    except (OSError, OverflowError) as reason:
        taken.close()
        raise Refused(f"port {port} cannot be used", hint="choose another --port") from reason
    return taken


def serve(app: Starlette, on: socket.socket) -> None:
    """Serve `app` until Ctrl-C; connections under way are ended after two seconds."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[on])
