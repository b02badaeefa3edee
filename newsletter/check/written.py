"""The body as its author wrote it: line by line, code left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.announcement.announcement import Announcement
from newsletter.errors import Location
from newsletter.issue.literal import Literals, find_literals


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a body."""

    text: str
    at: Location
    start: int
    """Where it begins in the body, in characters from 0."""
    literals: Literals

    @property
    def begins_as_code(self) -> bool:
        """Tell whether its first character is code."""
        return self.start in self.literals

    def finds(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Find `pattern` where it does not begin in code."""
        for found in pattern.finditer(self.text):
            if self.start + found.start() not in self.literals:
                yield found


def lines_of(announcement: Announcement) -> Iterator[Line]:
    """Walk over the body."""
    literals, start = find_literals(announcement.body), 0
    for number, text in enumerate(announcement.body.split("\n"), 1):
        yield Line(text=text, at=announcement.body_place(number), start=start, literals=literals)
        start += len(text) + 1
