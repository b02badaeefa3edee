"""Whole messages as JSON, for providers that fill no slots themselves. Pure.

All that members share is escaped once; a member's message is a join of strings, and only their
own values are escaped for it.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.encoding import unified
from newsletter.message.frozen import Document, Frozen
from newsletter.message.headers import (
    list_headers,
    message_id_for,
    subject_for,
    unsubscribe_header_for,
)
from newsletter.providers.bound import Bound


class WholeBody(NamedTuple):
    """A request that holds every message whole."""

    octets: bytes
    sizes: Sequence[int]
    """Of each message, in bytes, in the order of the batch."""


class JsonText:
    """A frozen text as a JSON string."""

    __slots__ = ("_pieces", "_slots", "size")

    def __init__(self, frozen: Frozen) -> None:
        """Escape all that members share."""
        self._pieces = [""] * (2 * len(frozen.slots) + 1)
        self._pieces[::2] = [_escaped(literal) for literal in frozen.literals]
        self._slots = frozen.slots
        self.size = sum(map(len, self._pieces))
        """In bytes, without what fills the slots."""

    def fill(self, values: Mapping[str, str]) -> str:
        """Write the string, between quotes and in ASCII.

        Raises:
            KeyError: a slot has neither value nor fallback.
        """
        pieces = list(self._pieces)
        pieces[1::2] = [_escaped(slot.fill(values)) for slot in self._slots]
        return f'"{"".join(pieces)}"'


def _escaped(text: str) -> str:
    return quoted(unified(text))[1:-1]


class WholeMessage:
    """One document of one dispatch, as the parts of a member's message in JSON."""

    __slots__ = ("_document", "_envelope", "_html", "_list_headers", "_text", "bound")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Escape all that members share.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        self._envelope, self._document = envelope, document
        self._html, self._text = JsonText(document.html), JsonText(document.text)
        self._list_headers = unfolded_list_headers(envelope)
        fixed = self._html.size + self._text.size
        # Base64 makes four bytes of three.
        fixed += sum(2 * len(each.content) for each in document.attachments)
        self.bound = Bound(document, fixed=fixed)
        """How large the messages can be at most."""

    def headers(self, recipient: Recipient) -> dict[str, str]:
        """Give the headers that no field of an API stands for, by name.

        Raises:
            InputError: the link of the member cannot stand in one.
        """
        return {
            "Message-ID": message_id_for(self._envelope, recipient),
            "List-Unsubscribe": unsubscribe_header_for(recipient),
            **self._list_headers,
        }

    def subject(self, recipient: Recipient) -> str:
        """Write the subject, between quotes.

        Raises:
            InputError: a value brings a line break or another control character.
            KeyError: a slot has neither value nor fallback.
        """
        return quoted(subject_for(self._document, recipient))

    def html(self, recipient: Recipient) -> str:
        """Write the HTML part, between quotes."""
        return self._html.fill(recipient.values)

    def text(self, recipient: Recipient) -> str:
        """Write the text part, between quotes."""
        return self._text.fill(recipient.values)


class WholeMessages(WholeMessage, ABC):
    """The same, for providers that take a list of messages and nothing around it."""

    __slots__ = ("_shared",)

    def __init__(
        self, envelope: Envelope, document: Document, shared: Mapping[str, object]
    ) -> None:
        """Encode all that the members share, `shared` among it: fields of every message.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        super().__init__(envelope, document)
        self._shared = json.dumps(shared, separators=(",", ":"))[1:-1]

    @abstractmethod
    def own(self, batch: Batch, recipient: Recipient) -> str:
        """Write the fields that no two members share, as JSON between commas."""

    def body(self, batch: Batch) -> WholeBody:
        """Write the body that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        messages = [f"{{{self._shared},{self.own(batch, each)}}}" for each in batch.recipients]
        return WholeBody(
            f"[{','.join(messages)}]".encode("ascii"), [len(each) for each in messages]
        )


def unfolded_list_headers(envelope: Envelope) -> dict[str, str]:
    """Give the headers of the list in one line each, in ASCII, by name.

    Raises:
        InputError: a name or an id of `envelope` cannot stand in a header.
    """
    return {h.name: h.wire.replace("\r\n", "") for h in list_headers(envelope)}


def own_ids(batch: Batch, recipient: Recipient) -> dict[str, str]:
    """Give what a provider may know of a message: opaque numbers, no personal data."""
    return {
        "nl_dispatch": batch.envelope.dispatch,
        "nl_request": str(batch.request),
        "nl_delivery": str(recipient.delivery),
    }


# What providers do not take, each as a sentence ------------------------------------------------


def miscounted(name: str, batch: Batch, most: int) -> Iterator[str]:
    """Complain where the provider `name` takes another number of recipients."""
    count = len(batch.recipients)
    if not 0 < count <= most:
        yield f"{name} takes 1 to {most} recipients a request, not {count}."


def oversized(name: str, total: int, most: int) -> Iterator[str]:
    """Complain where the provider `name` takes no request of so many bytes."""
    if total > most:
        yield f"The request has {total:,} bytes, and {name} takes {most:,}; lower `batch_size`."


def overweight(name: str, batch: Batch, sizes: Sequence[int], most: int) -> Iterator[str]:
    """Complain where the provider `name` takes no message as large as the largest."""
    if sizes and max(sizes) > most:
        delivery = batch.recipients[sizes.index(max(sizes))].delivery
        yield (
            f"Delivery {delivery}: its message has {max(sizes):,} bytes, and {name} takes {most:,}."
        )


def incomplete(name: str, document: Document) -> Iterator[str]:
    """Complain where a part is missing that the provider `name` needs."""
    parts = (document.subject, document.text, document.html)
    if not all(part.slots or any(each.strip() for each in part.literals) for part in parts):
        yield f"{name} takes no message without a subject, a text and an HTML part."
