"""The opaque tokens of links and forms: which delivery, or which moment, signed.

RFC 8058 section 3.1 wants the link to name the recipient and the list by an opaque part that is
hard to forge. So the token holds numbers only, no personal data, and nobody without the key can
make one for somebody else::

    1 octet     kind: 1 a delivery, 2 a moment
    8 octets    the dispatch, or the seconds since 1970
    4 octets    the delivery, or zeros
    17 octets   keyed BLAKE2b over all before

Those 30 octets are exactly 40 characters of URL-safe base64: no padding, and no spare bits that
would let two texts mean one token.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b

from newsletter.errors import Refused, SettingsError

_DELIVERY, _MOMENT = b"\x01", b"\x02"
_PERSON = b"nl-unsubscribe"
"""Keeps a token from ever being valid for another purpose of the same key."""
PROBE = "d0c7" * 4
"""Names a dispatch that never is: a token of it is signed by us, and nobody's."""
_MAC_OCTETS = 17
_SIGNED_OCTETS = 13
_SHORTEST_KEY, _LONGEST_KEY = 16, 64
"""In octets; BLAKE2b takes no more than 64."""
_LENGTH = 40
_MOST_DELIVERIES = 1 << 32
_SHAPE = re.compile(r"[A-Za-z0-9_-]{40}", re.ASCII)
_DISPATCH = re.compile(r"[0-9a-f]{16}", re.ASCII)


class ForgedToken(Refused):
    """The token was not made with our key, or was changed on its way."""

    def __init__(self) -> None:
        """Say so without repeating the token."""
        super().__init__(
            "this link is not one of ours, or it was cut off",
            hint="open the link straight from the email",
        )


class Signer:
    """Makes the tokens of one dispatch; what they share is hashed once."""

    __slots__ = ("_begun", "_start")

    def __init__(self, key: bytes, dispatch: str) -> None:
        """Take the society's secret, 16 to 64 octets, and a dispatch of 16 hex digits.

        Raises:
            SettingsError: the key is too short or too long to protect anything.
            ValueError: `dispatch` is out of its range.
        """
        if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
            raise SettingsError(
                f"the key of the unsubscribe links has {len(key)} octets",
                hint=f"make one of {_SHORTEST_KEY} to {_LONGEST_KEY} random octets",
            )
        if not _DISPATCH.fullmatch(dispatch):
            raise ValueError(f"a dispatch is 16 lower-case hex digits, not {dispatch!r}")
        self._start = _DELIVERY + bytes.fromhex(dispatch)
        self._begun = _keyed(key)
        self._begun.update(self._start)

    def tokens(self, deliveries: Iterable[int]) -> list[str]:
        """Make the tokens of deliveries, each below 2**32: 40 URL-safe characters each.

        Raises:
            ValueError: a delivery is out of its range.
        """
        copy, start = self._begun.copy, self._start
        octets: list[bytes] = []
        for delivery in deliveries:
            if not 0 <= delivery < _MOST_DELIVERIES:
                raise ValueError(f"a delivery is a number from 0 to 2**32 - 1, not {delivery!r}")
            number = delivery.to_bytes(4, "big")
            mac = copy()
            mac.update(number)
            octets += (start, number, mac.digest())
        # One token is 30 octets, which 40 characters hold without a rest: so all are encoded
        # at once.
        text = urlsafe_b64encode(b"".join(octets)).decode("ascii")
        return [text[at : at + _LENGTH] for at in range(0, len(text), _LENGTH)]


def sign(key: bytes, dispatch: str, delivery: int) -> str:
    """Make the token of one delivery: 40 URL-safe characters.

    Raises:
        SettingsError: the key is too short or too long to protect anything.
        ValueError: `dispatch` or `delivery` is out of its range.
    """
    (token,) = Signer(key, dispatch).tokens((delivery,))
    return token


def stamp(key: bytes, seconds: int) -> str:
    """Make the token of a moment, in seconds since 1970: when a form was shown.

    Raises:
        ValueError: it lies before 1970.
    """
    if seconds < 0:
        raise ValueError(f"a moment lies after 1970, not at {seconds}")
    return _seal(key, _MOMENT + seconds.to_bytes(8, "big") + bytes(4))


def verify(keys: bytes | Iterable[bytes], token: str) -> tuple[str, int]:
    """Tell the dispatch and the delivery of `token`, signed with any of `keys`.

    Several keys let links of old emails work after the key was changed: the new one first.

    Raises:
        ForgedToken: none of `keys` signed this.
    """
    signed = _open(keys, token, _DELIVERY)
    return signed[1:9].hex(), int.from_bytes(signed[9:], "big")


def read_stamp(keys: bytes | Iterable[bytes], token: str) -> int:
    """Tell the moment that `stamp` signed, in seconds since 1970.

    Raises:
        ForgedToken: none of `keys` signed this.
    """
    return int.from_bytes(_open(keys, token, _MOMENT)[1:9], "big")


def _seal(key: bytes, signed: bytes) -> str:
    return urlsafe_b64encode(signed + _mac(key, signed)).decode("ascii")


def _open(keys: bytes | Iterable[bytes], token: str, kind: bytes) -> bytes:
    """Give what was signed, as a token of this kind and no other."""
    if not _SHAPE.fullmatch(token):
        raise ForgedToken
    octets = urlsafe_b64decode(token)
    signed, mac = octets[:_SIGNED_OCTETS], octets[_SIGNED_OCTETS:]
    known = (keys,) if isinstance(keys, bytes) else tuple(keys)
    # Every key is tried, and each comparison takes the same time: the time taken tells nothing.
    matches = [hmac.compare_digest(_mac(key, signed), mac) for key in known]
    if not any(matches) or signed[:1] != kind:
        raise ForgedToken
    return signed


def _mac(key: bytes, signed: bytes) -> bytes:
    keyed = _keyed(key)
    keyed.update(signed)
    return keyed.digest()


def _keyed(key: bytes) -> blake2b:
    return blake2b(key=key, digest_size=_MAC_OCTETS, person=_PERSON)
