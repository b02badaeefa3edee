"""Places to jump to in an email that no script can scroll: its headings, and what changed. Pure."""

import re
from itertools import count

CHANGED = "changed"
"""The anchor at what a save changed."""

_HEADING = re.compile(r"<h[1-6]\b[^>]*>", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|h[1-6]|li|td|th|blockquote|dt|dd)\b[^>]*>", re.IGNORECASE)


def heading(number: int) -> str:
    """Name the anchor of a heading, counted from 1."""
    return f"read-{number}"


def with_headings(html: str) -> str:
    """Put an anchor into every heading."""
    numbers = count(1)
    return _HEADING.sub(lambda found: found[0] + _anchor(heading(next(numbers))), html)


def with_change(html: str, before: str) -> str:
    """Put an anchor at the beginning of the first block in which `html` is not `before`."""
    if not before or html == before:
        return html
    first = _shared(html, before)
    begun = [found.end() for found in _BLOCK.finditer(html, html.find("<body"), first + 1)]
    if not begun or begun[-1] > first + 1:
        return html
    at = begun[-1]
    return html[:at] + _anchor(CHANGED) + html[at:]


def _shared(one: str, other: str) -> int:
    """Count the characters at the beginning that two texts share."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _anchor(name: str) -> str:
    # Room above it, so that a reader sees what stands around it.
    return f'<a id="{name}" style="scroll-margin-top:72px"></a>'
