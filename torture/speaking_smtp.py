"""The carrier as an SMTP server with PIPELINING."""

import re
import socket
import threading

from breaking import SLOWLY, TOO_LATE, reset
from fates import Fate, Fates
from journal import Journal

_POSITION = re.compile(rb"\r\nMessage-ID: <(\d+)\.")
_BROKEN = frozenset({Fate.LOST, Fate.VANISHED})


def serve_smtp(connection: socket.socket, journal: Journal, fates: Fates) -> None:
    """Deal with commands until the connection ends."""
    _Session(connection, journal, fates).serve()


class _Session:
    """One connection."""

    def __init__(self, connection: socket.socket, journal: Journal, fates: Fates) -> None:
        self._connection, self._journal, self._fates = connection, journal, fates
        self._octets = b""
        self._address = ""
        self._said: list[str] = []

    def serve(self) -> None:
        self._connection.sendall(b"220 torture\r\n")
        while True:
            line = self._line()
            verb = line[:4].upper()
            if verb == b"DATA" and self._address:
                self._say("354 go on")
                self._flush()
                if not self._message():
                    return
            elif not self._command(verb, line):
                return
            if not self._octets:
                self._flush()

    def _command(self, verb: bytes, line: bytes) -> bool:
        """Answer a command; tell whether the connection goes on."""
        match verb:
            case b"EHLO":
                self._say("250-torture\r\n250-PIPELINING\r\n250 8BITMIME")
            case b"MAIL":
                self._address = ""
                self._say("250 ok")
            case b"RCPT":
                self._recipient(line)
            case b"DATA":
                self._say("554 no valid recipients")
            case b"QUIT":
                self._say("221 bye")
                self._flush()
                return False
            case _:
                self._say("250 ok")
        return True

    def _recipient(self, line: bytes) -> None:
        address = line.partition(b"<")[2].partition(b">")[0].decode()
        if address.startswith("refused"):
            self._say("550 5.1.1 no such mailbox")
            return
        time = self._journal.time_of(f"to {address}")
        if self._fates.draw(f"to {address}", time) is Fate.PUT_OFF:
            self._say("452 4.2.2 the mailbox is full")
            return
        self._address = address
        self._say("250 ok")

    def _message(self) -> bool:
        """Take a message, or not; tell whether the connection goes on."""
        while (named := _POSITION.search(self._octets)) is None:
            self._octets += self._more()
        position, address, self._address = int(named[1]), self._address, ""
        fate = self._fates.draw(address, self._journal.time_of(address))
        if fate is Fate.PUT_OFF:
            fate = Fate.FINE  # whether it is put off was drawn before the message came
        if fate is Fate.CUT:
            self._journal.write(fate, (position,))
            reset(self._connection)
            return False
        while (end := self._octets.find(b"\r\n.\r\n")) < 0:
            self._octets += self._more()
        self._octets = self._octets[end + 5 :]
        self._journal.write(fate, (position,))
        return self._answer(fate)

    def _answer(self, fate: Fate) -> bool:
        if fate in _BROKEN:
            reset(self._connection)
            return False
        wait = {Fate.SLOW: SLOWLY, Fate.LATE: TOO_LATE}.get(fate, 0.0)
        if wait:
            threading.Event().wait(wait)
        match fate:
            case Fate.TAKEN_GARBAGE:
                self._say("999 what is this")
            case Fate.THROTTLED:
                self._say("451 4.3.2 not now")
            case _:
                self._say("250 2.0.0 taken")
        return True

    def _say(self, answer: str) -> None:
        self._said.append(f"{answer}\r\n")

    def _flush(self) -> None:
        if self._said:
            self._connection.sendall("".join(self._said).encode())
            self._said.clear()

    def _line(self) -> bytes:
        while b"\r\n" not in self._octets:
            self._octets += self._more()
        line, _, self._octets = self._octets.partition(b"\r\n")
        return line

    def _more(self) -> bytes:
        self._flush()
        octets = self._connection.recv(65_536)
        if not octets:
            raise EOFError
        return octets
