"""A real name server on this machine, over UDP and TCP, which misbehaves where it is told to."""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

SERVFAIL, SILENT, GARBAGE, OFFLINE = "servfail", "silent", "garbage", "offline"
"""What a name may be, instead of its texts."""
_ROOT = "root"
_LARGEST = 512
"""Octets of an answer by UDP (RFC 1035 section 4.2.1)."""

Zone = Mapping[str, tuple[str, ...] | str]
"""Texts by name; one that is not there does not exist."""


class Server:
    """Answers from a zone, and remembers how it was asked."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, octets: bytes, way: str) -> bytes | None:
        query = dns.message.from_wire(octets)
        name = str(query.question[0].name).rstrip(".").lower()
        self.asked.append((name, way))
        response = dns.message.make_response(query)
        found = self.zone.get(name, _ROOT if not name else None)
        if found == SILENT:
            return None
        if found == GARBAGE:
            return b"\xff" * 40
        if found == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found == _ROOT:
            servers = dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.net.")
            response.answer.append(servers)
        elif found is None or found == OFFLINE:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            texts = [_quoted(text) for text in found]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
        wire: bytes = response.to_wire(max_size=65_535)
        if way == "udp" and len(wire) > _LARGEST:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        return wire


def _quoted(text: str) -> str:
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)]
    return " ".join('"{}"'.format(piece.replace('"', '\\"')) for piece in pieces)


class _Udp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        octets, line = self.request
        answer = _server_of(self).answer(octets, "udp")
        if answer is not None:
            line.sendto(answer, self.client_address)


class _Tcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        answer = _server_of(self).answer(self.rfile.read(length), "tcp")
        if answer is not None:
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _server_of(handler: Any) -> Server:
    server: Server = handler.server.names
    return server


@contextmanager
def name_server(zone: Zone) -> Iterator[Server]:
    """Run the server on one port, by both ways."""
    names = Server(zone)
    while True:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Tcp)
        names.port = tcp.server_address[1]
        try:
            udp = socketserver.ThreadingUDPServer(("127.0.0.1", names.port), _Udp)
            break
        except OSError:
            tcp.server_close()
    running: list[Any] = [tcp, udp]
    for each in running:
        each.names = names
        each.daemon_threads = True
        threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield names
    finally:
        for each in running:
            each.shutdown()
            each.server_close()
