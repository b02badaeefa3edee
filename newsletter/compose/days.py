"""The dates of one announcement: how its author writes them, and how its readers do."""

import datetime as dt
from functools import cached_property

from newsletter.compose.calendar import plate_of, reading_in
from newsletter.compose.when import Reading, When, read_when


class Days:
    """Reads and writes dates in the language of an issue."""

    def __init__(self, lang: str, *, today: dt.date | None = None, zone: str = "") -> None:
        """Read a date without a year as the next from `today`, a time without a zone in `zone`."""
        self.lang = lang
        self._today, self._zone = today, zone

    @cached_property
    def _reading(self) -> Reading:
        return reading_in(self.lang, today=self._today, zone=self._zone)

    def read(self, text: str) -> When | None:
        """Understand when something is; None where it is not understood."""
        return read_when(text, self._reading)

    def plate(self, text: str) -> tuple[str, str] | None:
        """Give month and day of `text`; None where it is not understood."""
        when = self.read(text)
        return plate_of(when, self.lang) if when else None
