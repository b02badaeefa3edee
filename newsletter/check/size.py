"""The size of what would arrive."""

from collections.abc import Iterator

from newsletter.finding import Finding, error, warning

CLIPPING = 102_000
"""Bytes of HTML over which Gmail hides the rest, the unsubscribe link with it."""
NEARLY_CLIPPING = 90_000


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
