"""Origins: which line of which template wrote a tag of the rendered MJML.

Before Jinja2 reads a template, each start tag of MJML in it is given an attribute that names
its file and line; the tag carries it through loops, macros, includes and inheritance. It is
read where a mistake has to be told, and taken out before the email is compiled.
"""

import html
import re
from collections import deque

from newsletter.errors import Location

ATTRIBUTE = "newsletter-origin"

_TEMPLATE = re.compile(
    r"(?P<skipped>\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->)|<mj[a-z-]*(?=[\s/>{])", re.DOTALL
)
_MARKED = re.compile(rf' {ATTRIBUTE}="([^"]*):(\d+)"')


def mark(template: str, path: str) -> str:
    """Write the origin into each start tag of MJML in the Jinja2 source `template`."""
    parts, end, line = [], 0, 1
    name = html.escape(path).replace("{", "&#123;")
    for found in _TEMPLATE.finditer(template):
        line += template.count("\n", end, found.start())
        parts += [template[end : found.start()], found[0]]
        if found["skipped"] is None:
            parts.append(f' {ATTRIBUTE}="{name}:{line}"')
        line += found[0].count("\n")
        end = found.end()
    return "".join([*parts, template[end:]])


def unmark(rendered: str) -> str:
    """Take the origins out."""
    return _MARKED.sub("", rendered)


def origin_of(value: str | None) -> Location | None:
    """Read the value of the attribute."""
    path, _, line = (value or "").rpartition(":")
    return Location(path, int(line)) if path and line.isdecimal() else None


def origin_before(rendered: str, end: int) -> Location | None:
    """Find the last tag with an origin that begins before the index `end` of `rendered`."""
    last = deque(_MARKED.finditer(rendered, 0, end), maxlen=1)
    return origin_of(html.unescape(f"{last[0][1]}:{last[0][2]}")) if last else None


def root_of(rendered: str) -> Location | None:
    """Tell which line of which template wrote `<mjml>`."""
    end = rendered.find(">", rendered.find("<mjml"))
    return origin_before(rendered, end) if end >= 0 else None
