"""Text as mail carries it: header lines and quoted-printable bodies, all in ASCII.

Every function gives text that is ready for the wire: CRLF line ends, no line longer than 76
characters, nothing that a value could break out of.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence

from newsletter.errors import InputError

_CRLF = "\r\n"
_LONGEST = 76
"""RFC 2045 section 6.7 and RFC 2047 section 2; RFC 5322 wants no header line above 78."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, the two Unicode line separators, and halves of characters."""
_PRINTABLE_ASCII = re.compile("[ -~]*")
_WORD_OCTETS = 39
"""So many octets make an encoded word of 64 characters, which fits behind any header's name."""
_LONGEST_PHRASE = 64


def check_printable(what: str, text: str) -> str:
    """Give `text` back if it can stand in a header.

    Raises:
        InputError: it holds a line break or another control character, which could smuggle a
            header of its own into the message.
    """
    if _UNPRINTABLE.search(text):
        raise InputError(
            f"{what} {text!r} has a line break or another control character in it",
            hint="write it in one line of plain characters",
        )
    return text


def phrase(name: str) -> str:
    """Write a display name for a header: a quoted string, or encoded words (RFC 2047)."""
    if _is_plain(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        if len(escaped) <= _LONGEST_PHRASE:
            return f'"{escaped}"'
    return encoded(name)


def encoded(name: str) -> str:
    """Write a display name as encoded words (RFC 2047), whatever is in it."""
    return " ".join(_encoded_words(name))


def structured(name: str, value: str) -> str:
    """Fold the ASCII `value` of the header `name` at its spaces, never inside a word."""
    if len(name) + 2 + len(value) <= _LONGEST:
        return value
    return _folded(name, value.split(" "))


def unstructured(name: str, text: str) -> str:
    """Encode free `text` in any script, such as a subject, as the value of the header `name`."""
    if not _is_plain(text):
        return _folded(name, _encoded_words(text))
    if len(name) + 2 + len(text) <= _LONGEST:
        return text
    words = text.split(" ")
    # A run of spaces could become a line of spaces, and a long word a line of that length.
    can_fold = all(words) and max(map(len, words)) < _LONGEST - len(name) - 2
    return _folded(name, words if can_fold else _encoded_words(text))


def _is_plain(text: str) -> bool:
    # What looks like an encoded word is encoded itself, or a reader would decode it.
    return bool(_PRINTABLE_ASCII.fullmatch(text)) and "=?" not in text


def _encoded_words(text: str) -> list[str]:
    """Split `text` into encoded words, never inside a character (RFC 2047 section 5)."""
    whole = text.encode()
    if len(whole) <= _WORD_OCTETS:
        return [_encoded_word(whole)]
    words = [""]
    size = 0
    for character in text:
        octets = len(character.encode())
        if size + octets > _WORD_OCTETS:
            words.append("")
            size = 0
        words[-1] += character
        size += octets
    return [_encoded_word(word.encode()) for word in words]


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode('ascii')}?="


def _folded(name: str, words: list[str]) -> str:
    """Join `words` by single spaces, on as many lines as they need after `name: `."""
    lines = [words[0]]
    room = _LONGEST - len(name) - 2
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
            room = _LONGEST
    return _CRLF.join(lines)


def unified(text: str) -> str:
    """Give `text` with every kind of line end as a bare newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


_PLAIN = re.compile(r"[!-\-/-<>-~](?:[ !-<>-~]{0,73}[!-<>-~])?")
"""Most members' names: one short line that needs no encoding at all."""
_PLAIN_WORD = re.compile("[!-<>-~]+")
"""Their links: nothing to encode, only to be broken."""
_WORD_AND_NEWLINE = bytes({*range(0x21, 0x7F), 0x0A} - {0x3D})
_SOFT = b"=\r\n"
_QUOTED = {octet: f"={octet:02X}" for octet in (*range(0x20), 0x3D, *range(0x7F, 0x100))}
"""RFC 2045 section 6.7, rules 1 and 2. Text is looked at as octets, one a character."""


def quoted_printable(text: str) -> str:
    """Encode `text`, which may begin and end anywhere in a body, from a line start on.

    A dot at the start of a line is encoded too, so SMTP never has to double it (RFC 5321
    section 4.5.2). What follows has to begin on a new line: see `soft_break`.
    """
    if _PLAIN.fullmatch(text):
        return text
    if _PLAIN_WORD.fullmatch(text):
        room = _LONGEST - 1
        parts = [text[at : at + room] for at in range(0, len(text), room)]
        if not any(part.startswith(".") for part in parts):
            return f"={_CRLF}".join(parts)
    octets = unified(text).encode().decode("latin-1")
    return _CRLF.join(
        part for line in octets.split("\n") for part in _quoted_line(line.translate(_QUOTED))
    )


def broken_words(texts: Sequence[str]) -> list[bytes] | None:
    """Encode `texts`, each a plain word of one or two lines, softly broken at their ends.

    Returns:
        What `soft_break(quoted_printable(text))` would give for each; None where one is not such
        a word.
    """
    room, joined = _LONGEST - 1, "\n".join(texts)
    if not consists_of(joined, _WORD_AND_NEWLINE) or joined.count("\n") != len(texts) - 1:
        return None
    lengths = set(map(len, texts))
    beginnings = {text[:1] for text in texts} | {text[room : room + 1] for text in texts}
    if not 0 < min(lengths) <= max(lengths) <= 2 * room or "." in beginnings:
        return None
    words = joined.encode("ascii").split(b"\n")
    if max(lengths) <= room:
        return [word + _SOFT for word in words]
    return [
        word[:room] + _SOFT + word[room:] + _SOFT if len(word) > room else word + _SOFT
        for word in words
    ]


def consists_of(text: str, octets: bytes) -> bool:
    """Tell whether `text` has no other characters than `octets`, which are ASCII.

    Taking them out is a look into a table for each, several times as fast as a pattern.
    """
    return text.isascii() and not text.encode("ascii").translate(None, octets)


def soft_break(encoded: str) -> str:
    """End `encoded` so that the next piece stands on a line of its own and nothing is added."""
    return f"{encoded}={_CRLF}" if encoded and not encoded.endswith("\n") else encoded


def _quoted_line(line: str) -> Iterator[str]:
    """Break one encoded line softly, each part but the last ending in `=`."""
    if line.endswith(" "):  # rule 3: no line ends in white space; tabs are encoded anywhere
        line = f"{line[:-1]}=20"
    start = 0
    while True:
        lead = "=2E" if line.startswith(".", start) else ""
        start += bool(lead)
        end = start + _LONGEST - 1 - len(lead)
        if len(line) <= end:
            yield lead + line[start:]
            return
        cut = line.rfind("=", end - 2, end)  # never inside `=XX`
        end = cut if cut >= 0 else end
        yield f"{lead}{line[start:end]}="
        start = end
