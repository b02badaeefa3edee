"""How a request proves that it comes from a provider: signatures, tokens, and their freshness.

An event is a value, and the ledger keeps a set of them, so a request that is sent again changes
nothing, however old. What a limit of age keeps away is the replay of what somebody caught before
the ledger was lost, or moved; so each limit is as long as the provider goes on repeating what we
did not take, and a day without our server loses nothing.
"""

import base64
import binascii
import hmac
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Protocol

from newsletter.errors import InputError, Refused
from newsletter.feedback.payload import load

AHEAD = timedelta(minutes=5)
"""How far their clock may be ahead of ours."""


class NotProven(Refused):
    """The request does not prove that it comes from the provider."""

    def __init__(self, problem: str, *, is_missing: bool = False) -> None:
        """Keep whether there was no proof at all."""
        super().__init__(problem)
        self.is_missing = is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A request as it came."""

    headers: Mapping[str, str] = field(repr=False)
    """By lower-case names."""
    body: bytes = field(repr=False)
    at: datetime
    """When it came, aware."""


class Proof(Protocol):
    """Judges requests of one provider."""

    def check(self, told: Told) -> None:
        """Let the request pass.

        Raises:
            NotProven: it is unsigned, forged or stale.
        """
        ...


def must_be_fresh(signed: str, now: datetime, within: timedelta) -> None:
    """Check the moment that was signed, in seconds since 1970.

    Raises:
        NotProven: it is none, or too long ago, or still to come.
    """
    try:
        age = now.timestamp() - float(signed)
    except ValueError as reason:
        raise NotProven("the moment of the signature cannot be read") from reason
    if not -AHEAD.total_seconds() <= age <= within.total_seconds():
        raise NotProven("the signature is stale")


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """The secret itself, as a password (Basic) or a token (Bearer).

    Postmark and Brevo sign nothing. RFC 7617 and RFC 6750; the name of the user does not matter.
    """

    secret: str = field(repr=False)

    def check(self, told: Told) -> None:
        """Let the request pass.

        Raises:
            NotProven: there is no secret, or another one.
        """
        scheme, _, rest = told.headers.get("authorization", "").strip().partition(" ")
        if not scheme:
            raise NotProven("there is no Authorization", is_missing=True)
        given = _password(rest) if scheme.lower() == "basic" else rest.strip()
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise NotProven("the secret is another one")


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ""


SVIX_PATIENCE = timedelta(minutes=5)
"""Svix signs each attempt anew, and asks for this limit (its page "Why verify webhooks")."""


@dataclass(frozen=True, slots=True)
class SvixSignature:
    """Resend's webhooks: an HMAC over id, moment and body, as Svix does it."""

    secret: str = field(repr=False)
    """As Resend shows it, `whsec_` and base64."""

    def check(self, told: Told) -> None:
        """Let the request pass.

        Raises:
            NotProven: it is unsigned, forged or stale.
        """
        names = ("svix-id", "svix-timestamp", "svix-signature")
        message, moment, signatures = (told.headers.get(name, "") for name in names)
        if not (message and moment and signatures):
            raise NotProven("there is no signature", is_missing=True)
        must_be_fresh(moment, told.at, SVIX_PATIENCE)
        signed = f"{message}.{moment}.".encode() + told.body
        ours = base64.b64encode(hmac.digest(self._key(), signed, sha256))
        # While a secret is being changed, there are two.
        theirs = (each.partition(",")[2].encode() for each in signatures.split())
        if not any(hmac.compare_digest(ours, each) for each in theirs):
            raise NotProven("the signature is not right")

    def _key(self) -> bytes:
        try:
            return base64.b64decode(self.secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return self.secret.encode()


MAILGUN_PATIENCE = timedelta(hours=9)
"""Mailgun repeats for eight hours what was not taken (its page "Automatic retries")."""
_MOST_TOKENS = 20_000


class MailgunSignature:
    """Mailgun's webhooks: an HMAC over a moment and a token, in the body.

    It does not cover the body. So a token belongs to the first body that came with it: whoever
    caught one cannot tell us something else with it.
    """

    def __init__(self, key: str) -> None:
        """Judge by the `key` for signing webhooks of the account."""
        self._key = key.encode()
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, told: Told) -> None:
        """Let the request pass.

        Raises:
            NotProven: it is unsigned, forged, stale, or its token was used for another body.
        """
        try:
            body = load(told.body)
        except InputError as reason:
            raise NotProven("there is no signature", is_missing=True) from reason
        signature = body.at("signature")
        moment, token = signature.at("timestamp").text, signature.at("token").text
        given = signature.at("signature").text
        if not (moment and token and given):
            raise NotProven("there is no signature", is_missing=True)
        ours = hmac.digest(self._key, f"{moment}{token}".encode(), sha256).hex()
        if not hmac.compare_digest(ours.encode(), given.encode()):
            raise NotProven("the signature is not right")
        must_be_fresh(moment, told.at, MAILGUN_PATIENCE)
        self._bind(token, blake2b(body.at("event-data").canonical, digest_size=16).digest())

    def _bind(self, token: str, digest: bytes) -> None:
        with self._lock:
            known = self._bodies.setdefault(token, digest)
            while len(self._bodies) > _MOST_TOKENS:
                self._bodies.popitem(last=False)
        if known != digest:
            raise NotProven("the token was used before")
