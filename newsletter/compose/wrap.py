"""Wrap plain text to a width, for any script. The one door to wcwidth."""

import re
from collections.abc import Iterable, Iterator

WIDTH = 72
"""Columns of the text part; quoted in an answer it still fits 80."""


def width_of(text: str) -> int:
    """Tell how many columns of a fixed-width font `text` takes."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    # Control characters have no width of their own.
    width = wcswidth(text)
    return width if width >= 0 else sum(max(0, wcswidth(letter)) for letter in text)


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


_WIDE = (
    r"[\u2e80-\u2fff\u3003-\u3007\u3012-\u3013\u3020-\u30fa\u30ff-\u9fff\uf900-\ufaff\uff10-\uff19"
    r"\uff21-\uff3a\uff41-\uff5a\U00020000-\U0003ffff]"
)
"""Letters that Chinese and Japanese are written in: a line may end after any of them."""
_OPENING = r"[\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301d\uff08\uff3b\uff5b\uff5f]"
_CLOSING = (
    r"[\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301e\u301f\u30fb-\u30fe"
    r"\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u30a1\u30a3\u30a5\u30a7\u30a9"
    r"\u30c3\u30e3\u30e5\u30e7\u30ee\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d\u3005]"
)
"""What may not begin a line: marks, and the small letters of kana (JIS X 4051)."""
_PIECE = re.compile(
    rf"{_OPENING}*(?:{_WIDE}|(?:(?!{_WIDE}|{_OPENING}|{_CLOSING})\S)+){_CLOSING}*"
    rf"|{_OPENING}+|{_CLOSING}+"
)


def _pieces(word: str) -> Iterable[str]:
    if word.isascii():
        return (word,)
    pieces = _PIECE.findall(word)
    return pieces if sum(map(len, pieces)) == len(word) else (word,)
