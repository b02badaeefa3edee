"""A real HTTP server on this machine that goes wrong in whatever way it is told.

Left alone it behaves as `mail/send` is documented: it checks the request against the published
limits, and answers 202 or a 400 that says what is wrong.
"""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[["FaultServer", socket.socket], None]


@dataclass(slots=True)
class FaultServer:
    """Answers each connection by the next of `script`, and properly once that is used up."""

    listener: socket.socket
    script: list[Behaviour] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    accepted: list[Json] = field(default_factory=list)
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    usual: Behaviour = field(default_factory=lambda: behave)
    """What a connection gets once the script is used up."""

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()
        return f"http://{host}:{port}"

    def serve(self) -> None:
        threads = []
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            self.connections += 1
            behaviour = self.script.pop(0) if self.script else self.usual
            thread = threading.Thread(target=self._handle, args=(behaviour, connection))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()

    def _handle(self, behaviour: Behaviour, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            behaviour(self, connection)

    def requests_on(self, connection: socket.socket) -> Iterator[Request]:
        """Read one request after another, until the client closes."""
        while connection.recv(1, socket.MSG_PEEK):
            yield self.read(connection)

    def read(self, connection: socket.socket) -> Request:
        """Read one request whole."""
        with connection.makefile("rb") as file:
            method, path, _ = file.readline().decode("ascii").split()
            headers = {}
            while (line := file.readline().decode("latin-1").strip()) != "":
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = file.read(int(headers.get("content-length", 0)))
        request = Request(method=method, path=path, headers=headers, body=body)
        self.requests.append(request)
        return request


@contextmanager
def running_server(usual: Behaviour | None = None) -> Iterator[FaultServer]:
    """Run a server for as long as the block lasts; left alone, it is SendGrid."""
    server = FaultServer(socket.create_server(("127.0.0.1", 0)), usual=usual or behave)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        with suppress(OSError):
            server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()


def behave(server: FaultServer, connection: socket.socket) -> None:
    """Answer as documented."""
    request = server.read(connection)
    problem = problem_of(request)
    if problem is None:
        server.accepted.append(json.loads(request.body))
        _answer(connection, 202, {"X-Message-Id": f"req{len(server.accepted)}"})
    else:
        status, message = problem
        _answer(connection, status, {}, errors(message))


def answering_as(answer: Callable[[FaultServer, Request], tuple[int, bytes]]) -> Behaviour:
    """Answer every request on a connection that stays open by what `answer` makes of it."""

    def behaviour(server: FaultServer, connection: socket.socket) -> None:
        for request in server.requests_on(connection):
            status, body = answer(server, request)
            head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)

    return behaviour


def staying_open(requests: int) -> Behaviour:
    """Accept so many requests on one connection, then close it without a word."""

    def behaviour(server: FaultServer, connection: socket.socket) -> None:
        for _ in range(requests):
            server.accepted.append(json.loads(server.read(connection).body))
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    return behaviour


def errors(message: str, field_name: str | None = None) -> bytes:
    """Write a refusal as SendGrid does."""
    return json.dumps(
        {"errors": [{"message": message, "field": field_name, "help": "https://x.example"}]}
    ).encode()


def answering(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Read the request and answer so."""

    def behaviour(server: FaultServer, connection: socket.socket) -> None:
        server.read(connection)
        _answer(connection, status, headers or {}, body)

    return behaviour


def redirecting(status: int) -> Behaviour:
    """Send the client to a place where everything is answered by 200."""

    def behaviour(server: FaultServer, connection: socket.socket) -> None:
        server.read(connection)
        server.script.insert(0, answering(200))
        _answer(connection, status, {"Location": f"{server.url}/v3/mail/send"})

    return behaviour


def reset_before_reading(_server: FaultServer, connection: socket.socket) -> None:
    """Take the connection and kill it."""
    _reset(connection)


def reset_after_reading(server: FaultServer, connection: socket.socket) -> None:
    """Read all, say nothing, kill the connection."""
    server.read(connection)
    _reset(connection)


def close_after_reading(server: FaultServer, connection: socket.socket) -> None:
    """Read all, say nothing, close properly."""
    server.read(connection)


def hang(server: FaultServer, connection: socket.socket) -> None:
    """Read all and never answer."""
    server.read(connection)
    server.stopped.wait(30)


def garbage(server: FaultServer, connection: socket.socket) -> None:
    """Answer with something that is not HTTP."""
    server.read(connection)
    connection.sendall(b"\x00\xffwhat is this\r\n\r\n")


def cut_answer(server: FaultServer, connection: socket.socket) -> None:
    """Begin an answer and close in the middle of it."""
    server.read(connection)
    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nabc")


def cut_status_line(server: FaultServer, connection: socket.socket) -> None:
    """Close in the middle of the status line."""
    server.read(connection)
    connection.sendall(b"HTTP/1.1 20")


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _answer(
    connection: socket.socket, status: int, headers: dict[str, str], body: bytes = b""
) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status} Said", *lines, f"Content-Length: {len(body)}", "Connection: close"]
    connection.sendall("\r\n".join([*head, "", ""]).encode() + body)


# What the documentation says of a request -------------------------------------------------------

_KNOWN = {
    "from",
    "reply_to",
    "subject",
    "content",
    "headers",
    "categories",
    "tracking_settings",
    "personalizations",
    "send_at",
    "batch_id",
}
_FORBIDDEN_HEADERS = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}
_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+\.[A-Za-z]+")


def problem_of(request: Request) -> tuple[int, str] | None:
    """Say which documented rule `request` breaks."""
    if (request.method, request.path) != ("POST", "/v3/mail/send"):
        return 404, "no such place"
    if not re.fullmatch(r"Bearer SG\.\S+", request.headers.get("authorization", "")):
        return 401, "authorization required"
    if request.headers.get("content-type") != "application/json":
        return 415, "not JSON"
    if len(request.body) > 30_000_000:
        return 413, "too large"
    try:
        check_body(json.loads(request.body))
    except AssertionError as broken:
        return 400, str(broken)
    return None


def check_body(body: Json) -> None:
    """Assert that `body` keeps every documented rule."""
    personalizations = body["personalizations"]
    assert set(body) <= _KNOWN, f"unknown fields {set(body) - _KNOWN}"
    assert 1 <= len(personalizations) <= 1000, "the number of personalizations"
    recipients = [to["email"].lower() for each in personalizations for to in each["to"]]
    assert len(recipients) <= 1000, "the number of recipients"
    assert len(set(recipients)) == len(recipients), "an address twice"
    assert len(body["subject"]) > 0, "no subject"
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"], "the parts"
    assert all(part["value"] for part in body["content"]), "an empty part"
    categories = body["categories"]
    assert len(set(categories)) == len(categories) <= 10, "the categories"
    assert all(isinstance(name, str) and len(name) <= 255 for name in categories), "a category"
    _check_mailbox(body["from"])
    _check_mailbox(body["reply_to"])
    _check_headers(body["headers"])
    for each in personalizations:
        _check_personalization(each)


def _check_personalization(each: Json) -> None:
    assert set(each) == {"to", "headers", "substitutions", "custom_args"}, "an unknown field"
    for mailbox in each["to"]:
        _check_mailbox(mailbox)
        assert not re.search("[,;]", mailbox.get("name", "")), "a comma or semicolon in a name"
    _check_headers(each["headers"])
    _check_texts(each["substitutions"], "substitutions")
    _check_texts(each["custom_args"], "custom_args")


def _check_mailbox(mailbox: dict[str, str]) -> None:
    assert set(mailbox) <= {"email", "name"}, "an unknown field of a mailbox"
    assert _ADDRESS.fullmatch(mailbox["email"]), "not an address"
    assert mailbox.get("name") != "", "an empty name"


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        assert name.lower() not in _FORBIDDEN_HEADERS, f"the header {name}"
        assert re.fullmatch("[ -~]+", value), f"the value of {name}"


def _check_texts(texts: dict[str, str], what: str) -> None:
    assert all(isinstance(value, str) for value in texts.values()), f"{what} that are no text"
    size = sum(len(name.encode()) + len(value.encode()) for name, value in texts.items())
    assert size <= 10_000, f"more than 10,000 bytes of {what}"
