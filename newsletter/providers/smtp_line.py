"""The octets of one SMTP conversation: what is written, and replies as they are read.

`smtplib` opens the way (`smtp_opening`), and then stands aside: it waits for each reply before it
writes again, and its 0.2 ms of Python for each message cost more than the message does.
"""

import re
import socket

_RECORD = 16_384
"""RFC 8446 section 5.1: the most plain octets that one TLS record carries."""
_REPLY = re.compile(rb"((?:\d{3}-[^\n]*\n)*)(?!\d{3}-)(\d{3}(?!\d)|)([^\n]*)\n")
"""RFC 5321 section 4.2.1: any number of lines with a dash, and a last one; or a strange line."""
_CODE_AND_DASH = re.compile(rb"^\d{3}-", re.MULTILINE)
_LONGEST = 65_536
"""Octets of a reply; RFC 5321 section 4.5.3.1.5 allows 512 with a line."""

Reply = tuple[int, bytes]
"""Its code, -1 where it has none, and what was said with it."""


class Line:
    """An open connection, for one thread at a time."""

    __slots__ = ("_at", "_is_open", "_largest", "_octets", "_socket", "_timeout")

    def __init__(self, connected: socket.socket, timeout: float, *, is_encrypted: bool) -> None:
        """Let nothing on `connected` take longer than `timeout` seconds, unless it is told so."""
        # The last octets of a message never wait for word that the first ones arrived.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(timeout)
        self._socket, self._timeout = connected, timeout
        # A record leaves whole or is none. With several of them in one call, nobody could tell
        # how far it came before it broke.
        self._largest = _RECORD if is_encrypted else None
        self._octets, self._at = b"", 0
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Tell whether it was not closed from here."""
        return self._is_open

    def write(self, octets: bytes, *, needed: int = 0) -> None:
        """Write `octets`; once the first `needed` have left, it does not matter if it breaks.

        Raises:
            OSError: it broke before.
        """
        size, largest = len(octets), self._largest
        rest, written = memoryview(octets), 0
        try:
            while written < size:
                written += self._socket.send(rest[written : written + largest if largest else None])
        except OSError:
            if not 0 < needed <= written:
                raise

    def reply(self, longer: float = 0.0) -> Reply:
        """Read the next reply, which may take so many seconds `longer` than the rest.

        Raises:
            OSError: the connection broke, was closed, or was silent for too long.
        """
        while (found := _REPLY.match(self._octets, self._at)) is None:
            self._hear(longer)
        self._at = found.end()
        before, code, said = found.groups()
        if before:
            said = _CODE_AND_DASH.sub(b"", before) + said.lstrip()
        return int(code or -1), said.strip()

    def _hear(self, longer: float) -> None:
        if len(self._octets) - self._at > _LONGEST:
            raise ConnectionError("a reply without end")
        got = self._received(longer)
        if not got:
            raise ConnectionError("the server closed the connection")
        self._octets, self._at = self._octets[self._at :] + got, 0

    def _received(self, longer: float) -> bytes:
        try:
            return self._socket.recv(_LONGEST)
        except TimeoutError:
            if longer <= 0:
                raise
        # Only here, because nearly every reply is there in time: telling the system of another
        # timeout before and after each would hand the interpreter to other threads twice.
        self._socket.settimeout(longer)
        try:
            return self._socket.recv(_LONGEST)
        finally:
            self._socket.settimeout(self._timeout)

    def close(self) -> None:
        """Close without a word."""
        self._is_open = False
        self._socket.close()
