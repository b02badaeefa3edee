"""How the bytes of a list stand for letters: told by its first bytes, or guessed by its words.

Exports of older programs do not say how they are written. UTF-8 proves itself: hardly any other
text happens to be valid UTF-8. All other encodings accept nearly anything, so the one is taken
under which the words of a sample look like words.
"""

import codecs
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

SHOWN = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
}
"""What people call the encodings that are known here."""

_GUESSED = ("cp1252", "cp1250", "mac_roman", "cp850")
"""Those for Latin letters, the likeliest first: of two that fit as well, the first is taken."""

GUESSES = frozenset({*_GUESSED, "cp1251"})
"""What is taken for want of anything that proves it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The mark of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BETWEEN_WORDS = re.compile(rb"[^A-Za-z\x80-\xff']+")
_LONG_FOREIGN = 3
"""Letters in a row that are all beyond ASCII: no word of a Latin alphabet has so many."""
_WORDS = 2_000
_INNER_SIGNS = "'`\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}"
"""Signs that stand within names: O'Neil."""


def guess_encoding(path: Path) -> str | None:
    """Find the codec of the file at `path`; None where it is no text.

    Raises:
        OSError: it cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    words: list[bytes] = []
    is_utf_8 = True
    with path.open("rb") as stream:
        start = stream.read(1 << 20)
        known = next((name for mark, name in _BOMS if start.startswith(mark)), None)
        if known:
            return known
        if wide := _wide(start):
            return wide
        chunk = start
        while chunk:
            if b"\x00" in chunk:
                return None
            is_utf_8 = is_utf_8 and _decodes(decoder, chunk)
            if not is_utf_8 and len(words) < _WORDS:
                words += words_in(chunk)
            chunk = stream.read(1 << 20)
    if is_utf_8 and _decodes(decoder, b"", final=True):
        return "utf-8-sig"
    return likeliest(words)


def words_in(text: bytes) -> list[bytes]:
    """Find the words with letters beyond ASCII; a dash that stands alone is none."""
    found = _BETWEEN_WORDS.split(text)
    return [word for word in found if len(word) > 1 and not word.isascii()][:_WORDS]


def likeliest(words: Iterable[bytes]) -> str:
    """Choose the encoding under which `words`, each with bytes beyond ASCII, look like words."""
    sample = list(words)
    foreign = sum(_foreign_run(word) >= _LONG_FOREIGN for word in sample)
    if foreign * 2 > len(sample):
        return "cp1251"
    return min(_GUESSED, key=lambda name: sum(_strangeness(word, name) for word in sample))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final=final)
    except UnicodeDecodeError:
        return False
    return True


def _wide(start: bytes) -> str | None:
    """Tell UTF-16 without a mark by its zeros: every other byte of plain letters is one."""
    sample = start[:2_000]
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if half and odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if half and even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _foreign_run(word: bytes) -> int:
    return max(map(len, re.findall(rb"[\x80-\xff]+", word)))


def _strangeness(word: bytes, encoding: str) -> int:
    """Count what does not look like a word: signs among letters, capitals after small ones."""
    text = word.decode(encoding, errors="replace")
    signs = sum(not letter.isalpha() and letter not in _INNER_SIGNS for letter in text)
    capitals = sum(
        before.islower() and letter.isupper() and not letter.isascii()
        for before, letter in itertools.pairwise(text)
    )
    return 3 * signs + capitals
