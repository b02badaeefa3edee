"""Saving a segment into the file that the commands read."""

import tomllib
from pathlib import Path

from newsletter.audience.segmentfile import put_segment
from newsletter.errors import Refused
from newsletter.workspace.replacing import write_whole
from newsletter.workspace.workspace import Workspace


def save_segment(
    workspace: Workspace, name: str, title: str, rule: str, *, is_new: bool = False
) -> None:
    """Write the segment `name`, and leave all that stands around it as it is.

    Raises:
        Refused: it cannot be written, or a new one has the name of another.
    """
    path = workspace.settings.segments_file
    text = _text(path)
    if is_new and name in _names(text):
        raise Refused(f"there is a segment {name!r} already", hint="choose another name")
    changed = put_segment(text, name, title or name.replace("-", " ").capitalize(), rule)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, changed.encode())
    except OSError as reason:
        raise _unusable(path, reason) from reason


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as reason:
        raise _unusable(path, reason) from reason


def _names(text: str) -> set[str]:
    try:
        return set(tomllib.loads(text))
    except tomllib.TOMLDecodeError as reason:
        raise Refused(
            "the file of segments cannot be read", hint="mend it in a text editor first"
        ) from reason


def _unusable(path: Path, reason: Exception) -> Refused:
    words = getattr(reason, "strerror", None) or str(reason)
    return Refused(f"{path.name} cannot be read or written: {words}", hint="check its rights")
