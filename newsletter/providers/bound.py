"""How large a message can be at most, told without making it. Pure.

The dry run asks about every member. Nearly all messages are far below any limit, and only where
this bound is not has one to be made to know.
"""

from collections import Counter

from newsletter.message.batch import Batch, Recipient
from newsletter.message.frozen import Document

_ONE_CHARACTER = 36
"""Bytes: one beyond the BMP in a URL is `%F0%9F%91%A9`, and quoted-printable makes three of each;
in JSON it takes 12."""
_AROUND = 20_000
"""Bytes: headers, boundaries, names of fields, tags; a link has 900 at most."""


class Bound:
    """The bound of the messages of one document."""

    __slots__ = ("_fixed", "_slots")

    def __init__(self, document: Document, *, fixed: int) -> None:
        """Start from `fixed`: the bytes that the parts and files of the document take in all."""
        parts = (document.subject, document.html, document.text)
        self._slots = tuple(Counter(slot for part in parts for slot in part.slots).items())
        self._fixed = fixed + _AROUND

    def of(self, recipient: Recipient) -> int:
        """Tell how many bytes the message of `recipient` takes at most.

        Raises:
            KeyError: a slot has neither value nor fallback.
        """
        values = recipient.values
        own = sum(times * len(slot.value(values)) for slot, times in self._slots)
        return self._fixed + _ONE_CHARACTER * (own + len(recipient.name))

    def is_within(self, batch: Batch, *, message: int, request: int | None = None) -> bool:
        """Tell whether no message and no request of `batch` can have more bytes than these."""
        sizes = [self.of(each) for each in batch.recipients]
        return max(sizes, default=0) <= message and (request is None or sum(sizes) <= request)


def raw_size(document: Document) -> int:
    """Count the bytes that the parts and files of `document` take at most in a raw message."""
    parts = (document.subject, document.html, document.text)
    literals = sum(len(each.encode()) for part in parts for each in part.literals)
    # Quoted-printable makes three of one, and breaks lines; base64 four of three.
    return 4 * literals + sum(2 * len(each.content) for each in document.attachments)
