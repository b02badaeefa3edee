"""From a delivery of the ledger to a recipient of a message."""

from collections.abc import Mapping, Sequence

from newsletter.address import EmailAddress
from newsletter.dispatch.links import Links
from newsletter.ledger.claiming import Claimed
from newsletter.message.batch import Recipient


class Personaliser:
    """Gives the deliveries of one dispatch everything that their messages need."""

    __slots__ = ("_links", "_signer")

    def __init__(self, dispatch: str, links: Links) -> None:
        """Take the dispatch as the outside sees it."""
        self._links = links
        self._signer = links.signer(dispatch)

    def recipients(self, claimed: Sequence[Claimed]) -> tuple[Recipient, ...]:
        """Make the recipients of a claimed request, in their order."""
        links = self._links.values
        made = []
        for (position, wire, name, values), token in zip(
            claimed, self._signer.tokens([each.position for each in claimed]), strict=True
        ):
            own = links(token)
            own["email"] = wire
            if values:
                own = {**values, **own}
            # The address was parsed when the list was brought in; this is what it was then.
            made.append(Recipient(position, EmailAddress(wire), own, name))
        return tuple(made)

    def recipient(
        self, delivery: int, wire: str, name: str, values: Mapping[str, str]
    ) -> Recipient:
        """Make the recipient of one delivery."""
        return self.recipients((Claimed(delivery, wire, name, values),))[0]
