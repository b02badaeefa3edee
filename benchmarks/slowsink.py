"""The sink for machines without a C compiler: what `sink.c` does, in Python and slower.

It does next to nothing: processes that were forked before anybody connects, one connection at a
time each, a body read into one buffer and never parsed.
"""

import contextlib
import mmap
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WORKERS = 8
"""So many connections at once; the next one waits until another ends."""

_SLOT = struct.Struct("<5q2d")
_BUFFER = 8 << 20
_202 = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What arrived at a sink so far."""

    connections: int
    requests: int
    recipients: int
    octets: int
    first: float
    """When the first request was complete, in seconds of the monotonic clock."""
    last: float


class SlowSink:
    """A running sink on a free port of 127.0.0.1."""

    def __init__(self, protocol: str, *, kept: Path | None, delay: float) -> None:
        """Start the processes of `protocol`, `http` or `smtp`.

        `kept` is where bodies are kept; `delay` is what passes before each answer, in seconds.
        """
        self._counts = mmap.mmap(-1, _SLOT.size * WORKERS)
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = listener.getsockname()[1]
        serve = {"http": _serve_http, "smtp": _serve_smtp}[protocol]
        self._workers = []
        for number in range(WORKERS):
            worker = os.fork()
            if worker == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _accept_for_ever(listener, serve, _Tally(self._counts, number, kept, delay))
            self._workers.append(worker)
        listener.close()

    def reset(self) -> None:
        """Count from zero; nobody may be sending meanwhile."""
        self._counts[:] = bytes(len(self._counts))

    def count(self) -> Count:
        """Sum up what the processes took."""
        slots = [_SLOT.unpack_from(self._counts, _SLOT.size * n) for n in range(WORKERS)]
        connections, requests, recipients, octets = (
            sum(slot[column] for slot in slots) for column in range(4)
        )
        return Count(
            connections=connections,
            requests=requests,
            recipients=recipients,
            octets=octets,
            first=min((slot[5] for slot in slots if slot[1]), default=0.0),
            last=max(slot[6] for slot in slots),
        )

    def stop(self) -> None:
        """End the processes."""
        for worker in self._workers:
            os.kill(worker, signal.SIGTERM)
            os.waitpid(worker, 0)


class _Tally:
    """Counts for one process, where its parent can read them."""

    def __init__(self, counts: mmap.mmap, number: int, kept: Path | None, delay: float) -> None:
        self._counts, self._at, self._kept = counts, number * _SLOT.size, kept
        self._delay = delay

    def wait(self) -> None:
        """Let the delay of an answer pass."""
        if self._delay:
            threading.Event().wait(self._delay)

    def add(self, *, connections: int = 0, recipients: int = 0, octets: int = 0) -> None:
        now = time.monotonic()
        c, q, r, o, _, first, last = _SLOT.unpack_from(self._counts, self._at)
        if recipients:
            q, first, last = q + 1, first or now, now
        numbers = (c + connections, q, r + recipients, o + octets, 0, first, last)
        _SLOT.pack_into(self._counts, self._at, *numbers)

    def keep(self, body: memoryview) -> None:
        if self._kept is not None:
            (self._kept / f"{os.getpid()}-{time.monotonic_ns()}").write_bytes(body)


_Serve = Callable[[socket.socket, bytearray, _Tally], None]


def _accept_for_ever(listener: socket.socket, serve: _Serve, tally: _Tally) -> None:
    buffer = bytearray(_BUFFER)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tally.add(connections=1)
        with contextlib.suppress(OSError), connection:
            serve(connection, buffer, tally)


def _serve_http(connection: socket.socket, buffer: bytearray, tally: _Tally) -> None:
    view = memoryview(buffer)
    while True:
        filled, head_end = 0, -1
        while head_end < 0:
            got = connection.recv_into(view[filled:])
            if not got:
                return
            filled += got
            head_end = buffer.find(b"\r\n\r\n", 0, filled)
        head = bytes(view[:head_end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        end = head_end + 4 + length
        assert end <= len(buffer), "the request is larger than the sink's buffer"
        while filled < end:
            got = connection.recv_into(view[filled:end])
            if not got:
                return
            filled += got
        # Once in each personalization, and nowhere else: JSON escapes the quotes of values.
        tally.add(recipients=buffer.count(b'"to":', head_end, end), octets=end)
        tally.keep(view[head_end + 4 : end])
        tally.wait()
        connection.sendall(_202)
        if b"connection: close" in head:
            return


def _serve_smtp(connection: socket.socket, buffer: bytearray, tally: _Tally) -> None:
    view = memoryview(buffer)
    connection.sendall(b"220 sink\r\n")
    filled = recipients = 0
    while True:
        got = connection.recv_into(view[filled:])
        if not got:
            return
        filled += got
        answers = b""
        while (end := buffer.find(b"\r\n", 0, filled)) >= 0:
            verb = bytes(view[:4]).upper()
            filled = _drop(buffer, end + 2, filled)
            recipients += verb == b"RCPT"
            answers += _ANSWERS.get(verb, b"250 ok\r\n")
            if verb != b"DATA":
                continue
            tally.wait()
            connection.sendall(answers)
            answers = b""
            while (end := buffer.find(b"\r\n.\r\n", max(0, filled - _STEP - 4), filled)) < 0:
                got = connection.recv_into(view[filled : filled + _STEP])
                if not got:
                    return
                filled += got
            tally.add(recipients=recipients, octets=end)
            tally.keep(view[: end + 2])
            filled = _drop(buffer, end + 5, filled)
            recipients = 0
            answers = b"250 taken\r\n"
        tally.wait()
        connection.sendall(answers)  # those of all commands that came together (RFC 2920)


_STEP = 1 << 18
_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-SIZE 0\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


def _drop(buffer: bytearray, count: int, filled: int) -> int:
    """Remove the first `count` octets; give how many are left."""
    rest = filled - count
    if rest:
        buffer[:rest] = buffer[count:filled]
    return rest
