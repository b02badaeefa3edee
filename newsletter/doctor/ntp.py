"""Asking a time server (SNTP, RFC 4330). A door to sockets."""

import datetime as dt
import socket
import struct

_PORT = 123
_PACKET = 48
_MODE = 0x23
"""No warning, version 4, a client (section 4)."""
_SINCE_1900 = 2_208_988_800
_PATIENCE = 5.0


def ask_time(server: str, patience: float = _PATIENCE) -> dt.datetime | None:
    """Ask `server`, with a port behind a colon if not 123; None where it does not answer."""
    host, _, port = server.partition(":")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, int(port or _PORT), type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as line:
            line.settimeout(patience)
            line.connect(address)
            line.send(bytes([_MODE]) + bytes(_PACKET - 1))
            answer = line.recv(512)
    except (OSError, ValueError):
        return None
    if len(answer) < _PACKET or not answer[1]:  # stratum 0: it asks to be left alone
        return None
    seconds, fraction = struct.unpack("!II", answer[40:48])
    if not seconds:
        return None
    return dt.datetime.fromtimestamp(seconds - _SINCE_1900 + fraction / 2**32, dt.UTC)
