"""The mark of an audience: who gets what, as one short text that changes with any of it."""

from hashlib import blake2b


class Mark:
    """Takes in the recipients of an audience in their order."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        """Begin with nobody."""
        self._hash = blake2b(digest_size=16, person=b"nl-audience")

    def add(self, address: str, variant: str, name: str) -> None:
        """Take in one recipient, by what goes to the provider."""
        self._hash.update(f"{address}\0{variant}\0{name}\n".encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """Give the mark of all taken in so far."""
        return self._hash.hexdigest()
