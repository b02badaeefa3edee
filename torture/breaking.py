"""How the carrier breaks a connection, and how long a sender waits for it."""

import socket
import struct

PATIENCE = 0.5
"""Seconds that our providers are set to wait for an answer."""


def reset(connection: socket.socket) -> None:
    """Break a connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
