"""Cutting a paragraph of Markdown after so many words, never within its markup. Pure."""

import re

_ATOM = re.compile(
    # A link or a picture, a slot, code, an element, whatever stands between marks: all whole.
    r"!?\[(?:[^\[\]\\]|\\.)*\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])"
    r"|\{\{.*?\}\}"
    r"|`+[^`]*`+"
    r"|<[^<>\s][^<>]*>"
    r"|(?P<mark>\*\*|__|\*|_)(?=\S).*?(?<=\S)(?P=mark)(?!\w)"
    r"|\\.|\S",
    re.DOTALL,
)
_SLOT = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def shorten(text: str, words: int) -> str:
    """Keep the first `words` words of `text`; three dots stand for the others.

    A link, a slot, or anything between marks stays whole, so that it may be a few words more.
    """
    counted, end, position = 0, 0, 0
    for piece in _pieces(text):
        counted += len(_SLOT.sub("x", piece).split())
        position += len(piece)
        if counted <= words or not end:
            end = position
    kept = text[:end].rstrip()
    if not text[end:].strip():
        return text
    return f"{kept.rstrip(',;:')} \u2026"


def count_words(text: str) -> int:
    """Count the words of a Markdown text as its readers would: markup and addresses are none."""
    plain = re.sub(
        r"^ {0,3}:{3,}.*$|<[^<>]*>|\]\([^()]*\)|\{\{.*?\}\}", " ", text, flags=re.MULTILINE
    )
    return len(re.findall(r"[^\W_]+(?:[-'\u2019.][^\W_]+)*", plain))


def _pieces(text: str) -> list[str]:
    """Part a text at the spaces between its words, each with the space behind it."""
    pieces, start, position = [], 0, 0
    while position < len(text):
        atom = _ATOM.match(text, position)
        if atom:
            position = atom.end()
            continue
        while position < len(text) and text[position].isspace():
            position += 1
        pieces.append(text[start:position])
        start = position
    if start < len(text):
        pieces.append(text[start:])
    return pieces
