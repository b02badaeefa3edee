"""What `saturate.c` does, for machines without a C compiler, and slower.

Run as a program: `python slowsaturate.py http|smtp PORT FILE COUNT CONNECTIONS`.
"""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_COMMANDS = b"MAIL FROM:<a@example.org>\r\n", b"RCPT TO:<b@example.org>\r\n", b"DATA\r\n"


def main(protocol: str, port: str, file: str, count: str, connections: str) -> None:
    """Send `count` times what `file` holds."""
    octets, workers = Path(file).read_bytes(), int(connections)
    send = {"http": _http, "smtp": _smtp}[protocol]
    share = -(-int(count) // workers)
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(send, int(port), octets, share) for _ in range(workers)]:
            done.result()


def _open(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _http(port: int, body: bytes, count: int) -> None:
    head = f"POST /v3/mail/send HTTP/1.1\r\nHost: sink\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    with _open(port) as connection:
        for _ in range(count):
            connection.sendall(request)
            assert connection.recv(4096).startswith(b"HTTP/1.1 202")


def _smtp(port: int, message: bytes, count: int) -> None:
    last = message + b".\r\n"
    with _open(port) as connection:
        assert connection.recv(4096).startswith(b"220")
        for _ in range(count):
            for step in (*_COMMANDS, last):
                connection.sendall(step)
                assert connection.recv(4096)[:1] in b"23"


if __name__ == "__main__":
    main(*sys.argv[1:])
