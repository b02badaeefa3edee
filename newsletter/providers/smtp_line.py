"""The octets of one SMTP conversation: what is written, and replies as they are read.

`smtplib` opens the way (`smtp_opening`). From then on its one command after the other, and its
0.5 ms of Python for each message of 50 KB, are too slow.
"""

import socket
from contextlib import suppress
from typing import IO, NamedTuple

_RECORD = 16_384
"""RFC 8446 section 5.1: the most plain octets that one TLS record carries."""
_LONGEST_LINE = 8_192
"""RFC 5321 section 4.5.3.1.5 allows 512 with a reply; nobody should be punished for more."""
_MOST_LINES = 128


class Reply(NamedTuple):
    """What a server said."""

    code: int
    """Three digits; -1 where they are none."""
    text: bytes
    """Without the codes; one line each."""


class Line:
    """An open connection, for one thread at a time."""

    __slots__ = ("_is_open", "_largest", "_replies", "_socket")

    def __init__(self, connected: socket.socket, replies: IO[bytes], *, is_encrypted: bool) -> None:
        """Take `connected`, whose octets are read from `replies`."""
        # Nobody waits for the answer to a first part before the last part of a message leaves.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket, self._replies = connected, replies
        # A record leaves whole or is none. With more than one in a call, nobody could tell how
        # far it came before it broke.
        self._largest = _RECORD if is_encrypted else None
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Tell whether it was not closed from here."""
        return self._is_open

    def wait_at_most(self, seconds: float) -> None:
        """Let nothing take longer from now on."""
        self._socket.settimeout(seconds)

    def write(self, octets: bytes, *, needed: int = 0) -> None:
        """Write `octets`; once `needed` of them have left, it does not matter if the line breaks.

        Raises:
            OSError: it broke before.
        """
        rest, written, largest = memoryview(octets), 0, self._largest
        try:
            while written < len(octets):
                written += self._socket.send(rest[written : written + largest if largest else None])
        except OSError:
            if not 0 < needed <= written:
                raise

    def reply(self) -> Reply:
        """Read the next reply (RFC 5321 section 4.2).

        Raises:
            OSError: the line broke, was closed, or was silent for too long.
        """
        line = self._read()
        if line[3:4] != b"-" or not line[:3].isdigit():
            return _reply(line, line[4:].strip())
        said = []
        while line[3:4] == b"-" and line[:3].isdigit():
            said.append(line[4:].strip())
            if len(said) > _MOST_LINES:
                raise ConnectionError("a reply without end")
            line = self._read()
        return _reply(line, b"\n".join((*said, line[4:].strip())))

    def _read(self) -> bytes:
        line = self._replies.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise ConnectionError("the line ended within a reply")
        return line

    def close(self) -> None:
        """Close without a word."""
        self._is_open = False
        with suppress(OSError):
            self._replies.close()
        self._socket.close()


def _reply(line: bytes, text: bytes) -> Reply:
    code = line[:3]
    return Reply(int(code) if code.isdigit() else -1, text)
