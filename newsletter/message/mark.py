"""The mark of an audience: who gets what, as one short text that changes with any of it."""

from hashlib import blake2b

_SIZE = 32
"""Octets of each hash: a sum of so large ones is met by no other audience by chance."""


class Mark:
    """Takes in the recipients of an audience, in any order: who is due when changes their order."""

    __slots__ = ("_sum",)

    def __init__(self) -> None:
        """Begin with nobody."""
        self._sum = 0

    def add(self, address: str, variant: str, name: str) -> None:
        """Take in one recipient, by what goes to the provider."""
        written = f"{address}\0{variant}\0{name}".encode("utf-8", "surrogatepass")
        self._sum += int.from_bytes(blake2b(written, digest_size=_SIZE).digest())

    def text(self) -> str:
        """Give the mark of all taken in so far, 32 hex digits."""
        total = (self._sum % 2 ** (8 * _SIZE)).to_bytes(_SIZE)
        return blake2b(total, digest_size=16, person=b"nl-audience").hexdigest()
