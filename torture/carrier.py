"""A carrier that goes wrong in every way: SendGrid's `mail/send`, or an SMTP server.

Run as `python carrier.py http|smtp FOLDER SEED`. It prints its port, and works until its standard
input ends. Whatever it takes it writes into the journal of FOLDER before it answers. At some
moments it goes away altogether: connections break when they are used, and nobody gets a new one
for a while.
"""

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import fates
from fates import Fates
from journal import Journal
from ports import free_port
from speaking_http import serve_http
from speaking_smtp import serve_smtp

AWAY = 1.0
"""Seconds, in place of a minute."""
AWAY_AFTER = {"http": (150, 400), "smtp": (2_500, 7_000)}
"""Requests or messages."""
Serve = Callable[[socket.socket, Journal, Fates], None]


class Carrier:
    """A server that can go away."""

    def __init__(self, protocol: str, journal: Journal, drawn: Fates) -> None:
        """Listen on a free port."""
        self._serve: Serve = {"http": serve_http, "smtp": serve_smtp}[protocol]
        self._journal, self._fates = journal, drawn
        self.port = free_port()
        self._listener = _listen(self.port)
        self._leaves = list(AWAY_AFTER[protocol])
        threading.Thread(target=self._listen_for_ever, daemon=True).start()

    def _listen_for_ever(self) -> None:
        while True:
            connection = None
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
            if self._leaves and self._journal.beats >= self._leaves[0]:
                self._leaves.pop(0)
                self._go_away(connection)
            elif connection is not None:
                connection.settimeout(None)
                threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, EOFError), connection:
            self._serve(connection, self._journal, self._fates)

    def _go_away(self, last: socket.socket | None) -> None:
        """Refuse new connections for a while; what comes over the others vanishes."""
        self._fates.away.set()
        began = time.time()
        self._listener.close()
        if last is not None:
            last.close()
        threading.Event().wait(AWAY)
        self._fates.away.clear()
        self._listener = _listen(self.port)
        self._journal.away(began, time.time())


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Small, so that a request that is cut off is really cut off: its rest did not fit anywhere.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    listener.settimeout(0.05)
    return listener


def main(protocol: str, folder: str, seed: str) -> None:
    """Serve until the standard input ends."""
    weights = {"http": fates.HTTP, "smtp": fates.SMTP}[protocol]
    carrier = Carrier(protocol, Journal(Path(folder)), Fates(int(seed), weights))
    print(carrier.port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
