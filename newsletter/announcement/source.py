"""The source: the text of one file, decoded."""

import codecs
import re
from dataclasses import dataclass

from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, warning

_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no author types and XML 1.0 section 2.2 (so MJML, too) does not take."""

_SPACES = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), " ")
"""Line and page breaks of word processors and layout programs, which editors do not count."""

_SAVE_AS_UTF8 = "save it as plain text in UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file as an author saved it."""

    path: str
    """The file, as the user named it."""
    text: str
    """With `\\n` at the end of lines, whatever the file has."""
    findings: tuple[Finding, ...] = ()


def decode(path: str, content: bytes) -> Source:
    """Turn the bytes of the file `path` into text.

    UTF-8 with or without a byte order mark, UTF-16 with one; anything else is read as
    Windows-1252, which older word processors write, and a finding says so.

    Raises:
        AnnouncementError: it is empty or not text.
    """
    text, findings = _decoded(path, content)
    text = re.sub("\r\n?", "\n", text).translate(_SPACES)
    strange = _NOT_TEXT.search(text)
    if strange:
        raise AnnouncementError(
            f"this is not text: it holds the control character U+{ord(strange[0]):04X}",
            at=place_of(path, text, strange.start()),
            hint=f"delete that character, or {_SAVE_AS_UTF8}",
        )
    if not text.strip():
        raise AnnouncementError(
            "the file is empty", at=Location(path), hint="write the announcement into it"
        )
    return Source(path=path, text=text, findings=findings)


def place_of(path: str, text: str, index: int) -> Location:
    """Tell line and column, both counted from 1, of the character `index` of `text`."""
    line_start = text.rfind("\n", 0, index) + 1
    return Location(path, text.count("\n", 0, index) + 1, index - line_start + 1)


def _decoded(path: str, content: bytes) -> tuple[str, tuple[Finding, ...]]:
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16"), ()
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as reason:
        return _as_windows_1252(path, content, reason)


def _as_windows_1252(
    path: str, content: bytes, reason: UnicodeDecodeError
) -> tuple[str, tuple[Finding, ...]]:
    line = content.count(b"\n", 0, reason.start) + 1
    try:
        if b"\0" in content:
            raise reason
        text = content.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise AnnouncementError(
            "this is a binary file, not text", at=Location(path), hint=_SAVE_AS_UTF8
        ) from error
    repaired = warning(
        "encoding-guessed",
        "the file is not UTF-8; it was read as Windows-1252",
        at=Location(path, line),
        hint=f"check accents and quotation marks, then {_SAVE_AS_UTF8}",
    )
    return text, (repaired,)
