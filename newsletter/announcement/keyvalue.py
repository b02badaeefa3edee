"""The `Key: value` lines that staff put on top of a plain-text announcement."""

import re

from newsletter.announcement.header import KEYS, OTHER_WORDS, Entry, Header, flat, unknown_key
from newsletter.errors import Location
from newsletter.suggest import closest

_KEY_LINE = re.compile(r"(?P<key>[A-Za-z][A-Za-z_-]*(?: [A-Za-z_-]+){0,2})[ \t]*:(?:[ \t]+|$)")
"""One to three words and a colon."""

_SURE = 3
"""Letters; a shorter key is not taken for a typing mistake of another."""


def read_key_values(path: str, lines: list[str], *, first: int = 1) -> tuple[Header, list[str]]:
    """Read the keys on top of `lines`, the first of which is line `first` of the file `path`.

    Returns the header and all lines again, those with keys emptied. A line with a key that
    nobody knows stays in the text, since it may be a sentence; a finding says so.
    """
    header = Header(path)
    matches = _matches_on_top(lines)
    last_known = max((number for number, key in matches if _flat_name(key["key"])), default=-1)
    text = list(lines)
    for number, match in matches:
        name = _flat_name(match["key"])
        at = Location(path, first + number, 1)
        if name and number <= last_known:
            value = lines[number][match.end() :].strip()
            if value:
                header.add(name, Entry(value, Location(path, first + number, match.end() + 1)))
            text[number] = ""
        elif number < last_known or _is_typing_mistake(match["key"]):
            header.findings.append(unknown_key(match["key"], at, fate="the line stays in the text"))
    return header, text


def _matches_on_top(lines: list[str]) -> list[tuple[int, re.Match[str]]]:
    """List the lines that look like keys, up to the first that does not; empty lines count not."""
    found: list[tuple[int, re.Match[str]]] = []
    for number, line in enumerate(lines):
        match = _KEY_LINE.match(line)
        if match:
            found.append((number, match))
        elif line.strip():
            break
    return found


def _flat_name(key: str) -> str:
    """Give the key of `KEYS` that `key` means; empty where it means none."""
    name = flat(key)
    return name if name in KEYS else OTHER_WORDS.get(name, "")


def _is_typing_mistake(key: str) -> bool:
    return len(key) > _SURE and bool(closest(flat(key), (*KEYS, *OTHER_WORDS), cutoff=0.8))


def has_keys(lines: list[str]) -> bool:
    """Tell whether the first line with words is a key that is known."""
    return any(_flat_name(match["key"]) for _, match in _matches_on_top(lines)[:1])
