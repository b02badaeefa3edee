"""Events of Amazon SES as SNS posts them: certificates are kept, subscriptions confirmed."""

import threading
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from newsletter.feedback import ses
from newsletter.feedback.payload import Found, Reading, load
from newsletter.feedback.proof import NotProven, Told
from newsletter.feedback.sns import Topic, check_message
from newsletter.web.limits import Buckets

Fetch = Callable[[str], bytes]

_PATIENCE = 10.0
"""Seconds for an answer of Amazon."""
_MOST = 65_536
"""Bytes of a certificate."""
_OK = 200


class Unreachable(Exception):
    """Amazon did not answer; the request may be sent again."""


def fetch(url: str) -> bytes:
    """Ask for an https address, following nothing.

    Raises:
        Unreachable: there is no answer, or another than the one asked for.
    """
    parts = urlsplit(url)
    connection = HTTPSConnection(parts.netloc, timeout=_PATIENCE)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        response = connection.getresponse()
        if response.status != _OK:
            raise Unreachable(f"Amazon answered {response.status}")
        return response.read(_MOST)
    except (OSError, HTTPException) as reason:
        raise Unreachable(f"Amazon did not answer ({type(reason).__name__})") from reason
    finally:
        connection.close()


class Amazon:
    """Judges what SNS posts, and reads the events in it."""

    def __init__(self, topic: Topic, fetching: Fetch = fetch) -> None:
        """Believe messages of `topic` alone."""
        self._topic = topic
        self._fetch = fetching
        self._certificates: dict[str, bytes] = {}
        self._lock = threading.Lock()
        # Whoever knows our topic could make us ask Amazon for certificates that are not there.
        self._asking = Buckets(capacity=5, per_second=0.1)

    def check(self, told: Told) -> None:
        """Let the request pass; a subscription of our topic is confirmed at once.

        Raises:
            NotProven: it is unsigned, forged, stale, or of another topic.
            Unreachable: Amazon does not give us its certificate, or takes no confirmation.
        """
        message = load(told.body)
        now = told.at.timestamp()
        kind = check_message(message, self._topic, lambda url: self._certificate(url, now), told.at)
        if kind == "SubscriptionConfirmation":
            url = message.at("SubscribeURL").text
            if not self._topic.is_confirmation(url):
                raise NotProven("the confirmation leads elsewhere")
            self._fetch(url)

    def read(self, body: bytes) -> Reading:
        """Read the event of a message that was checked.

        Raises:
            InputError: it is not JSON.
        """
        message = load(body)
        if message.at("Type").text != "Notification":
            return Reading()
        inner = message.at("Message").value
        return ses.read(load(inner.encode()) if isinstance(inner, str) else Found(None))

    def _certificate(self, url: str, now: float) -> bytes:
        with self._lock:
            known = self._certificates.get(url)
            if known is None:
                if self._asking.take("", now):
                    raise Unreachable("Amazon was asked for too many certificates")
                known = self._certificates[url] = self._fetch(url)
            return known
