"""How the carrier breaks a connection, and how long a sender waits for it."""

import socket
import struct

PATIENCE = 2.0
"""Seconds that our providers are set to wait for an answer."""
SLOWLY = 0.05
TOO_LATE = 2.5
"""Seconds: two ways of the carrier to take its time."""


def reset(connection: socket.socket) -> None:
    """Break a connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
