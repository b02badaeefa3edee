"""How an element looks: its colours, the size and weight of its words, in one of the two looks.

The cascade as mail programs do it (CSS Cascading level 3), for the few properties that checks
ask for. What cannot be known for sure - an image behind the words, a colour that lets others
through - is None, and is not judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.check.css import Declarations, read_colour, read_size

_BOLD, _BOLD_NUMBER = frozenset({"bold", "bolder"}), 600
_NOT_SHOWN = frozenset({"head", "style", "script", "title", "template", "noscript"})
_BOLD_TAGS = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_ITALIC_TAGS = frozenset({"i", "em", "cite", "dfn", "var", "address"})
_HEADING_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_SCALED = {**_HEADING_SIZES, "small": 0.83, "sup": 0.83, "sub": 0.83, "big": 1.17}
_INVISIBLE = 2.0
"""Pixels: words of this size or less are there to hide something."""

PROPERTIES = frozenset(
    {"color", "background", "background-color", "background-image", "font-size", "font-weight"}
    | {"text-decoration", "text-decoration-line", "font-style", "display", "visibility"}
    | {"max-height", "opacity", "border-bottom"}
)
"""What a rule has to set for it to matter here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the words of an element look."""

    colour: str | None = "#000000"
    ground: str | None = "#ffffff"
    size: float = 16.0
    """Pixels."""
    is_bold: bool = False
    is_italic: bool = False
    is_marked: bool = False
    """Underlined, or with a line below."""
    is_hidden: bool = False
    """Nobody sees the element or anything in it."""

    @property
    def is_seen(self) -> bool:
        """Tell whether words of its own would be seen."""
        return not self.is_hidden and self.size > _INVISIBLE


LIGHT = Look()
DARK = Look(colour=None, ground=None)
"""What mail programs put behind a dark email is their own affair."""


def look_of(tag: str, attributes: Mapping[str, str], declared: Declarations, parent: Look) -> Look:
    """Work out the look of an element from that of its parent and what is declared for it."""
    values = {name: declaration.value for name, declaration in declared.items()}
    return Look(
        colour=_colour(tag, attributes, values, parent),
        ground=_ground(attributes, values, parent),
        size=_size(tag, values, parent.size),
        is_bold=_is_bold(tag, values, parent),
        is_italic=_is_italic(tag, values, parent),
        is_marked=_is_marked(tag, values, parent),
        is_hidden=parent.is_hidden or tag in _NOT_SHOWN or _hides(values, attributes),
    )


def _colour(
    tag: str, attributes: Mapping[str, str], values: Mapping[str, str], parent: Look
) -> str | None:
    value = values.get("color") or attributes.get("color" if tag == "font" else "text", "")
    if value.lower() == "inherit" or (not value and tag != "a"):
        return parent.colour
    if not value:
        return "#0000ee" if "href" in attributes else parent.colour
    return read_colour(value)


def _ground(attributes: Mapping[str, str], values: Mapping[str, str], parent: Look) -> str | None:
    if "background" in attributes or values.get("background-image", "none") != "none":
        return None
    value = values.get("background-color") or values.get("background") or attributes.get("bgcolor")
    if not value or value.lower() in {"transparent", "none", "inherit"}:
        return parent.ground
    return read_colour(value.split()[0] if "(" not in value else value)


def _size(tag: str, values: Mapping[str, str], parent: float) -> float:
    found = read_size(values["font-size"], parent) if "font-size" in values else None
    return parent * _SCALED.get(tag, 1.0) if found is None else found


def _is_bold(tag: str, values: Mapping[str, str], parent: Look) -> bool:
    value = values.get("font-weight", "")
    if not value or value == "inherit":
        return tag in _BOLD_TAGS or parent.is_bold
    return value in _BOLD or (value.isdecimal() and int(value) >= _BOLD_NUMBER)


def _is_italic(tag: str, values: Mapping[str, str], parent: Look) -> bool:
    value = values.get("font-style", "")
    if value in {"", "inherit"}:
        return tag in _ITALIC_TAGS or parent.is_italic
    return value in {"italic", "oblique"}


def _is_marked(tag: str, values: Mapping[str, str], parent: Look) -> bool:
    line = f"{values.get('text-decoration', '')} {values.get('text-decoration-line', '')}"
    if "underline" in line or re.match(r"[1-9]", values.get("border-bottom", "")):
        return True
    if "none" in line:
        return False
    return parent.is_marked or tag in {"a", "u", "ins"}


def _hides(values: Mapping[str, str], attributes: Mapping[str, str]) -> bool:
    return (
        values.get("display") == "none"
        or values.get("visibility") == "hidden"
        or "hidden" in attributes
        or bool(re.fullmatch(r"0(?:px)?", values.get("max-height", "")))
        or bool(re.fullmatch(r"0(?:\.0*)?", values.get("opacity", "")))
    )
