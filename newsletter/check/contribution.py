"""Checks of an announcement as somebody's contribution: its length, and whether it is over."""

import datetime as dt
from collections.abc import Iterator

from newsletter.announcement.announcement import Announcement
from newsletter.check.policy import Policy
from newsletter.finding import Finding, error, warning
from newsletter.issue.excerpt import count_words


def check_contribution(written: Announcement, policy: Policy, today: dt.date) -> Iterator[Finding]:
    """Hold an announcement against the words it may have and the day it expires."""
    said = written.pooled
    most = said.words or policy.most_words
    words = count_words(written.body) if most else 0
    if most and words > most and not written.taken:
        yield warning(
            "too-long",
            f"the text has {words:,} words, and {most:,} are agreed",
            at=written.place("words") if said.words else written.body_place(1),
            hint=f"shorten it by {words - most:,} words",
        )
    if said.expires and said.expires < today:
        yield error(
            "expired",
            f"it expired on {said.expires}",
            at=written.place("expires"),
            hint="write a later day, or leave it unsent",
        )
