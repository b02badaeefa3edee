"""Ports for those who listen later, or again: the system gives them to nobody else meanwhile."""

import socket
from random import SystemRandom

_DEALT_OUT = range(10_000, 30_000)
"""Below those that systems give by themselves to whoever asks for any, and to outgoing connections
(from 32,768 on Linux, from 49,152 by RFC 6335 section 6)."""


def free_port() -> int:
    """Find a port of 127.0.0.1 where nobody listens."""
    chance = SystemRandom()
    while True:
        port = chance.choice(_DEALT_OUT)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
