"""Which parts of a Markdown text are code, where nothing an author writes has a meaning to us."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*(?P<mark>`{3,}|~{3,})(?P<info>.*)")
"""CommonMark section 4.5, also inside quotes and lists."""

_TICKS = re.compile(r"\\.|`+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Literals:
    """The stretches of a text that are code: `starts[i]` to `ends[i]`, in order."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def __contains__(self, index: int) -> bool:
        """Tell whether the character `index` is code."""
        before = bisect_right(self.starts, index) - 1
        return before >= 0 and index < self.ends[before]


NOTHING = Literals()
"""For texts that are not Markdown, such as the subject."""


def find_literals(markdown: str) -> Literals:
    """Find fenced code blocks and inline code in `markdown`."""
    stretches = sorted(_stretches(markdown))
    return Literals(tuple(start for start, _ in stretches), tuple(end for _, end in stretches))


def _stretches(markdown: str) -> Iterator[tuple[int, int]]:
    position = paragraph = 0
    fence = ""
    for line in markdown.split("\n"):
        end = position + len(line)
        match = _FENCE.fullmatch(line)
        if fence:
            yield position, end
            if match and _closes(match, fence):
                fence, paragraph = "", end
        elif match and not ("`" in match["mark"] and "`" in match["info"]):
            yield from _inline_code(markdown, paragraph, position)
            yield position, end
            fence = match["mark"]
        elif not line.strip():
            yield from _inline_code(markdown, paragraph, position)
            paragraph = end
        position = end + 1
    if not fence:
        yield from _inline_code(markdown, paragraph, len(markdown))


def _closes(match: re.Match[str], fence: str) -> bool:
    mark = match["mark"]
    return mark[0] == fence[0] and len(mark) >= len(fence) and not match["info"].strip()


def _inline_code(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find code spans in one paragraph (CommonMark section 6.1): as many backticks at each end."""
    if "`" not in markdown[start:end]:
        return
    runs = [match for match in _TICKS.finditer(markdown, start, end) if match[0][0] == "`"]
    closers = _runs_by_length(markdown, start, end)
    done = start
    for opening in runs:
        if opening.start() < done:
            continue
        later = closers.get(len(opening[0]), [])
        place = bisect_right(later, opening.start())
        if place < len(later):
            done = later[place] + len(opening[0])
            yield opening.start(), done


def _runs_by_length(markdown: str, start: int, end: int) -> dict[int, list[int]]:
    """List where runs of backticks begin; a backslash inside code escapes nothing."""
    found: dict[int, list[int]] = {}
    for match in re.compile("`+").finditer(markdown, start, end):
        found.setdefault(len(match[0]), []).append(match.start())
    return found
