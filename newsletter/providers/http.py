"""The door to providers over HTTP: one request on a kept connection, its answer as a value.

Connections are kept between requests and the trusted certificates are read once a process: a new
connection with a reading of its own costs 45 ms of CPU. No redirect is ever followed: it would
turn a POST into a GET that looks like success. Nothing is tried twice.
"""

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from newsletter.errors import AccessRefused, NotAccepted, OutcomeUnknown
from newsletter.message.batch import nothing
from newsletter.providers.answer import Answer
from newsletter.providers.reply import note_of

_LONGEST_IDLE = 2.0
"""Seconds. A connection that the server closes just when a request leaves puts the whole request
in doubt; servers keep idle ones for 5 seconds or more, so a younger one is safe to use."""


class Post(NamedTuple):
    """One request that hands something over."""

    path: str
    """With its query, if it has one."""
    headers: Mapping[str, str]
    body: bytes | tuple[bytes, ...]
    """In pieces, where that is how it was written."""


class Connection:
    """Talks to one provider, over one connection after the other; for one thread."""

    def __init__(self, name: str, host: str, *, timeout: float) -> None:
        """Talk to `host`, waiting `timeout` seconds for each answer; people call it `name`."""
        self._name = name
        self._host = host
        self._timeout = timeout
        self._connection: HTTPConnection | None = None
        self._used = 0.0

    def post(
        self, post: Post, fence: Callable[[], None], meanwhile: Callable[[], None] = nothing
    ) -> Answer:
        """Hand over `post` once.

        `fence` is called when the connection stands, just before the first octet of the request;
        `meanwhile`, when the last has left and the answer is awaited.

        Raises:
            NotAccepted: it was not handed over whole; also whatever `fence` raises.
            AccessRefused: nobody knows who is at the other end.
            OutcomeUnknown: it was, and no answer came.
        """
        connection = self._begin()
        fence()  # where it raises, the connection stands and nothing was said on it
        self._write(connection, "POST", post)
        meanwhile()
        try:
            return self._answer(connection)
        except (OSError, HTTPException) as error:
            self.close()
            raise OutcomeUnknown(
                f"the connection broke before {self._name} answered ({type(error).__name__})"
            ) from error

    def ask(self, method: str, post: Post) -> Answer:
        """Ask for something that may be asked again without harm.

        Raises:
            NotAccepted: no answer came.
            AccessRefused: nobody knows who is at the other end.
        """
        connection = self._begin()
        self._write(connection, method, post)
        try:
            return self._answer(connection)
        except (OSError, HTTPException) as error:
            self.close()
            raise NotAccepted(f"{self._name} did not answer ({type(error).__name__})") from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin(self) -> HTTPConnection:
        try:
            return self._open()
        except ssl.SSLCertVerificationError as error:
            self.close()
            # Neither the key nor anybody's address is given to whoever that is.
            raise AccessRefused(
                f"the certificate of {self._name} is not trusted: {error.verify_message}",
                hint="check `host`; behind a filter of the office, let SSL_CERT_FILE name its CA",
            ) from error
        except (OSError, HTTPException) as error:
            self.close()
            raise self._not_reached(error) from error

    def _write(self, connection: HTTPConnection, method: str, post: Post) -> None:
        try:
            connection.request(method, post.path, post.body or None, _headers(post))
        except (OSError, HTTPException) as error:
            self.close()
            # A request that never left whole cannot have been accepted.
            raise self._not_reached(error) from error

    def _not_reached(self, error: Exception) -> NotAccepted:
        return NotAccepted(f"{self._name} was not reached: {note_of(str(error))}")

    def _answer(self, connection: HTTPConnection) -> Answer:
        answer = _read(connection.getresponse())
        self._used = time.monotonic()
        return answer

    def _open(self) -> HTTPConnection:
        """Give the connection of the last request if it is surely usable, else a new one."""
        connection = self._connection
        if connection is None or not self._is_fresh(connection):
            self.close()
            connection = self._connection = self._new()
            connection.connect()
            self._used = time.monotonic()
        return connection

    def _is_fresh(self, connection: HTTPConnection) -> bool:
        if connection.sock is None or time.monotonic() - self._used > _LONGEST_IDLE:
            return False
        # Nothing is to be read between two requests but that the server said goodbye.
        with DefaultSelector() as waiting:
            waiting.register(connection.sock, EVENT_READ)
            return not waiting.select(0)

    def _new(self) -> HTTPConnection:
        parts = urlsplit(self._host)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "http":
            return HTTPConnection(host, port, timeout=self._timeout)
        proxy = urlsplit(getproxies().get("https", ""))  # as every office behind one has it set
        if not proxy.hostname or proxy_bypass(host):
            return HTTPSConnection(host, port, timeout=self._timeout, context=_tls())
        connection = HTTPSConnection(
            proxy.hostname, proxy.port, timeout=self._timeout, context=_tls()
        )
        connection.set_tunnel(host, port)
        return connection


class Connections:
    """A connection for each thread that asks for one."""

    def __init__(self, name: str, host: str, *, timeout: float) -> None:
        """Open none yet."""
        self._name, self._host, self._timeout = name, host, timeout
        self._of_this_thread = threading.local()
        self._made: list[Connection] = []

    def mine(self) -> Connection:
        """Give the connection of this thread."""
        known: Connection | None = getattr(self._of_this_thread, "connection", None)
        if known is None:
            known = Connection(self._name, self._host, timeout=self._timeout)
            self._of_this_thread.connection = known
            self._made.append(known)
        return known

    def close(self) -> None:
        """Close all of them."""
        for each in self._made:
            each.close()
        self._made, self._of_this_thread = [], threading.local()


def _headers(post: Post) -> dict[str, str]:
    if isinstance(post.body, bytes):
        return {**post.headers}  # its length is told by http.client
    return {**post.headers, "Content-Length": str(sum(map(len, post.body)))}


@cache
def _tls() -> ssl.SSLContext:
    """Read the certificates that the system trusts, once for all providers and threads."""
    return ssl.create_default_context()


def _read(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())
