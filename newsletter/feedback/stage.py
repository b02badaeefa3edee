"""Where a delivery stands after it was accepted: a function of the set of its events.

Providers tell events twice and in any order, so nothing here depends on when we heard of one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.feedback.event import Event, Kind, Reason

STAGES = (
    Kind.PROCESSED,
    Kind.DEFERRED,
    Kind.DELIVERED,
    # A bounce that comes after the server's yes is the later truth, so these outrank it.
    Kind.SOFT,
    Kind.BLOCKED,
    Kind.DROPPED,
    Kind.HARD,
    # Only who got it can complain.
    Kind.COMPLAINED,
)
"""What a delivery can be, each outranking those before it."""

_RANK = {kind: rank for rank, kind in enumerate(STAGES)}
_ENGAGED = frozenset({Kind.OPENED, Kind.CLICKED, Kind.UNSUBSCRIBED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a delivery came."""

    kind: Kind
    """One of `STAGES`."""
    moment: str
    """When, as `Event.moment`."""
    reason: Reason = Reason.NONE
    note: str = ""

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Give what decides between two: the kind, then the later one."""
        return _RANK[self.kind], self.moment, self.reason, self.note


def stage_of(events: Iterable[Event], known: Stage | None = None) -> Stage | None:
    """Tell how far a delivery came, of which there are `events` besides what is `known`.

    It is the greatest of all, so any order and any repetition of the events gives the same; None
    where there is neither an event nor something known.
    """
    found = [_stage(event) for event in events]
    return max([*found, *([known] if known else [])], key=lambda stage: stage.order, default=None)


def _stage(event: Event) -> Stage:
    if event.kind in _ENGAGED:
        # Whoever opens it, has it, though the word of their server is still on its way to us.
        return Stage(kind=Kind.DELIVERED, moment=event.moment)
    return Stage(kind=event.kind, moment=event.moment, reason=event.reason, note=event.note)
