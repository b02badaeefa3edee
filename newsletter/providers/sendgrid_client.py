"""The door to the sendgrid package: one POST, and whatever came back of it as a value.

The package says who we are: the key, the user agent and the headers of every call. The call
itself goes over a connection of ours. The package's own would wait for ever, follow a redirect by
a GET that looks like success, connect anew and read all certificates again for every request
(45 ms), and format the payload and the key for its log whether anybody reads that or not.
"""

import ssl
import time
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from sendgrid import SendGridAPIClient

from newsletter.errors import NotAccepted, OutcomeUnknown
from newsletter.providers.reply import note_of
from newsletter.providers.sendgrid_answer import Answer

_PATH = "/v3/mail/send"
_LONGEST_IDLE = 2.0
"""Seconds. A connection that the server closes just when a request leaves puts the whole request
in doubt; servers keep idle ones for 5 seconds or more, so a younger one is safe to use."""


class SendGridClient:
    """Posts to `mail/send`, over one connection after the other; for one thread."""

    def __init__(self, key: str, *, host: str, timeout: float) -> None:
        """Talk to `host` with `key`, waiting `timeout` seconds for each answer at most."""
        package = SendGridAPIClient(key, host=host)
        self._headers = {**package.client.request_headers, "Content-Type": "application/json"}
        self._host = host
        self._timeout = timeout
        self._connection: HTTPConnection | None = None
        self._used = 0.0

    def post(self, body: bytes) -> Answer:
        """Hand over `body`, which is JSON, once.

        Raises:
            NotAccepted: it was not handed over whole.
            OutcomeUnknown: it was, and no answer came.
        """
        try:
            connection = self._open()
            connection.request("POST", _PATH, body, self._headers)
        except (OSError, HTTPException) as error:
            self.close()
            # A request that never left whole cannot have been accepted.
            raise NotAccepted(f"SendGrid was not reached: {note_of(str(error))}") from error
        try:
            response = connection.getresponse()
            answer = _answer(response)
        except (OSError, HTTPException) as error:
            self.close()
            raise OutcomeUnknown(
                f"the connection broke before SendGrid answered ({type(error).__name__})"
            ) from error
        self._used = time.monotonic()
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> HTTPConnection:
        """Give the connection of the last request if it is surely usable, else a new one."""
        connection = self._connection
        if connection is None or not self._is_fresh(connection):
            self.close()
            connection = self._connection = self._new()
            connection.connect()
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
            return HTTPSConnection(host, port, timeout=self._timeout, context=self._tls)
        connection = HTTPSConnection(
            proxy.hostname, proxy.port, timeout=self._timeout, context=self._tls
        )
        connection.set_tunnel(host, port)
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _answer(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())
