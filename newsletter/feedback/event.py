"""One thing that happened to one delivery after a provider took it, whoever tells of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b


class Kind(StrEnum):
    """What happened."""

    PROCESSED = "processed"
    """The provider has it and will try."""
    DEFERRED = "deferred"
    """The member's server asked for patience; the provider goes on trying."""
    DELIVERED = "delivered"
    """The member's server took it."""
    SOFT = "soft bounce"
    """It did not arrive this time; the address may be good."""
    BLOCKED = "blocked"
    """It was refused for what it says or who sends it: no fault of the member."""
    DROPPED = "dropped"
    """The provider threw it away without trying."""
    HARD = "hard bounce"
    """There is no such address."""
    COMPLAINED = "complained"
    """The member called it spam."""
    UNSUBSCRIBED = "unsubscribed"
    """The member left by a link or button of the provider."""
    OPENED = "opened"
    CLICKED = "clicked"


class Reason(StrEnum):
    """Why it did not arrive, in a few classes that a board understands."""

    NONE = ""
    NO_SUCH_ADDRESS = "no such address"
    MAILBOX_FULL = "mailbox full"
    MAILBOX_CLOSED = "mailbox closed"
    CONTENT = "content"
    REPUTATION = "reputation"
    IDENTITY = "sender not proven"
    """SPF, DKIM or DMARC."""
    TOO_MUCH = "too much at once"
    TOO_LARGE = "too large"
    TECHNICAL = "technical failure"
    BOUNCED_BEFORE = "bounced before"
    COMPLAINED_BEFORE = "complained before"
    UNSUBSCRIBED_BEFORE = "unsubscribed before"
    """The provider dropped it for what it remembers; these three copy its reason."""
    PLAN = "over the provider's plan"
    OTHER = "other"


LONGEST_NOTE = 300
_LONGEST_OTHER = 500
_ADDRESS = re.compile(r"<?[^\s<>()\[\]:;,\"'=]{1,64}@[^\s<>()\[\]:;,\"'=]{1,255}>?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as a value: equal ones are one event that was told several times."""

    dispatch: str
    """The dispatch as the outside sees it."""
    delivery: int
    kind: Kind
    at: datetime
    """When it happened, aware."""
    reason: Reason = Reason.NONE
    note: str = ""
    """What the other side said, made by `plain_note`."""
    id: str = ""
    """The provider's own id of the event: a hint only, copies of one event may differ in it."""
    reference: str = ""
    """The provider's own id of the message."""
    agent: str = ""
    """The program that opened or clicked."""
    link: str = ""
    """What was clicked, less its query: that may name somebody."""
    is_machine: bool = False
    """The provider itself says that no person opened or clicked."""

    @property
    def moment(self) -> str:
        """Give when it happened as the ledger keeps it: ISO 8601, UTC, in milliseconds."""
        return self.at.astimezone(UTC).isoformat(timespec="milliseconds")

    @property
    def mark(self) -> str:
        """Tell events of one kind and moment apart: two links clicked in one second."""
        told = (self.reason, self.note, self.agent, self.link, str(self.is_machine))
        return blake2b("\0".join(told).encode(), digest_size=8).hexdigest()


def plain_note(text: str) -> str:
    """Write what a server said in one line, without any address, cut to a length."""
    words = " ".join(_ADDRESS.sub("<...>", text).split())
    return "".join(letter for letter in words if letter.isprintable())[:LONGEST_NOTE]


def plain_link(url: str) -> str:
    """Write a link without query and fragment."""
    return re.split(r"[?#]", url, maxsplit=1)[0][:_LONGEST_OTHER]


def plain_agent(text: str) -> str:
    """Write the name of a program in one line, cut to a length."""
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_OTHER]
