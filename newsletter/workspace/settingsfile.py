"""The file of the settings: its text and its tables."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from newsletter.errors import InputErrors, Location, SettingsError


def read_text(path: Path) -> str:
    """Read the file.

    Raises:
        InputErrors: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        raise InputErrors(
            [
                SettingsError(
                    "cannot be read", at=Location(shown(path)), hint="save it as UTF-8 text"
                )
            ]
        ) from reason


def read_tables(path: Path, text: str) -> Mapping[str, object]:
    """Take its tables apart.

    Raises:
        InputErrors: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        place = re.search(r"line (\d+), column (\d+)", str(reason))
        at = Location(shown(path), *(map(int, place.groups()) if place else ()))
        words = re.sub(r"\s*\(at .*\)$", "", str(reason))
        error = SettingsError(f"cannot be read: {words}", at=at, hint="put text in quotes")
        raise InputErrors([error]) from reason


def shown(path: Path) -> str:
    """Give its path as errors show it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
