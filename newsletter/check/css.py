"""Reading CSS as far as checks need it: rules, their media, their declarations. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PIECE = re.compile(r"\s*([^{}]*?)\s*([{}])")
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_NAMED = {
    "white": "#ffffff",
    "black": "#000000",
    "red": "#ff0000",
    "green": "#008000",
    "blue": "#0000ff",
    "gray": "#808080",
    "grey": "#808080",
    "silver": "#c0c0c0",
    "maroon": "#800000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "teal": "#008080",
    "aqua": "#00ffff",
    "orange": "#ffa500",
}
"""The seventeen names of CSS 2.1; who uses another is not judged."""
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)", re.IGNORECASE)
_LENGTH = re.compile(r"(\d*\.?\d+)(px|pt|em|rem|%|)", re.IGNORECASE)
_BRIGHTEST, _SHORT_HEX = 255, 3


class Declaration(NamedTuple):
    """The value of one property."""

    value: str
    is_important: bool


Declarations = Mapping[str, Declaration]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a style sheet."""

    media: str
    """The condition of the at-rule around it, `@` included; empty where there is none."""
    selectors: tuple[str, ...]
    declarations: Declarations

    @property
    def is_dark(self) -> bool:
        """Tell whether it holds in the dark look only."""
        return bool(_DARK.search(self.media))


def read_rules(css: str) -> Iterator[Rule]:
    """Read the rules of a style sheet, those within at-rules too; what is broken is skipped."""
    media: list[str] = []
    plain = _COMMENT.sub("", css)
    at = 0
    while piece := _PIECE.match(plain, at):
        at = piece.end()
        head, brace = piece[1].rpartition(";")[2].strip(), piece[2]  # behind @import
        if brace == "}":
            media = media[:-1]
        elif head.startswith("@") and not head.lower().startswith(("@font-face", "@page")):
            media.append(head)
        else:
            end = plain.find("}", at)
            body = plain[at : end if end >= 0 else len(plain)]
            at = end + 1 if end >= 0 else len(plain)
            selectors = tuple(each.strip() for each in head.split(",") if each.strip())
            yield Rule(" ".join(media), selectors, read_declarations(body))


@lru_cache(maxsize=1024)  # an email says the same in most of its style attributes
def read_declarations(text: str) -> Declarations:
    """Read what stands in a style attribute or between the braces of a rule; the last wins."""
    found: dict[str, Declaration] = {}
    for part in re.split(r";(?![^(]*\))", text):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            plain = re.sub(r"\s*!\s*important\s*$", "", value.strip(), flags=re.IGNORECASE)
            found[name.strip().lower()] = Declaration(plain, plain != value.strip())
    return MappingProxyType(found)


def read_colour(value: str) -> str | None:
    """Read an opaque colour as lower-case `#rrggbb`; None for all others."""
    plain = value.strip().lower()
    if plain in _NAMED:
        return _NAMED[plain]
    found = _HEX.fullmatch(plain)
    if found:
        digits = found[1]
        return "#" + ("".join(each * 2 for each in digits) if len(digits) == _SHORT_HEX else digits)
    numbers = _RGB.fullmatch(plain)
    channels = [int(each) for each in numbers.groups()] if numbers else []
    if channels and max(channels) <= _BRIGHTEST:
        return "#" + "".join(f"{each:02x}" for each in channels)
    return None


def read_size(value: str, parent: float) -> float | None:
    """Read a font size in CSS pixels, relative to that of the parent; None where it is none."""
    found = _LENGTH.fullmatch(value.strip())
    if not found:
        return None
    number, unit = float(found[1]), found[2].lower()
    factors = {"px": 1.0, "": 0.0 if number == 0 else -1.0, "pt": 4 / 3, "rem": 16.0}
    factor = factors.get(unit, parent / (100 if unit == "%" else 1))
    return number * factor if factor >= 0 else None
