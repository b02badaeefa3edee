"""Why a listed member is not mailed: exactly one reason each."""

from enum import StrEnum


class Exclusion(StrEnum):
    """The reasons, in the order in which they are looked for."""

    MALFORMED = "malformed address"
    NOT_CHOSEN = "not in a chosen segment"
    EXCLUDED_SEGMENT = "in an excluded segment"
    SUPPRESSED = "suppressed"
    """The suppression's own reason stands in the note."""
    TOPIC = "unsubscribed from topic"
    """The note names the topic."""
    PAUSED = "paused"
    """The member asked for a pause; the note names its last day."""
    ALREADY_SENT = "already got this issue"
    """Accepted, under way or unsure in an earlier dispatch."""
    NOTHING_NEW = "nothing new"
    """Each announcement of the digest was told to them before, or is not for them."""
    DUPLICATE = "duplicate"
    """Another row with the same address or member id is mailed; the note names its line."""
    CANCELLED = "cancelled"
    """Somebody cancelled the dispatch before it was sent to them."""
    RECALLED = "recalled"
    """Somebody undid the dispatch while the provider still held it."""


class SuppressionReason(StrEnum):
    """Why somebody is never mailed."""

    UNSUBSCRIBED = "unsubscribed"
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCES = "soft bounces"
    """So many, for so long, that the address counts as one that is not there."""
    COMPLAINT = "complaint"
    MANUAL = "manual"
    """Staff, or the list itself (a column such as `do_not_email`), said so."""
    DECEASED = "deceased"
    FORGOTTEN = "forgotten"
    """They asked to be erased; only a hash that nobody can turn back is kept."""


OF_THE_PERSON = frozenset(SuppressionReason) - {
    SuppressionReason.HARD_BOUNCE,
    SuppressionReason.SOFT_BOUNCES,
}
"""What holds for a member whatever their address; a bounce is a fault of the address alone."""

PASSED_BY_NOTICES = frozenset({SuppressionReason.UNSUBSCRIBED})
"""What keeps no notice from a member: law or bylaws say that it has to reach them."""
