"""What a report says of its numbers, for the terminal and the page alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from newsletter.feedback.event import Kind
from newsletter.ledger.outcomes import Cause
from newsletter.report.outcome import LEAVING_DAYS, Outcome
from newsletter.report.plot import share

_KINDS = {
    Kind.HARD: "bounced for good",
    Kind.SOFT: "bounced this time",
    Kind.BLOCKED: "blocked",
    Kind.DROPPED: "dropped by the provider",
}
_GRAVE, _BAD = 0.003, 0.001
"""Shares of complaints: Gmail's and Yahoo's limit for bulk senders, and the one they ask for."""
_MANY_BOUNCES = 0.05
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One number with its words."""

    words: str
    count: int
    share: str = ""
    width: float = 0.0
    """Of its bar, in percent of the longest."""


def words_of(cause: Cause) -> str:
    """Name what happened and why."""
    kind = _KINDS[cause.kind]
    return f"{kind}: {cause.reason}" if cause.reason else kind


def arrival(outcome: Outcome) -> tuple[Row, ...]:
    """List what became of the accepted; the sum is all of them."""
    of, accepted = outcome.tally, outcome.balance.accepted
    counts = {
        "delivered": of.delivered,
        "bounced for good": of.bounced_hard,
        "bounced this time": of.bounced_soft,
        "blocked": of.blocked,
        "dropped by the provider": of.dropped,
        "nothing final told yet": outcome.untold,
    }
    return _rows({name: n for name, n in counts.items() if n or name == "delivered"}, accepted)


def causes(outcome: Outcome) -> tuple[Row, ...]:
    """List why some did not arrive."""
    return _rows({words_of(cause): cause.deliveries for cause in outcome.causes}, outcome.failed)


def listed(outcome: Outcome) -> tuple[Row, ...]:
    """List where every listed member stands; the sum is all of them."""
    of = outcome.balance
    counts = {f"excluded: {reason}": n for reason, n in sorted(of.reasons.items())}
    counts |= {"accepted": of.accepted, "rejected": of.rejected}
    counts |= {"unsure": of.unsure, "still pending": of.pending}
    return _rows({name: n for name, n in counts.items() if n or name == "accepted"}, of.listed)


def wishes(outcome: Outcome) -> tuple[Row, ...]:
    """List who wished for less."""
    of = outcome.leavers
    counts = {
        f"unsubscribed within {LEAVING_DAYS} days": of.everything,
        f"left a topic within {LEAVING_DAYS} days": of.topics,
        "called it spam": outcome.tally.complained,
    }
    return _rows(counts, outcome.balance.accepted)


def remarks(outcome: Outcome) -> Iterator[str]:
    """Say what a reader should not overlook."""
    of, accepted = outcome.tally, outcome.balance.accepted
    if outcome.balance.unsure:
        yield f"{_count(outcome.balance.unsure)} unsure: whether the provider has it, nobody knows."
    if outcome.balance.pending:
        yield f"{_count(outcome.balance.pending)} still to be sent."
    if accepted and not outcome.is_told:
        yield (
            "The provider has told nothing yet of what became of them: the numbers below are "
            "those of the handover alone."
        )
    yield from _warnings(of.complained, of.bounced_hard, of.blocked, accepted)


def _count(deliveries: int) -> str:
    return "1 delivery is" if deliveries == 1 else f"{deliveries:,} deliveries are"


def _warnings(complained: int, bounced: int, blocked: int, accepted: int) -> Iterator[str]:
    if complained > accepted * _GRAVE:
        yield "More than 3 in 1,000 called it spam: Gmail and Yahoo refuse senders above that."
    elif complained > accepted * _BAD:
        yield "More than 1 in 1,000 called it spam: the most that Gmail and Yahoo want to see."
    if bounced > accepted * _MANY_BOUNCES:
        yield "More than 5 in 100 addresses are not there: the list wants tidying."
    if blocked > accepted * _MANY_BOUNCES:
        yield "More than 5 in 100 were blocked: look at the sender's domain and the content."


def moment(at: datetime, zone: tzinfo | None, step: timedelta = timedelta(0)) -> str:
    """Write a moment on the clock of a place, as exactly as steps of that length want it."""
    local = at.astimezone(zone)
    return f"{local:%d %b}" if step >= _A_DAY else f"{local:%d %b %H:%M}"


def _rows(counts: Mapping[str, int], whole: int) -> tuple[Row, ...]:
    most = max(counts.values(), default=0) or 1
    return tuple(
        Row(words, count, share(count, whole), count / most * 100)
        for words, count in counts.items()
    )
