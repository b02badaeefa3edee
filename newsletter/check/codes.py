"""The table of all findings: each code once, with its severity, under its subject.

`docs/checks.md` explains them in the same order; a test holds the two and the source together.
A finding of any room belongs here, so that settings can name it and a report can group it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Findings that belong together for whoever mends them."""

    name: str
    """A stable lower-case name with dashes; settings may name it for all its codes."""
    title: str
    """The heading in the docs and in the report."""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """List its codes, errors first."""
        return self.errors + self.warnings


SUBJECTS = (
    Subject(
        name="announcement",
        title="The announcement",
        errors=("title-missing", "image-alt-missing", "draft", "pull-undated", "unusable-input"),
        warnings=(
            *("unknown-key", "unused-keys", "front-matter-unmarked", "encoding-guessed"),
            *("text-only-for-segments", "control-character", "too-long", "pool-unplaced"),
        ),
    ),
    Subject(
        name="word",
        title="Word documents",
        warnings=(
            *("word-tracked-changes", "word-comments", "word-text-box", "word-object"),
            *("word-equation", "word-margins", "word-table-spans"),
        ),
    ),
    Subject(
        name="dates",
        title="Dates, times and places to fill",
        errors=("weekday-wrong", "embargo", "expired"),
        warnings=(
            *("date-past", "event-past", "deadline-after-event", "year-past"),
            *("time-without-zone", "left-to-fill"),
            *("event-when", "event-zone", "event-season", "zone-unknown", "draft-late"),
        ),
    ),
    Subject(
        name="scholarly",
        title="Scholarly writing",
        warnings=("doi-malformed", "orcid-malformed", "gene-italics"),
    ),
    Subject(
        name="subject",
        title="Subject and preheader",
        warnings=(
            *("subject-long", "subject-short", "subject-shouts", "subject-spammy"),
            *("preheader-missing", "preheader-length"),
        ),
    ),
    Subject(
        name="links",
        title="Links",
        errors=("link-slot", "link-refused", "link-local", "link-dead"),
        warnings=(
            *("link-vague", "link-insecure", "link-relative", "link-anchor", "link-broken"),
            *("link-empty", "link-address", "anchor-twice"),
            *("link-refuses", "link-unreachable", "link-unchecked"),
        ),
    ),
    Subject(
        name="images",
        title="Images",
        errors=("image-missing", "image-format"),
        warnings=(
            "image-alt",
            "image-width",
            "image-heavy",
            "images-heavy",
            "images-to-upload",
        ),
    ),
    Subject(
        name="text",
        title="The text",
        errors=("directive",),
        warnings=(
            *("heading-level", "heading-jump", "markup-unsupported", "html-dropped"),
            *("html-comment", "html-unclosed", "html-unopened", "html-broken", "html-repaired"),
            *("html-changed", "attributes"),
        ),
    ),
    Subject(
        name="email",
        title="The email",
        errors=(
            *("html-clipped", "unsubscribe-missing", "unsubscribe-hidden", "address-missing"),
            *("one-click-missing", "template-leftover", "theme-block", "message-too-large"),
        ),
        warnings=("html-large", "message-large", "brand-contrast", "parts-differ", "spam-score"),
    ),
    Subject(
        name="accessibility",
        title="Accessibility",
        warnings=(
            *("language-missing", "direction-missing", "table-role", "image-alt-attribute"),
            *("heading-main", "contrast-low", "link-unmarked", "font-small"),
        ),
    ),
    Subject(
        name="clients",
        title="Mail programs",
        warnings=("client-support",),
    ),
    Subject(
        name="sender",
        title="The sender",
        errors=("sender-freemail", "list-id"),
        warnings=("sender-nameless", "sender-unaligned", "reply-unread", "reply-freemail"),
    ),
    Subject(
        name="members",
        title="Each member's message",
        errors=(
            *("value-missing", "greeting-empty", "message-fails", "provider-cannot"),
            *("file-unreadable", "ledger-failed"),
        ),
    ),
)


OTHER = Subject(name="other", title="Other findings")
"""A finding is told even where somebody forgot to enter it above."""


def severities() -> dict[str, Severity]:
    """Give the severity of each code."""
    return dict(_severities())


def _severities() -> Iterator[tuple[str, Severity]]:
    for subject in SUBJECTS:
        for code in subject.errors:
            yield code, Severity.ERROR
        for code in subject.warnings:
            yield code, Severity.WARNING


def subject_of(code: str) -> Subject:
    """Give the subject of `code`."""
    return next((each for each in SUBJECTS if code in each.codes), OTHER)
