"""The tags of a final HTML document, changed one by one, with everything else left alone. Pure."""

import re
from collections.abc import Callable

_TAG = re.compile(r"<([A-Za-z][\w:-]*)((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>")
_ATTRIBUTE = re.compile(r"([^\s=\"'/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL | re.IGNORECASE)

Change = Callable[[str, str], str]
"""Takes the name of a tag or an attribute, and what stands in it; gives what is to stand there."""


def change_tags(html: str, change: Change) -> str:
    """Put `change(tag, inside)` in the place of what stands in each start tag behind its name."""
    return _TAG.sub(lambda found: f"<{found[1]}{change(found[1].lower(), found[2])}>", html)


def change_attributes(inside: str, change: Change) -> str:
    """Put `change(name, value)` in the place of the value of each attribute of a tag.

    Values are as they stand in the document: `&amp;` for `&`. One that stays as it is keeps its
    quotes.
    """

    def changed(found: re.Match[str]) -> str:
        value = next(part for part in found.groups()[1:] if part is not None)
        new = change(found[1].lower(), value)
        if new == value:
            return found[0]
        mark = "'" if '"' in new else '"'
        return f"{found[1]}={mark}{new}{mark}"

    return _ATTRIBUTE.sub(changed, inside)


def change_styles(html: str, change: Callable[[str], str]) -> str:
    """Put `change(css)` in the place of what stands in each style element."""
    return _STYLE.sub(lambda found: f"{found[1]}{change(found[2])}{found[3]}", html)
