"""What a provider is handed: one document and the recipients who get it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

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
    send_at: datetime | None = None
    """When the provider is to let the messages go, aware and in UTC; None for at once."""
    tracks_opens: bool = False
    """Whether the provider is to tell who opened it: only where the workspace asks for that."""
    tracks_clicks: bool = False
    """The same for clicks; links then lead through the provider."""
    public_variant: str | None = None
    """The key of the variant that everybody may read in the archive; empty where none may be, None
    where nobody said (a dispatch of an earlier version)."""
    reservation: str = ""
    """The provider's own name for what it holds until `send_at`, by which it is recalled."""


class Recipient(NamedTuple):
    """One member as a dispatch addresses them; a tuple, because a million are made."""

    delivery: int
    """The number of the delivery in its dispatch: opaque to the outside, counted from 0."""
    address: EmailAddress
    values: Mapping[str, str]
    """What fills the slots, `email`, `unsubscribe_url` and `preferences_url` among them."""
    name: str = ""
    """The display name; may be empty."""

    @property
    def unsubscribe_url(self) -> str:
        """Give the link of this member and dispatch, for the body and for List-Unsubscribe."""
        return self.values["unsubscribe_url"]


def _no_fence() -> None:
    """Let everything pass: nobody else can have the request."""


def nothing() -> None:
    """Have nothing to do while an answer is awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The content of one request: recipients who share one document."""

    envelope: Envelope
    request: int
    """The number of the request in its dispatch."""
    document: Document
    recipients: Sequence[Recipient]
    """`Recipients`, where they come in columns."""
    attempt: int = 1
    """Which attempt at the request this is."""
    fence: Callable[[], None] = field(default=_no_fence, compare=False, repr=False)
    """Called just before the first octet of the request, and of each message where they go one by
    one, leaves this machine. It raises `LeaseLost` where the request is not ours any more."""
    meanwhile: Callable[[], None] = field(default=nothing, compare=False, repr=False)
    """May be called once, when all has left and the answer is awaited; it raises nothing."""

    @property
    def key(self) -> str:
        """Name this attempt for providers that take a key against sending twice."""
        return f"{self.envelope.dispatch}-{self.request}-{self.attempt}"
