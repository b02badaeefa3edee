"""Messages in files: a Maildir, an mbox, or one message."""

import mailbox
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple

from newsletter.errors import InputError, Location

LONGEST = 10_000_000
"""Bytes of a message that is looked at."""


class Letter(NamedTuple):
    """One message of a mailbox."""

    name: str
    """How a person finds it again."""
    message: Message


def count_letters(path: Path) -> int | None:
    """Tell how many messages there are to read; None where only reading tells."""
    if not _is_maildir(path):
        return None
    return sum(1 for folder in ("new", "cur") for _each in (path / folder).iterdir())


def read_letters(path: Path) -> Iterator[Letter]:
    """Read the messages at `path` one by one, changing nothing.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    try:
        if _is_maildir(path):
            yield from _maildir(path)
        elif path.is_dir():
            raise InputError(
                "is a folder, but no Maildir",
                at=Location(str(path)),
                hint="name the folder that holds `cur` and `new`",
            )
        elif _is_mbox(path):
            yield from _mbox(path)
        else:
            yield Letter(path.name, _parse(path.read_bytes()))
    except OSError as reason:
        raise InputError(
            f"cannot be read: {reason.strerror or reason}",
            at=Location(str(path)),
            hint="name a Maildir, an mbox file or an .eml file",
        ) from reason


def parse_letter(name: str, octets: bytes) -> Letter:
    """Take a message apart; whatever it is, it has a form."""
    return Letter(name, _parse(octets))


def _parse(octets: bytes) -> Message:
    return BytesParser().parsebytes(octets[:LONGEST])


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _maildir(path: Path) -> Iterator[Letter]:
    # mailbox.Maildir would move what is in `tmp`; reading is all that is wanted here.
    for folder in ("new", "cur"):
        for each in sorted((path / folder).iterdir()):
            if each.is_file() and not each.name.startswith("."):
                yield Letter(each.name, _parse(each.read_bytes()))


def _mbox(path: Path) -> Iterator[Letter]:
    opened = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(opened.iterkeys(), 1):
            yield Letter(f"message {number}", _parse(opened.get_bytes(key)))
    finally:
        opened.close()
