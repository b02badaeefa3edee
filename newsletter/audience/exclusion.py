"""Why a listed member is not mailed: exactly one reason each."""

from enum import StrEnum


class Exclusion(StrEnum):
    """The reasons, in the order in which they are looked for."""

    MALFORMED = "malformed address"
    NOT_CHOSEN = "not in a chosen segment"
    EXCLUDED_SEGMENT = "in an excluded segment"
    SUPPRESSED = "suppressed"
    """The suppression's own reason stands in the note."""
    ALREADY_SENT = "already got this issue"
    """Accepted, under way or unsure in an earlier dispatch."""
    DUPLICATE = "duplicate"
    """Another row with the same address or member id is mailed; the note names its line."""


class SuppressionReason(StrEnum):
    """Why an address is never mailed."""

    UNSUBSCRIBED = "unsubscribed"
    HARD_BOUNCE = "hard bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"
