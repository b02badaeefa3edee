"""From a delivery of the ledger to a recipient of a message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.address import EmailAddress
from newsletter.dispatch.links import Links
from newsletter.ledger.claiming import Claimed
from newsletter.message.batch import Recipient


@dataclass(frozen=True, slots=True)
class Personaliser:
    """Gives the deliveries of one dispatch everything that their messages need."""

    dispatch: str
    """The dispatch as the outside sees it."""
    links: Links

    def recipients(self, claimed: Iterable[Claimed]) -> tuple[Recipient, ...]:
        """Make the recipients of a claimed request, in their order."""
        make = self.recipient
        return tuple([make(*each) for each in claimed])

    def recipient(
        self, delivery: int, wire: str, name: str, values: Mapping[str, str]
    ) -> Recipient:
        """Make the recipient of the delivery numbered `delivery`.

        `wire` was parsed when the list was brought in, and is what `EmailAddress.wire` was then.
        """
        links = self.links.values(self.dispatch, delivery)
        return Recipient(
            delivery=delivery,
            address=EmailAddress(wire),
            name=name,
            values={**values, "email": wire, **links},
        )
