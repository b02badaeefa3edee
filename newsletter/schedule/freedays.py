"""Days on which nothing is sent: holidays, days of quiet and, if wanted, weekends."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""As RFC 5545 writes them; Monday is 0, as in `datetime`."""
_FAR = 31
"""Days that an occurrence is moved at most; one that finds no working day by then is left out."""
_EACH_YEAR = re.compile(r"(?P<month>\d\d)-(?P<day>\d\d)")
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeDays:
    """The days that occurrences keep away from."""

    each_year: frozenset[tuple[int, int]] = frozenset()
    """Month and day."""
    spans: tuple[tuple[dt.date, dt.date], ...] = ()
    """First and last day."""
    working: frozenset[int] = frozenset(range(5))
    """Weekdays, Monday is 0."""

    def is_free(self, day: dt.date) -> bool:
        """Tell whether `day` is a holiday or a day of quiet; a weekend alone is none."""
        if (day.month, day.day) in self.each_year:
            return True
        return any(first <= day <= last for first, last in self.spans)

    def is_working(self, day: dt.date) -> bool:
        """Tell whether people are at work on `day`."""
        return day.weekday() in self.working and not self.is_free(day)

    def moved(self, day: dt.date, *, off_weekends: bool) -> dt.date | None:
        """Move `day` to the next working day if it is free; None where there is none near it."""
        if not self.is_free(day) and (day.weekday() in self.working or not off_weekends):
            return day
        later = (day + dt.timedelta(days=count) for count in range(1, _FAR + 1))
        return next((each for each in later if self.is_working(each)), None)

    @property
    def farthest(self) -> dt.timedelta:
        """Tell how far a day is moved at most."""
        return dt.timedelta(days=_FAR)


def read_free_days(written: Iterable[str], working: Iterable[int] = range(5)) -> FreeDays:
    """Read days written as `12-25`, `2027-07-05` or `2026-12-24..2027-01-02`.

    Raises:
        ValueError: one of them is none of these; its words are the problem.
    """
    each_year, spans = set(), []
    for text in written:
        try:
            yearly = _EACH_YEAR.fullmatch(text)
            if yearly:
                day = dt.date(_LEAP_YEAR, int(yearly["month"]), int(yearly["day"]))
                each_year.add((day.month, day.day))
                continue
            first, _, last = text.partition("..")
            span = (dt.date.fromisoformat(first), dt.date.fromisoformat(last or first))
        except ValueError as reason:
            raise ValueError(f"holds {text!r}, which is no day") from reason
        if span[0] > span[1]:
            raise ValueError(f"holds {text!r}, which ends before it begins")
        spans.append(span)
    return FreeDays(each_year=frozenset(each_year), spans=tuple(spans), working=frozenset(working))
