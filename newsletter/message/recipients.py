"""The recipients of a batch, a column at a time.

A million members are a million of everything. What goes from the ledger to a provider that takes a
thousand at once is therefore never made into objects: it stays in columns, as it was read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import overload

from newsletter.address import EmailAddress
from newsletter.message.batch import Recipient
from newsletter.message.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients(Sequence[Recipient]):
    """Columns that stand for recipients; one is made only where somebody asks for it."""

    deliveries: Sequence[int]
    """The numbers of the deliveries in their dispatch."""
    addresses: Sequence[str]
    """As they go to the provider."""
    names: Sequence[str]
    values: Sequence[Mapping[str, str]]
    """What the ledger keeps to fill the slots, links not among it."""
    links: Mapping[str, str] = field(default_factory=dict)
    """By the name of its slot: what a link begins with; the recipient's token follows."""
    tokens: Sequence[str] = ()
    _made: list[Recipient] = field(
        default_factory=list, init=False, repr=False, compare=False, hash=False
    )

    @classmethod
    def of(cls, recipients: Sequence[Recipient]) -> "Recipients":
        """Take recipients apart, unless they come in columns already."""
        if isinstance(recipients, Recipients):
            return recipients
        return cls(
            deliveries=[each.delivery for each in recipients],
            addresses=[each.address.wire for each in recipients],
            names=[each.name for each in recipients],
            values=[each.values for each in recipients],
        )

    def linked(self, links: Mapping[str, str], tokens: Sequence[str]) -> "Recipients":
        """Give the same recipients, each with links of their own."""
        return replace(self, links=links, tokens=tokens)

    @property
    def columns(self) -> Columns:
        """Give what fills their slots."""
        return Columns(self.values, self._own)

    def link(self, name: str) -> list[str]:
        """Write the link for the slot `name` of each.

        Raises:
            KeyError: there is none.
        """
        if name not in self.links:
            return [each[name] for each in self.values]
        begin = self.links[name]
        return [begin + token for token in self.tokens]

    def _own(self, name: str) -> Sequence[str] | None:
        if name in self.links:
            return self.link(name)
        return self.addresses if name == "email" and self.links else None

    def __len__(self) -> int:
        return len(self.deliveries)

    @overload
    def __getitem__(self, at: int) -> Recipient: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Recipient]: ...

    def __getitem__(self, at: int | slice) -> Recipient | Sequence[Recipient]:
        return self._all()[at]

    def __iter__(self) -> Iterator[Recipient]:
        return iter(self._all())

    def _all(self) -> list[Recipient]:
        if len(self._made) < len(self.deliveries):
            self._made[:] = [self._recipient(at) for at in range(len(self.deliveries))]
        return self._made

    def _recipient(self, at: int) -> Recipient:
        address, values = self.addresses[at], self.values[at]
        if self.links:
            token = self.tokens[at]
            own = {name: begin + token for name, begin in self.links.items()}
            values = {**values, **own, "email": address}
        # The address was parsed when the list was brought in; this is what it was then.
        return Recipient(self.deliveries[at], EmailAddress(address), values, self.names[at])
