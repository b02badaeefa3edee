"""How a dispatch gets on: its rate, what is left of it, and in which phase it is. Pure."""

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum

from newsletter.ledger.course import Hold
from newsletter.ledger.dispatches import Balance, Dispatch
from newsletter.ledger.schema import Course
from newsletter.ledger.stages import Tally
from newsletter.ledger.traffic import Traffic

NOW, LATELY = 10.0, 60.0
"""Seconds over which the two rates are taken."""
_SILENCE = 30.0
"""Seconds without a request begun, after which nobody seems to send it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far it was at a moment."""

    at: float
    """Seconds of a clock that never jumps."""
    handed: int
    """Deliveries of which something came: they are not pending any more."""


@dataclass(frozen=True, slots=True)
class Trail:
    """How far it was, look by look; nothing older than is needed."""

    marks: tuple[Mark, ...] = ()
    """The oldest one first."""

    def after(self, mark: Mark) -> "Trail":
        """Add what was seen now, and forget what is too old to matter."""
        needed = [each for each in self.marks if each.at < mark.at]
        # One that is older than the longest span stays: it is where the span begins.
        while len(needed) > 1 and needed[1].at <= mark.at - LATELY:
            needed.pop(0)
        return Trail((*needed, mark))

    def rate(self, span: float) -> float | None:
        """Tell how many deliveries a second came to something in the last `span` seconds.

        Of a shorter trail it is the rate over all of it, and None where it has one mark only.
        """
        *before, last = self.marks or (Mark(0.0, 0),)
        if not before:
            return None
        older = [each for each in before if each.at <= last.at - span]
        first = older[-1] if older else before[0]
        # Deliveries that somebody makes pending again are no rate.
        return max(0.0, (last.handed - first.handed) / (last.at - first.at))


class Phase(StrEnum):
    """In which phase a dispatch is, in a word for a person."""

    SENDING = "sending"
    WAITING = "waiting"
    """It goes on by itself at a time that is known."""
    SILENT = "nobody sends it"
    """Something is pending, nothing holds it, and no request was begun for a while."""
    PAUSED = "paused"
    TOO_LATE = "too late"
    CANCELLED = "cancelled"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A dispatch at one moment."""

    dispatch: Dispatch
    balance: Balance
    traffic: Traffic
    tally: Tally
    hold: Hold | None
    now: dt.datetime
    """Aware and in UTC."""
    trail: Trail

    @property
    def share(self) -> float:
        """Tell which share of its recipients is not pending any more, from 0 to 1."""
        total = handed_of(self.balance) + self.balance.pending
        return handed_of(self.balance) / total if total else 1.0

    @property
    def phase(self) -> Phase:
        """Tell in which phase it is."""
        if self.dispatch.course is Course.CANCELLED:
            return Phase.CANCELLED
        if self.balance.is_finished:
            return Phase.FINISHED
        if self.dispatch.course is Course.PAUSED:
            return Phase.PAUSED
        if self.hold is not None:
            return Phase.TOO_LATE if self.hold.seconds is None else Phase.WAITING
        return Phase.SILENT if self._is_silent else Phase.SENDING

    @property
    def _is_silent(self) -> bool:
        if self.traffic.in_flight > self.traffic.overdue:
            return False
        since = _seconds_since(self.traffic.latest or self.dispatch.opened, self.now)
        return since is not None and since > _SILENCE

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen unless a person does something."""
        ended = self.phase not in {Phase.SENDING, Phase.WAITING, Phase.SILENT}
        # What is under way when it is paused still comes to an end.
        return ended and self.traffic.in_flight == 0

    @property
    def oldest(self) -> float | None:
        """Tell for how many seconds the oldest request in flight is under way."""
        return _seconds_since(self.traffic.oldest, self.now)

    @property
    def seconds_left(self) -> float | None:
        """Estimate how long the pending ones take, at the rate of the last minute."""
        if self.balance.is_finished:
            return 0.0
        rate = self.trail.rate(LATELY)
        if not rate or self.phase not in {Phase.SENDING, Phase.WAITING}:
            return None
        hold = (self.hold.seconds if self.hold else None) or 0.0
        return max(hold, self.balance.pending / rate)

    def as_json(self) -> dict[str, object]:
        """Give it as JSON values, without anything of a member."""
        of, balance, traffic = self.dispatch, asdict(self.balance), self.traffic
        return {
            "at": self.now.isoformat(timespec="milliseconds"),
            "dispatch": of.id,
            "issue": of.slug,
            "provider": of.provider,
            "phase": self.phase.value,
            "course": of.course.value,
            "course_note": of.course_note,
            "hold": self.hold.why if self.hold else None,
            "hold_seconds": _rounded(self.hold.seconds if self.hold else None),
            "balances": self.balance.balances,
            **balance,
            "rate_10s": _rounded(self.trail.rate(NOW)),
            "rate_60s": _rounded(self.trail.rate(LATELY)),
            "seconds_left": _rounded(self.seconds_left),
            "requests_in_flight": traffic.in_flight,
            "requests_overdue": traffic.overdue,
            "requests_pending": traffic.waiting,
            "oldest_seconds": _rounded(self.oldest),
            "feedback": asdict(self.tally),
            "troubles": [asdict(each) for each in traffic.troubles],
        }


def handed_of(balance: Balance) -> int:
    """Count the deliveries that a provider had in its hands, and that are not pending again."""
    return balance.accepted + balance.rejected + balance.unsure


def _seconds_since(moment: str, now: dt.datetime) -> float | None:
    """Count the seconds from an ISO 8601 moment on; never fewer than none, clocks differ."""
    if not moment:
        return None
    return max(0.0, (now - dt.datetime.fromisoformat(moment)).total_seconds())


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
