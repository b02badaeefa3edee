"""From deliveries of the ledger to recipients of a message."""

from collections.abc import Mapping

from newsletter.dispatch.links import Links
from newsletter.message.batch import Recipient
from newsletter.message.recipients import Recipients


class Personaliser:
    """Gives the deliveries of one dispatch everything that their messages need."""

    __slots__ = ("_beginnings", "_signer")

    def __init__(self, dispatch: str, links: Links) -> None:
        """Take the dispatch as the outside sees it."""
        self._beginnings = links.beginnings()
        self._signer = links.signer(dispatch)

    def linked(self, recipients: Recipients) -> Recipients:
        """Give each of `recipients` the links of their own."""
        return recipients.linked(self._beginnings, self._signer.tokens(recipients.deliveries))

    def recipient(
        self, delivery: int, wire: str, name: str, values: Mapping[str, str]
    ) -> Recipient:
        """Make the recipient of one delivery."""
        one = Recipients(deliveries=[delivery], addresses=[wire], names=[name], values=[values])
        return self.linked(one)[0]
