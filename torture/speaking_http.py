"""The carrier as SendGrid's `mail/send`, as far as a sender can tell."""

import json
import re
import socket
import threading

from breaking import SLOWLY, TOO_LATE, reset
from fates import Fate, Fates
from journal import Journal

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_DELIVERY = re.compile(rb'"nl_delivery":"(\d+)"')
_REFUSED = json.dumps(
    {"errors": [{"message": "Does not contain a valid address.", "field": None, "help": None}]}
).encode()


def serve_http(connection: socket.socket, journal: Journal, fates: Fates) -> None:
    """Deal with requests until the connection ends."""
    while True:
        head, rest = _read_head(connection)
        length = int((_LENGTH.search(head) or [b"", b"0"])[1])
        if not head.startswith(b"POST /v3/mail/send "):
            _read(connection, length - len(rest))
            _say(connection, "403 Forbidden")  # a key that may do nothing but send
            continue
        # What is not read whole has no other name than its size.
        name = f"size {length}"
        if fates.draw(name, journal.time_of(name)) is Fate.CUT:
            journal.cut(_first_of(connection, rest, length))
            reset(connection)
            return
        body = rest + _read(connection, length - len(rest))
        if not _deal_with(connection, body, journal, fates):
            return


def _first_of(connection: socket.socket, body: bytes, length: int) -> int:
    """Read no more of a body than it takes to know with whom it begins."""
    while (found := _DELIVERY.search(body)) is None and len(body) < length:
        body += _some(connection)
    assert found is not None
    return int(found[1])


def _deal_with(connection: socket.socket, body: bytes, journal: Journal, fates: Fates) -> bool:
    """Answer a request, or not; tell whether the connection goes on."""
    people = json.loads(body)["personalizations"]
    positions = [int(each["custom_args"]["nl_delivery"]) for each in people]
    if any(each["to"][0]["email"].startswith("refused") for each in people):
        _say(connection, "400 Bad Request", body=_REFUSED)
        return True
    first = str(positions[0])
    fate = fates.draw(first, journal.time_of(first))
    if fate is Fate.CUT:
        fate = Fate.FINE  # whether it is cut was drawn before the body came
    journal.write(fate, positions)
    return _answer(connection, fate)


def _answer(connection: socket.socket, fate: Fate) -> bool:
    match fate:
        case Fate.LOST | Fate.VANISHED:
            reset(connection)
            return False
        case Fate.TAKEN_GARBAGE:
            connection.sendall(b"\x00\xffwhat is this\r\n\r\n")
            return False
        case Fate.TAKEN_5XX:
            _say(connection, "502 Bad Gateway")
        case Fate.REFUSED_5XX:
            _say(connection, "503 Service Unavailable")
        case Fate.THROTTLED:
            _say(connection, "429 Too Many Requests")
        case Fate.THROTTLED_UNTIL:
            _say(connection, "429 Too Many Requests", "Retry-After: 1\r\n")
        case _:
            wait = {Fate.SLOW: SLOWLY, Fate.LATE: TOO_LATE}.get(fate, 0.0)
            if wait:
                threading.Event().wait(wait)
            _say(connection, "202 Accepted", "X-Message-Id: here\r\n")
    return True


def _say(connection: socket.socket, status: str, headers: str = "", body: bytes = b"") -> None:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    octets = b""
    while b"\r\n\r\n" not in octets:
        octets += _some(connection)
    head, _, rest = octets.partition(b"\r\n\r\n")
    return head, rest


def _read(connection: socket.socket, size: int) -> bytes:
    pieces = []
    while size > 0:
        pieces.append(_some(connection))
        size -= len(pieces[-1])
    return b"".join(pieces)


def _some(connection: socket.socket) -> bytes:
    octets = connection.recv(65_536)
    if not octets:
        raise EOFError
    return octets
