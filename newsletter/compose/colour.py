"""Colours: reading `#rrggbb` and the contrast between two of them (WCAG 2.2)."""

import re

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

READABLE = 4.5
"""The least contrast of body text, WCAG 2.2 criterion 1.4.3 (AA)."""

INK, PAPER = "#14161a", "#ffffff"


def parse_colour(text: str) -> str | None:
    """Read `#rgb` or `#rrggbb` as lower-case `#rrggbb`; None where it is neither."""
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))  # noqa: PLR2004 - rrggbb has six digits


def contrast(one: str, other: str) -> float:
    """Give the contrast of two `#rrggbb` colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """Choose white or ink for text on `background`, whichever is read better."""
    return max((PAPER, INK), key=lambda colour: contrast(colour, background))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's formula
