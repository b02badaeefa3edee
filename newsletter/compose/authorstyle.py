"""What of an author's own style attributes can stand in an email without breaking it. Pure."""

import re
from collections.abc import Iterator

from newsletter.compose.colour import PAPER, contrast, parse_colour, text_on
from newsletter.compose.sanitise import PROPERTIES
from newsletter.compose.tree import Node

_DARK_PAPER = "#1b2026"
"""The card in the dark, as in the shared CSS of themes."""

_VISIBLE = 3.0
"""The contrast under which words vanish in the light or in the dark (WCAG 2.2, 1.4.11)."""

_UNSAFE = re.compile(r"[\\{}@<>]|url\(|expression|javascript", re.IGNORECASE)
_PIXELS = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh|cm|in|mm)?(?![\w.])")
_IN_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0}

_LIMITS = {
    "margin": (0, 64),
    "padding": (0, 64),
    "border": (0, 12),
    "font-size": (10, 40),
    "line-height": (0, 72),
    "letter-spacing": (-1, 8),
    "width": (0, 536),
    "max-width": (0, 536),
}
"""Pixels: less or more than this tears a phone's screen, or cannot be read."""

_SIDES = frozenset({"left", "center", "right", "justify"})

_WHITE_SPACE = frozenset({"normal", "pre-line", "pre-wrap"})


def keep_styles(text: str) -> tuple[str, tuple[str, ...]]:
    """Give what may stay of the style attribute `text`, and the names of what may not."""
    given = dict(_declarations(text))
    kept = {name: value for name, value in given.items() if _may_stay(name, value)}
    if "background-color" in kept:
        ground = parse_colour(kept["background-color"])
        # Text in the theme's own colour is light in the dark: on a light ground it would vanish.
        if ground and "color" not in kept:
            kept["color"] = text_on(ground)
        elif not ground and "color" not in kept:
            del kept["background-color"]
    elif "color" in kept and not _is_seen(kept["color"]):
        del kept["color"]
    return "; ".join(f"{name}: {value}" for name, value in kept.items()), tuple(
        name for name in given if name not in kept
    )


def style_value(text: str, name: str) -> str:
    """Give the value of the property `name`, empty where `text` has none."""
    return dict(_declarations(text)).get(name, "")


def side_of(node: Node) -> str:
    """Tell to which side the words of `node` are to stand; empty where nothing says so."""
    if not node.attributes:
        return ""
    given = node.attributes.get("align", "").lower()
    given = given or style_value(node.attributes.get("style", ""), "text-align").lower()
    side = {"middle": "center"}.get(given, given)
    return side if side in _SIDES else ""


def _declarations(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        value = re.sub(r"\s*!\s*important\s*$", "", value, flags=re.IGNORECASE).strip()
        if name.strip() and colon and value:
            name = name.strip().lower()
            yield ("background-color" if name == "background" else name), value


def _may_stay(name: str, value: str) -> bool:
    if name not in PROPERTIES or _UNSAFE.search(value):
        return False
    if name == "white-space":
        return value.lower() in _WHITE_SPACE
    if name == "background-color":
        return bool(re.fullmatch(r"#?\w+", value))
    limits = _LIMITS.get(name) or _LIMITS.get(name.partition("-")[0])
    return not limits or all(_is_within(found, limits) for found in _PIXELS.finditer(value))


def _is_within(found: re.Match[str], limits: tuple[int, int]) -> bool:
    number, unit = float(found[1]), found[2] or ""
    if unit == "%":
        return 0 <= number <= 200  # noqa: PLR2004 - line heights and font sizes, too
    if unit not in _IN_PIXELS:
        return False
    return limits[0] <= number * _IN_PIXELS[unit] <= limits[1]


def _is_seen(colour: str) -> bool:
    name = {"black": "#000000", "white": "#ffffff"}.get(colour.lower(), colour)
    parsed = parse_colour(name)
    return not parsed or min(contrast(parsed, each) for each in (PAPER, _DARK_PAPER)) >= _VISIBLE
