"""OpenID Connect: the authorization code flow with PKCE (RFC 7636), state and nonce.

Nothing of a sign-in under way is kept here: state, nonce and verifier follow from the secret of
the browser and a number of its own, so that no other browser can end what this one began.
"""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from hmac import compare_digest
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from newsletter.errors import Refused

_PATIENCE = 10.0
"""Seconds for an answer of the issuer."""
_MOST = 262_144
"""Bytes of one."""
_LATEST = 600
"""Seconds that signing in there may take."""
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_LEEWAY = 60
"""Seconds that the issuer's clock may be off."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Proven:
    """Who somebody is, as the issuer says."""

    subject: str
    """The issuer and its name for them: never given to somebody else."""
    address: str
    """Empty where the issuer has not verified it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whom we believe who somebody is."""

    url: str
    client: str
    secret: str = field(repr=False)
    back: str
    """The address of ours that it sends browsers back to."""

    def begin(self, cookie: str, where: str, now: float) -> str:
        """Give the address to send a browser to; `where` is the path it wanted.

        Raises:
            Refused: the issuer does not answer.
        """
        number = f"{int(now)}.{token_hex(8)}.{_text(where.encode())}"
        state = f"{number}.{_derived(cookie, number, 'state')}"
        challenge = _text(sha256(_derived(cookie, number, "verifier").encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": self.back,
            "scope": "openid email profile",
            "state": state,
            "nonce": _derived(cookie, number, "nonce"),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._known()['authorization_endpoint']}?{urlencode(asked)}"

    def finish(self, cookie: str, query: Mapping[str, str], now: float) -> tuple[Proven, str]:
        """Tell who came back, and the path they wanted.

        Raises:
            Refused: it was not this browser that began, it took too long, or the issuer proves
                nothing.
        """
        number, _, mac = query.get("state", "").rpartition(".")
        if not compare_digest(mac.encode(), _derived(cookie, number, "state").encode()):
            raise _doubt("it was not begun in this browser")
        began, _random, where = number.split(".")
        if now - int(began) > _LATEST:
            raise _doubt("it took too long")
        # RFC 9207: another issuer must not hand us a code of its own.
        if query.get("iss", self.url) != self.url or "code" not in query:
            raise _doubt("the issuer did not let you in")
        known = self._known()
        given = self._exchange(known, query["code"], _derived(cookie, number, "verifier"))
        keys = _ask(known["jwks_uri"])
        nonce = _derived(cookie, number, "nonce")
        claims = self._claims(str(given.get("id_token", "")), keys, nonce, int(now))
        address = claims.get("email", "") if claims.get("email_verified") is True else ""
        return Proven(f"{self.url} {claims['sub']}", str(address)), _bytes(where).decode()

    def _known(self) -> Mapping[str, Any]:
        """Ask what the issuer says of itself (OpenID Connect Discovery)."""
        known = _ask(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        if known.get("issuer") != self.url:
            raise _doubt("it calls itself by another name")
        return known

    def _exchange(self, known: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.client,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.secret:
            # RFC 6749 section 2.3.1: both parts are written as in a form first.
            pair = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {_basic(pair)}"
        return _ask(str(known["token_endpoint"]), urlencode(form), headers)

    def _claims(
        self, token: str, keys: Mapping[str, Any], nonce: str, now: int
    ) -> Mapping[str, Any]:
        """Check the ID token (OpenID Connect Core section 3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        wanted = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.url},
            aud={"essential": True, "value": self.client},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            found = jwt.decode(
                token, KeySet.import_key_set({"keys": list(keys["keys"])}), algorithms=_ALGORITHMS
            )
            wanted.validate(found.claims)
        except (JoseError, ValueError, KeyError) as reason:
            raise _doubt("what it signed does not hold") from reason
        if found.claims.get("azp", self.client) != self.client:
            raise _doubt("what it signed is for somebody else")
        return found.claims


def _ask(
    url: str, form: str | None = None, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    parts = urlsplit(url)
    is_here = parts.hostname == "127.0.0.1"
    if parts.scheme != "https" and not is_here:
        raise _doubt("it is not reached over TLS")
    opened = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = opened(parts.netloc, timeout=_PATIENCE)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    method = "GET" if form is None else "POST"
    try:
        connection.request(method, path, body=form, headers=dict(headers or {}))
        response = connection.getresponse()
        found = json.loads(response.read(_MOST))
    except (OSError, HTTPException, ValueError) as reason:
        raise _doubt("it does not answer") from reason
    finally:
        connection.close()
    if response.status != _OK or not isinstance(found, Mapping):
        raise _doubt("it did not accept this")
    return found


def _derived(cookie: str, number: str, purpose: str) -> str:
    mac = blake2b(f"{purpose} {number}".encode(), key=cookie.encode()[:64], digest_size=32)
    return _text(mac.digest())


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _basic(pair: str) -> str:
    return b64encode(pair.encode()).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return b"/"


def _doubt(why: str) -> Refused:
    return Refused(f"you could not be signed in: {why}", hint="try again from the sign-in page")
