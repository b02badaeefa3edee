"""Where in the announcement something of the final email was written."""

import html
import re
from dataclasses import dataclass
from functools import cached_property

from newsletter.errors import Location
from newsletter.issue.issue import Issue, SlotUse

_SHORTEST = 2
"""Characters: what is shorter stands everywhere."""
_LONGEST = 40
"""Characters of running words: markup within them would hide a longer run."""


@dataclass(frozen=True)
class Places:
    """Finds lines of the announcement; the file itself where no line is known."""

    issue: Issue
    theme: Location | None = None
    """Where the theme begins the email."""

    def of_theme(self) -> Location:
        """Give the place for what no author can mend."""
        return self.theme or Location(self.issue.announcement.path)

    def of(self, text: str) -> Location:
        """Give the first line that holds `text` as it is, or as HTML or a URL writes it."""
        return self.line_of(text) or Location(self.issue.announcement.path)

    def line_of(self, text: str) -> Location | None:
        """Give the first line that holds `text`; None where no line does."""
        wanted = [each for each in (text, html.escape(text)) if len(each) >= _SHORTEST]
        for each in wanted:
            for line, at in self._lines:
                if each in line:
                    return at
        return None

    def matching(self, pattern: re.Pattern[str]) -> Location | None:
        """Give the first line that `pattern` matches a part of; None where no line does."""
        return next((at for line, at in self._lines if pattern.search(line)), None)

    def slot(self, name: str) -> Location:
        """Give the first place of the slot `name` that has nothing to fall back to."""
        bare = (use.at for use in self.issue.slots if use.name == name and not _has_fallback(use))
        return next(bare, Location(self.issue.announcement.path))

    def of_words(self, words: str) -> Location:
        """Give the line where running words begin; the theme's file where no line holds them."""
        start = words[:_LONGEST]
        found = self.line_of(start.rpartition(" ")[0]) or self.line_of(start)
        return found or Location(self.of_theme().path)

    @cached_property
    def _lines(self) -> tuple[tuple[str, Location], ...]:
        written = self.issue.announcement
        body = (
            (line, written.body_place(number))
            for number, line in enumerate(written.body.split("\n"), 1)
        )
        button, image = written.button, written.image
        head = (
            (self.issue.subject, written.place("subject")),
            (written.title, written.place("title")),
            (written.preheader, written.place("preheader")),
            (f"{button.label} {button.url}" if button else "", written.place("button")),
            (
                f"{image.source} {image.alt} {image.caption}" if image else "",
                written.place("image"),
            ),
        )
        return (*head, *body)


def _has_fallback(use: SlotUse) -> bool:
    return bool(use.fallback and use.fallback.strip())
