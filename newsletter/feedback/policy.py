"""What follows from an event for the member: the policy that docs/feedback.md states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.feedback.event import Event, Kind, Reason

SOFT_TIMES, SOFT_DAYS = 4, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a workspace says in [feedback]."""

    soft_times: int = SOFT_TIMES
    """How many dispatches have to bounce softly until an address is suppressed."""
    soft_days: int = SOFT_DAYS
    """Within how many days."""
    opens: bool = False
    """Whether it is kept who opened a message."""
    clicks: bool = False
    """Whether it is kept who clicked on what."""

    def keeps(self, event: Event) -> bool:
        """Tell whether the workspace wants to know of such an event."""
        if event.kind is Kind.OPENED:
            return self.opens
        return self.clicks or event.kind is not Kind.CLICKED


class Consequence(StrEnum):
    """What an event means for further mail to the member."""

    NOTHING = "nothing"
    SUPPRESS_ADDRESS = "suppress the address"
    SUPPRESS_COMPLAINT = "suppress the member"
    UNSUBSCRIBE = "unsubscribe"
    COUNT = "count"
    """Often enough, it is suppressed."""


_BY_KIND = {
    Kind.HARD: Consequence.SUPPRESS_ADDRESS,
    Kind.COMPLAINED: Consequence.SUPPRESS_COMPLAINT,
    Kind.UNSUBSCRIBED: Consequence.UNSUBSCRIBE,
    Kind.SOFT: Consequence.COUNT,
}
_BY_REASON_OF_A_DROP = {
    Reason.NO_SUCH_ADDRESS: Consequence.SUPPRESS_ADDRESS,
    Reason.BOUNCED_BEFORE: Consequence.SUPPRESS_ADDRESS,
    Reason.COMPLAINED_BEFORE: Consequence.SUPPRESS_COMPLAINT,
    Reason.UNSUBSCRIBED_BEFORE: Consequence.UNSUBSCRIBE,
}


def consequence_of(event: Event) -> Consequence:
    """Tell what follows from an event.

    A block never has consequences for the member: content and reputation are the sender's.
    """
    if event.kind is Kind.DROPPED:
        return _BY_REASON_OF_A_DROP.get(event.reason, Consequence.NOTHING)
    return _BY_KIND.get(event.kind, Consequence.NOTHING)


def is_too_often(moments: Iterable[datetime], policy: Policy) -> bool:
    """Tell whether soft bounces, one moment a delivery, are too many within the time."""
    ordered = sorted(moments)
    within = timedelta(days=policy.soft_days)
    later = ordered[policy.soft_times - 1 :]
    return any(last - first <= within for first, last in zip(ordered, later, strict=False))
