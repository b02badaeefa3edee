"""Plain text as Markdown that reads exactly as the text was written."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

SLOT_LIKE = r"\{\{[^{}\n]{0,200}\}\}"
"""Stays as it is, so that slots work in plain text, too."""

_PIECE = re.compile(rf"{SLOT_LIKE}|(?P<markup>[\\`*_\[\]()<>&~|#!$^=+\-.:\"'])")
"""`markup` is all that Markdown or an extension of it may act on."""

_WRAPPED = range(50, 101)
"""In characters: lines of such a length are one paragraph, wrapped by an editor."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one line of the body came from."""

    line: int
    """The line of the file, counted from 1."""
    shifts: tuple[tuple[int, int], ...] = ((1, 1),)
    """Pairs of columns, counted from 1: from this one of the body on, the file's begin there."""

    def column(self, body_column: int) -> int:
        """Tell which column of the file `body_column` is."""
        index = bisect_right(self.shifts, body_column, key=lambda shift: shift[0]) - 1
        body, file = self.shifts[max(index, 0)]
        return file + body_column - body


def to_markdown(lines: list[str], *, first: int = 1) -> tuple[str, tuple[Origin, ...]]:
    """Write `lines`, the first of which is line `first` of a file, as Markdown.

    Paragraphs are separated by empty lines; in a text without those each line is one. Returns
    the Markdown and the origin of each of its lines.
    """
    written: list[str] = []
    origins: list[Origin] = []
    for block in _paragraphs(lines, first):
        if written:
            written.append("")
            origins.append(Origin(block[0][0]))
        for position, (number, line) in enumerate(block):
            text, shifts = _escape(line)
            is_last = position == len(block) - 1
            written.append(text if is_last or _is_wrapped(block) else f"{text}\\")
            origins.append(Origin(number, shifts))
    return "\n".join(written), tuple(origins)


def _paragraphs(lines: list[str], first: int) -> list[list[tuple[int, str]]]:
    """Group the lines that belong together, each with its number in the file."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines, first):
        if line.strip():
            blocks[-1].append((number, line))
        elif blocks[-1]:
            blocks.append([])
    filled = [block for block in blocks if block]
    if len(filled) == 1:
        return [[line] for line in filled[0]]
    return [part for block in filled for part in _split_long(block)]


def _split_long(block: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Take lines longer than any editor wraps at for paragraphs of their own."""
    if any(len(line) >= _WRAPPED.stop for _, line in block):
        return [[line] for line in block]
    return [block]


def _is_wrapped(block: list[tuple[int, str]]) -> bool:
    return all(len(line.rstrip()) in _WRAPPED for _, line in block[:-1])


def _escape(line: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Write `line` so that nothing in it is markup; bare addresses become links all the same."""
    indent = len(line) - len(line.lstrip())
    text = line.strip()
    pieces: list[str] = []
    shifts = [(1, indent + 1)]
    read = 0
    for number, match in enumerate(_markup(text), 1):
        pieces += [text[read : match.start()], "\\"]
        read = match.start()
        shifts.append((read + number + 1, indent + read + 1))
    return "".join([*pieces, text[read:]]), tuple(shifts)


def _markup(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _PIECE.finditer(text) if match["markup"])
