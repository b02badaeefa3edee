"""Wrap plain text to a width, for any script."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

WIDTH = 72
"""Columns of the text part; quoted in an answer it still fits 80."""


def width_of(text: str) -> int:
    """Tell how many columns of a fixed-width font `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_width_of_letter(letter) for letter in text)


def _width_of_letter(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def wrap(text: str, *, first: str = "", rest: str | None = None, width: int = WIDTH) -> list[str]:
    """Wrap each line of `text`; `first` begins the first line, `rest` all others.

    Words are never broken (an address has to stay whole); between wide letters, as Chinese and
    Japanese are written in, any place is as good as a space.
    """
    following = first if rest is None else rest
    lines: list[str] = []
    for written in text.split("\n"):
        lines += _wrap_line(written, first if not lines else following, following, width)
    return lines


def _wrap_line(text: str, first: str, rest: str, width: int) -> list[str]:
    lines, line, room = [], "", width - width_of(first)
    for gap, word in _words(text):
        extended = line + gap + word if line else word
        if line and width_of(extended) > room:
            lines.append(line)
            line, room = word, width - width_of(rest)
        else:
            line = extended
    return [
        f"{rest if number else first}{each}".rstrip(" ")
        for number, each in enumerate([*lines, line])
    ]


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Give each piece that stays whole, with the space before it."""
    for word in re.split(r"[ \t]+", text.strip(" \t")):
        gap = " "
        for piece in _pieces(word):
            yield gap, piece
            gap = ""


def _pieces(word: str) -> Iterable[str]:
    if word.isascii():
        return (word,)
    return re.findall(
        r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60][\u3001-\u3003\u3009-\u3011"
        r"\uff01-\uff0e\uff1a-\uff1f\u300d\u300f]*|[^\u2e80-\u9fff\uf900-\ufaff"
        r"\uff00-\uff60]+",
        word,
    ) or (word,)
