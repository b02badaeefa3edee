"""Reads theme.toml: what a theme is for, which blocks it draws, and its words."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.compose.page import BLOCKS
from newsletter.compose.pictures import SHAPES
from newsletter.compose.themefiles import SETTINGS, ThemeFiles, read_text
from newsletter.compose.wording import Words, read_wordings
from newsletter.errors import Location, ThemeError

_WORDS = "words.toml"
_KEYS = ("about", "blocks", "contents", "image", "lang")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeSettings:
    """What theme.toml says."""

    about: str
    """What the theme is for, in one line."""
    blocks: frozenset[str]
    image: str
    """The shape of the picture under the headline, one of `SHAPES`."""
    has_contents: bool
    wordings: Mapping[str, Words]


def read_theme_settings(theme: ThemeFiles) -> ThemeSettings:
    """Read theme.toml, and the shared words.toml below it.

    Raises:
        ThemeError: it is no TOML, a key is wrong, English is missing, or a language is incomplete.
    """
    path = theme.own / SETTINGS
    own = _read(path)
    for key in own.keys() - set(_KEYS):
        raise ThemeError(
            f"{key!r} is no key of {SETTINGS}",
            at=Location(str(path)),
            hint=f"write one of {', '.join(_KEYS)}",
        )
    words = theme.find(_WORDS)
    shared = _read(words).get("lang", {}) if words else {}
    return ThemeSettings(
        about=str(own.get("about", "")),
        blocks=_blocks(own.get("blocks", sorted(BLOCKS)), str(path)),
        image=_image(own.get("image", "wide"), str(path)),
        has_contents=_contents(own.get("contents", False), str(path)),
        wordings=read_wordings(own.get("lang", {}), str(path), shared),
    )


def _blocks(written: object, path: str) -> frozenset[str]:
    names = frozenset(map(str, written)) if isinstance(written, list) else frozenset({str(written)})
    unknown = ", ".join(sorted(names - BLOCKS))
    if unknown or not isinstance(written, list):
        problem = f"blocks names what is no block: {unknown or written}"
        hint = f"list some of {', '.join(sorted(BLOCKS))}"
        raise ThemeError(problem, at=Location(path), hint=hint)
    return names


def _image(written: object, path: str) -> str:
    if written in SHAPES:
        return str(written)
    problem = f"image is no shape: {written!r}"
    raise ThemeError(problem, at=Location(path), hint=f"write one of {', '.join(sorted(SHAPES))}")


def _contents(written: object, path: str) -> bool:
    if isinstance(written, bool):
        return written
    problem, hint = f"contents is neither true nor false: {written!r}", "write contents = true"
    raise ThemeError(problem, at=Location(path), hint=hint)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as reason:
        line = re.search(r"line (\d+)", str(reason))
        at = Location(str(path), int(line[1]) if line else None)
        raise ThemeError(
            f"this is not TOML: {reason}", at=at, hint="put texts in quotes"
        ) from reason
