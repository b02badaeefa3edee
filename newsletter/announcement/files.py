"""Reading announcement files."""

import os
import stat
from pathlib import Path

from newsletter.announcement.source import Source, decode
from newsletter.errors import AnnouncementError, Location
from newsletter.suggest import did_you_mean

MARKDOWN_SUFFIXES = (".md", ".markdown")
PLAIN_TEXT_SUFFIXES = (".txt",)

LARGEST = 2_000_000
"""In bytes; no email is longer, and a larger file is a mistake that should fail at once."""


def read_source(path: str) -> Source:
    """Read the file at `path`.

    Raises:
        AnnouncementError: it is missing, of a kind that cannot be read, too large, or not text.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as reason:
        raise _unreachable(path, reason) from reason
    _refuse_what_is_no_announcement(path, status)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as reason:
        raise _unreachable(path, reason) from reason
    if len(content) > LARGEST:
        raise _too_large(path, len(content))
    return decode(path, content)


def _refuse_what_is_no_announcement(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise AnnouncementError(
            "this is a folder", at=Location(path), hint="name one announcement file in it"
        )
    if not stat.S_ISREG(status.st_mode):
        raise AnnouncementError("this is not a file", at=Location(path), hint="name a file on disk")
    if Path(path).suffix.lower() not in MARKDOWN_SUFFIXES + PLAIN_TEXT_SUFFIXES:
        raise AnnouncementError(
            f"files of the kind {Path(path).suffix or 'without a suffix'!r} cannot be read",
            at=Location(path),
            hint="save it as Markdown (.md), Word (.docx) or plain text (.txt)",
        )
    if status.st_size > LARGEST:
        raise _too_large(path, status.st_size)


def _too_large(path: str, size: int) -> AnnouncementError:
    return AnnouncementError(
        f"the file has {size / 1e6:.1f} MB; an announcement has at most {LARGEST / 1e6:.0f} MB",
        at=Location(path),
        hint="keep the text in it and put pictures into files of their own",
    )


def _unreachable(path: str, reason: OSError | ValueError) -> AnnouncementError:
    if isinstance(reason, FileNotFoundError):
        return AnnouncementError("there is no such file", at=Location(path), hint=_closest(path))
    words = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return AnnouncementError(
        f"the file cannot be read: {words.lower()}",
        at=Location(path),
        hint="check its name and that you may read it",
    )


def _closest(path: str) -> str:
    try:
        names = sorted(
            each.name
            for each in Path(path).parent.iterdir()
            if each.suffix.lower() in MARKDOWN_SUFFIXES + PLAIN_TEXT_SUFFIXES
        )
    except OSError:
        return "check the folder's name"
    return did_you_mean(Path(path).name, names) or "check the file's name"
