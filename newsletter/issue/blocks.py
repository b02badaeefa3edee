"""Blocks between lines of colons: segment-only ones are found, the others are checked."""

import re
from dataclasses import dataclass, field

from newsletter.errors import AnnouncementError
from newsletter.issue.directives import DIRECTIVES, ONLY
from newsletter.issue.issue import OnlyBlock
from newsletter.issue.literal import NOTHING, Literals
from newsletter.issue.slots import Place
from newsletter.suggest import did_you_mean

_FENCE = re.compile(r" {0,3}:{3,}[ \t]*(?P<words>.*)")
_ONLY = re.compile(r"only\b[ \t]*:?(?P<names>.*)", re.IGNORECASE)

_HOW = "write `::: only students` above the text and `:::` below it"


@dataclass(frozen=True, slots=True)
class Blocks:
    """What was found in a body."""

    found: tuple[OnlyBlock, ...]
    problems: tuple[AnnouncementError, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A block that is not closed yet."""

    line: int
    is_only: bool
    segments: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """The blocks of a body, read line by line."""

    place: Place
    blocks: list[OnlyBlock]
    problems: list[AnnouncementError]
    path: list[_Open] = field(default_factory=list)

    def open(self, line: int, words: str) -> None:
        only = _ONLY.fullmatch(words)
        name = words.split(maxsplit=1)[0].lower()
        if not only and name not in DIRECTIVES:
            hint = did_you_mean(name, (ONLY, *DIRECTIVES)) or _HOW
            self.refuse(line, f"'::: {words}' is not understood", hint)
        names = _names(only["names"]) if only else ()
        if only and not names:
            self.refuse(line, "this block names no segment", "write `::: only students`")
        outer = next((each for each in self.path if each.is_only), None)
        if only and outer:
            self.refuse(
                line,
                f"a block cannot begin inside the block of line {self.file_line(outer.line)}",
                "close that one with a line `:::` first",
            )
        self.path.append(_Open(line, bool(only) and outer is None, names))

    def close(self, line: int) -> None:
        if not self.path:
            self.refuse(line, "there is no block to close here", _HOW)
            return
        ended = self.path.pop()
        if ended.is_only:
            self.blocks.append(OnlyBlock(ended.segments, ended.line, line))

    def end(self) -> None:
        for block in self.path[:1]:
            self.refuse(block.line, "this block is never closed", "write a line `:::` below it")

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
