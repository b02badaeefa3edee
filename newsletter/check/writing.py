"""Checks of what an author wrote, before it is composed."""

import unicodedata
from collections.abc import Iterator

from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue

_LONGEST_SUBJECT = 78
"""Characters; inboxes on phones show about 40, on desktops rarely more than 78."""
_SHORTEST_SUBJECT = 10
_PREHEADER = range(30, 131)
"""Characters: shorter, and the inbox fills the line with the masthead; longer, and it is cut."""


def check_writing(issue: Issue) -> Iterator[Finding]:
    """Look at subject and preheader as an inbox shows them."""
    announcement = issue.announcement
    at = announcement.place("subject" if announcement.subject else "title")
    length = len(issue.subject)
    if length > _LONGEST_SUBJECT:
        yield warning(
            "subject-long",
            f"the subject has {length} characters, and inboxes cut it at about {_LONGEST_SUBJECT}",
            at=at,
            hint="put what matters first, or add a shorter `subject:`",
        )
    if length < _SHORTEST_SUBJECT:
        yield warning(
            "subject-short",
            f"the subject has {length} characters",
            at=at,
            hint="say what the email is about",
        )
    if _shouts(issue.subject):
        yield warning(
            "subject-shouts",
            "the subject shouts, which filters and readers take for spam",
            at=at,
            hint="write it like a sentence, with one exclamation mark at most",
        )
    if announcement.preheader and len(announcement.preheader) not in _PREHEADER:
        yield warning(
            "preheader-length",
            f"the preheader has {len(announcement.preheader)} characters",
            at=announcement.place("preheader"),
            hint=f"write {_PREHEADER.start} to {_PREHEADER.stop - 1}: inboxes show it as one line",
        )


def _shouts(subject: str) -> bool:
    letters = [letter for letter in subject if letter.isalpha()]
    capitals = [letter for letter in letters if unicodedata.category(letter) == "Lu"]
    is_capitals = len(letters) > _SHORTEST_SUBJECT and len(capitals) > 0.7 * len(letters)
    return is_capitals or subject.count("!") > 1
