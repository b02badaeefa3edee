"""What a carrier said, made fit for the ledger: short, in one line, without anybody's address."""

import re

_ADDRESS = re.compile(r"<?[^\s<>@,;:\"']+@[^\s<>@,;:\"']+>?")
_CONTROLS_AND_SPACES = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_LONGEST = 300
_FIT = re.compile(r"[!-?A-~]+(?: [!-?A-~]+)*", re.ASCII)
"""Needs nothing done: printable words, one space between each two, and no address."""

_STRANGE = re.compile(r"[^!-~]")


def reference_of(said: object) -> str:
    """Keep the id that a provider gave a message, without the brackets around it."""
    return _STRANGE.sub("", str(said)).strip("<>")[:_LONGEST]


def note_of(said: bytes | str) -> str:
    """Keep what a person needs of an answer; each address becomes `(address)`."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if _FIT.fullmatch(text):
        return text[:_LONGEST]
    line = _CONTROLS_AND_SPACES.sub(" ", text).strip()
    # Cut last: a cut through an address could leave a part that is not recognised as one.
    return _ADDRESS.sub("(address)", line)[:_LONGEST]
