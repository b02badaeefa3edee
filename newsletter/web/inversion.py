"""Forced dark mode: what mail programs make of colours that nobody wrote for them. Pure.

There are two kinds (litmus.com, "The ultimate guide to dark mode for email"): *full* inversion
turns every colour over, those of dark areas too (Gmail on the iPhone, Outlook for Windows);
*partial* inversion makes light grounds dark and dark words light, and leaves the rest (Gmail on
Android, Outlook.com and the apps of Outlook). What exactly they do they do not say, so what stands
here is an approximation: hue and saturation stay, and lightness is turned over.
"""

import colorsys
import re
from collections.abc import Callable
from enum import StrEnum

from newsletter.check.css import read_colour
from newsletter.web.tags import change_attributes, change_styles, change_tags

_Style = Callable[[str], str]


class Inversion(StrEnum):
    """How a mail program forces an email to be dark."""

    FULL = "full"
    PARTIAL = "partial"
    OUTLOOK = "outlook"
    """Partial; and it marks what it changed, so that styles of a theme can answer
    (`[data-ogsc]`, `[data-ogsb]`)."""


_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)(\s*:\s*)([^;{}\"]+)", re.IGNORECASE)
_COLOUR = re.compile(
    r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|rgb\([^)]*\)"
    r"|(?<![\w-])(?:white|black|silver|gray|grey|red|green|blue|navy|teal|maroon|purple|olive"
    r"|yellow|orange|lime|aqua|fuchsia)(?![\w-])",
    re.IGNORECASE,
)
_WORDS = frozenset({"color", "-webkit-text-fill-color", "text-decoration-color"})
_GROUNDS = frozenset({"background", "background-color", "bgcolor"})
_LINES = re.compile(r"border(-(top|right|bottom|left))?(-color)?|outline(-color)?")
_MIDDLE = 0.5
"""Of lightness: below it a colour counts as dark."""
_DARKEST = 0.07
"""Programs do not go down to black: Gmail shows white as #121212 and near to it."""


def invert(html: str, how: Inversion) -> str:
    """Force the light look of `html` to be dark, as `how` says."""

    def changed_style(css: str) -> str:
        return _DECLARATION.sub(lambda found: _declaration(found, how), css)

    def changed_tag(tag: str, inside: str) -> str:
        told = set[str]()

        def changed(name: str, value: str) -> str:
            new = _attribute(name, value, changed_style, how)
            if new != value:
                told.update(_marks(name, value))
            return new

        new = change_attributes(inside, changed)
        marks = "".join(f' {mark}=""' for mark in sorted(told)) if how is Inversion.OUTLOOK else ""
        return _with_marks(new, marks) if tag != "meta" else inside

    inverted = change_tags(change_styles(html, _unless_marked(changed_style)), changed_tag)
    canvas = "<style>html{background-color:#121212;color:#ededed;color-scheme:light}</style>"
    return inverted.replace("<head>", f"<head>{canvas}", 1)


def turned(colour: str) -> str:
    """Turn the lightness of `#rrggbb` over and keep its hue."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels)
    new = _DARKEST + (1 - lightness) * (1 - _DARKEST)
    return "#" + "".join(f"{round(each * 255):02x}" for each in _rgb(hue, new, saturation))


def is_dark(colour: str) -> bool:
    """Tell whether `#rrggbb` is nearer to black than to white."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return (max(channels) + min(channels)) / 2 < _MIDDLE


def _rgb(hue: float, lightness: float, saturation: float) -> tuple[float, float, float]:
    return colorsys.hls_to_rgb(hue, lightness, saturation)


def _declaration(found: re.Match[str], how: Inversion) -> str:
    name = found[1].lower()
    value = _COLOUR.sub(lambda colour: _changed(name, colour[0], how), found[3])
    return f"{found[1]}{found[2]}{value}"


def _changed(name: str, text: str, how: Inversion) -> str:
    colour = read_colour(text)
    if colour is None:
        return text
    if name in _WORDS:
        is_touched = how is Inversion.FULL or is_dark(colour)
    elif name in _GROUNDS or _LINES.fullmatch(name):
        is_touched = how is Inversion.FULL or not is_dark(colour)
    else:
        is_touched = False
    return turned(colour) if is_touched else text


def _attribute(name: str, value: str, changed_style: _Style, how: Inversion) -> str:
    if name == "style":
        return changed_style(value)
    return _changed(name, value, how) if name in ("bgcolor", "color") else value


def _marks(name: str, value: str) -> set[str]:
    """Name the attributes by which Outlook tells what it changed (Original Graph Style)."""
    is_words = name == "color" or re.search(r"(?<![\w-])color\s*:", value)
    is_ground = name == "bgcolor" or "background" in value
    return {*(["data-ogsc"] if is_words else []), *(["data-ogsb"] if is_ground else [])}


def _with_marks(inside: str, marks: str) -> str:
    if not marks:
        return inside
    return f"{inside[:-1]}{marks}/" if inside.endswith("/") else f"{inside}{marks}"


def _unless_marked(changed_style: _Style) -> _Style:
    """Leave the rules alone that a theme wrote for Outlook's own dark mode."""

    def changed(css: str) -> str:
        parts = re.split(r"(\[data-ogs[^{}]*\{[^}]*\})", css)
        return "".join(each if at % 2 else changed_style(each) for at, each in enumerate(parts))

    return changed
