"""Asking a provider whether it would take our mail, so that nothing is sent.

Each provider has a cheapest harmless call of its own, documented by it.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from newsletter.address import EmailAddress
from newsletter.providers.http import Post


class Probe(NamedTuple):
    """A call that sends nothing, and which answers mean that the key is good."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    good: frozenset[int] = frozenset({200})

    @property
    def post(self) -> Post:
        """Give what is handed over."""
        return Post(self.path, self.headers, self.body)


class Probed(NamedTuple):
    """What came of it."""

    words: str
    """What is known now, as a sentence without a full stop."""
    date: str = ""
    """The provider's own clock, as its Date header says (RFC 9110 section 6.6.1)."""


@runtime_checkable
class Probeable(Protocol):
    """A provider that can be asked whether it would take our mail."""

    def probe(self, sender: EmailAddress) -> Probed:
        """Ask, with `sender` as the one who would send; nothing is sent.

        Raises:
            NotAccepted: it was not reached, or takes nothing now.
            AccessRefused: it refuses us.
            ProviderError: anything else speaks against it.
        """
        ...
