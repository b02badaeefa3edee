"""What somebody at the desk asks for: values in, no request object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.ledger.roles import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at the desk."""

    name: str
    """As pages and the log name them."""
    rights: frozenset[Right]
    colleague: int = 0
    """Their number in the ledger; 0 for the only user of this machine."""
    address: str = ""
    """Where mail for them goes; empty for the only user of this machine."""

    def may(self, right: Right) -> bool:
        """Tell whether they have `right`."""
        return right in self.rights


NOBODY = Visitor(name="", rights=frozenset())
"""Whoever has not signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that was let in."""

    path: str
    """Without the query."""
    who: Visitor = NOBODY
    places: Mapping[str, str] = field(default_factory=dict)
    """What stands for the {names} in the path of the page."""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a form sent."""
    body: bytes = field(default=b"", repr=False)
    """What was sent, as it came."""
    kind: str = ""
    """Its Content-Type, without parameters."""
    cookie: str = field(default="", repr=False)
    """The secret of their browser; whoever has it is them."""
    token: str = field(default="", repr=False)
    """What every form of theirs has to bring along."""
    network: str = ""
    """Where they come from; empty where nobody trustworthy says so."""
    browser: str = ""
    """As it calls itself."""
    said: tuple[str, str] | None = None
    """What the last answer wanted this page to say: the tone and the words."""

    def ask(self, name: str) -> str:
        """Give the one value of the query; empty where there is none."""
        return next(iter(self.query.get(name, ())), "")

    def one(self, name: str) -> str:
        """Give the one value of a field, its lines ended as ours are; empty if there is none."""
        return next(iter(self.fields.get(name, ())), "").replace("\r\n", "\n")

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of a field."""
        return tuple(self.fields.get(name, ()))
