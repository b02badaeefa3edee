"""What a provider is handed: one document and the recipients who get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.address import EmailAddress, Mailbox
from newsletter.message.frozen import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What all messages of one dispatch have in common besides their document."""

    sender: Mailbox
    reply_to: Mailbox | None = None
    date: datetime
    """When the dispatch was opened, aware and in UTC; the Date header of every message."""
    dispatch: str
    """The dispatch as the outside sees it: opaque letters and digits, at most 32."""
    issue: str
    """The slug of the issue, for Feedback-ID and categories."""
    list_id: str
    """RFC 2919 identifier without the angle brackets, such as `news.example.org`."""
    list_name: str
    """The society's name, shown beside the list id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One member as a dispatch addresses them."""

    delivery: int
    """The number of the delivery in its dispatch: opaque to the outside, counted from 0."""
    address: EmailAddress
    name: str = ""
    """The display name; may be empty."""
    values: Mapping[str, str]
    """What fills the slots, `email`, `unsubscribe_url` and `preferences_url` among them."""

    @property
    def unsubscribe_url(self) -> str:
        """Give the link of this member and dispatch, for the body and for List-Unsubscribe."""
        return self.values["unsubscribe_url"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The content of one request: recipients who share one document."""

    envelope: Envelope
    request: int
    """The number of the request in its dispatch."""
    document: Document
    recipients: tuple[Recipient, ...]
