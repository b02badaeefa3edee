"""A headline for a text whose author gave none."""

import re
from dataclasses import dataclass

_LONGEST = 72
"""In characters; what a phone shows of a headline without filling the screen."""

_SHORTEST_SENTENCE = 20
"""In characters, so that `Dr.` ends no sentence."""

_SENTENCE = re.compile(rf".{{{_SHORTEST_SENTENCE},}}?[.!?。\uff01\uff1f](?=\s|$)")
"""A sentence of European or East Asian writing, whose marks are of full width."""

_LOOSE_ENDS = " ,;:-\u2013\u2014"
"""What no title may end in before its ellipsis; the last two are the dashes of print."""

_LONGEST_READ = 1_000
"""In characters: as much of a line, and in lines: as much of a text, as is looked at."""

_GREETING = re.compile(r"(?:dear|hello|hi|greetings|good \w+)\b.{0,60}|.{1,40},", re.IGNORECASE)

_HEADING = re.compile(r" {0,3}#(?:[ \t]+(?P<text>.*?))?(?:[ \t]+#+)?[ \t]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A first-level heading at the top of a Markdown text."""

    text: str
    line: int
    """Counted from 1 in the text."""
    column: int
    """Counted from 1."""


def find_heading(body: str) -> Heading | None:
    """Find the `# Heading` that is the first thing in `body`."""
    for number, line in enumerate(body.split("\n"), 1):
        if not line.strip():
            continue
        match = _HEADING.fullmatch(line.rstrip()[:_LONGEST_READ])
        if match and match["text"]:
            return Heading(_without_markup(match["text"]), number, match.start("text") + 1)
        return None
    return None


def derive_title(lines: list[str]) -> str:
    """Shorten the first sentence of a text that is no greeting; empty where there are no words."""
    for line in _candidates(lines[:_LONGEST_READ]):
        sentence = _SENTENCE.match(line)
        text = sentence[0] if sentence else line
        return _shorten(text).rstrip(" .,;:。")
    return ""


def _candidates(lines: list[str]) -> list[str]:
    """List the lines with words, as they read; greetings come last."""
    read = [" ".join(_without_markup(line[:_LONGEST_READ]).split()) for line in lines]
    worded = [line for line in read if re.search(r"\w", line)]
    return sorted(worded, key=lambda line: bool(_GREETING.fullmatch(line)))


def _without_markup(line: str) -> str:
    """Take away what Markdown and slots add to the words of `line`."""
    text = re.sub(r"\s*\{\{[^{}]*\}\}", "", line)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|<[^>]*>|[{}]", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s*(?:[#>]+|[-*+]|\d+[.)]|:::.*)(?:\s+|$)", "", text)
    return re.sub(r"(?<!\w)[*_`]+|[*_`]+(?!\w)", "", text).strip()


def _shorten(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    cut = text[: _LONGEST - 1]
    at_word, _, _ = cut.rpartition(" ")
    return f"{(at_word or cut).rstrip(_LOOSE_ENDS)}…"
