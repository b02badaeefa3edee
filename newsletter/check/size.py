"""The size of what would arrive."""

from collections.abc import Iterator

from newsletter.finding import Finding, error, warning

CLIPPING = 102_000
"""Bytes of HTML over which Gmail hides the rest, the unsubscribe link with it."""
NEARLY_CLIPPING = 90_000


HEAVY = 10_000_000
"""Bytes of a whole message over which some servers of readers refuse it (usual: 10 to 25 MB)."""


def check_message_size(bytes_of_message: int, most: int | None) -> Iterator[Finding]:
    """Hold the largest message, with all its files as they travel, against who carries it.

    `most` is what the provider takes; None where nobody knows.
    """
    megabytes = f"{bytes_of_message / 1e6:.1f} MB"
    hint = 'attach less, or let the pictures lie on the web: delivery = "hosted" of [images]'
    if most is not None and bytes_of_message > most:
        problem = f"the message has {megabytes}; the provider takes {most / 1e6:.0f} MB"
        yield error("message-too-large", problem, hint=hint)
    elif bytes_of_message > HEAVY:
        problem = f"the message has {megabytes}; many mail servers refuse more than 10 MB"
        yield warning("message-large", problem, hint=hint)


def check_size(bytes_of_html: int) -> Iterator[Finding]:
    """Hold the largest HTML part, merged, against where Gmail clips."""
    if bytes_of_html > CLIPPING:
        yield error(
            "html-clipped",
            f"the email has {bytes_of_html:,} bytes of HTML; Gmail hides all after {CLIPPING:,}",
            hint="shorten it, and link to the full text",
        )
    elif bytes_of_html > NEARLY_CLIPPING:
        yield warning(
            "html-large",
            f"the email has {bytes_of_html:,} bytes of HTML; Gmail hides all after {CLIPPING:,}",
            hint="shorten it before the next addition",
        )
