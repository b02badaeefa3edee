"""Segment-only blocks: from a line `::: only students, fellows` to a line `:::`."""

import re
from dataclasses import dataclass

from newsletter.errors import AnnouncementError
from newsletter.issue.issue import OnlyBlock
from newsletter.issue.literal import NOTHING, Literals
from newsletter.issue.slots import Place

_FENCE = re.compile(r" {0,3}:{3,}[ \t]*(?P<words>.*)")
_ONLY = re.compile(r"only\b[ \t]*:?(?P<names>.*)", re.IGNORECASE)

_HOW = "write `::: only students` above the text and `:::` below it"


@dataclass(frozen=True, slots=True)
class Blocks:
    """What was found in a body."""

    found: tuple[OnlyBlock, ...]
    problems: tuple[AnnouncementError, ...]


@dataclass(slots=True)
class _Reading:
    """The blocks of a body, read line by line."""

    place: Place
    blocks: list[OnlyBlock]
    problems: list[AnnouncementError]
    segments: tuple[str, ...] = ()
    first: int = 0
    """The line of the block that is open; 0 where none is."""
    inner: int = 0
    """How many blocks are wrongly open inside it."""

    def open(self, line: int, words: str) -> None:
        only = _ONLY.fullmatch(words)
        if not only:
            self.refuse(line, f"'::: {words}' is not understood", _HOW)
        names = _names(only["names"]) if only else ()
        if only and not names:
            self.refuse(line, "this block names no segment", "write `::: only students`")
        if self.first:
            self.inner += 1
            self.refuse(
                line,
                f"a block cannot begin inside the block of line {self.file_line(self.first)}",
                "close that one with a line `:::` first",
            )
            return
        self.first, self.segments = line, names

    def close(self, line: int) -> None:
        if self.inner:
            self.inner -= 1
        elif not self.first:
            self.refuse(line, "there is no block to close here", _HOW)
        else:
            self.blocks.append(OnlyBlock(self.segments, self.first, line))
            self.first = 0

    def end(self) -> None:
        if self.first:
            self.refuse(
                self.first, "this block is never closed", "write a line `:::` below its text"
            )

    def refuse(self, line: int, problem: str, hint: str) -> None:
        self.problems.append(AnnouncementError(problem, at=self.place(line, 1), hint=hint))

    def file_line(self, line: int) -> int | None:
        return self.place(line, 1).line


def find_blocks(body: str, place: Place, literals: Literals = NOTHING) -> Blocks:
    """Find the segment-only blocks of `body` but those in `literals`, and what is wrong."""
    reading = _Reading(place, [], [])
    position = 0
    for number, line in enumerate(body.split("\n"), 1):
        fence = _FENCE.fullmatch(line)
        if fence and position not in literals:
            words = fence["words"].strip()
            if words:
                reading.open(number, words)
            else:
                reading.close(number)
        position += len(line) + 1
    reading.end()
    return Blocks(tuple(reading.blocks), tuple(reading.problems))


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
