"""Which way a language is written."""

import unicodedata

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "syr", "ug", "ur", "yi"}
)


def direction_of(lang: str) -> str:
    """Tell the direction of the language tag `lang`: `ltr` or `rtl`."""
    return "rtl" if lang.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def direction_of_text(text: str) -> str:
    """Tell the direction of `text` by its first letter that has one; empty where none has.

    Unicode Bidirectional Algorithm (UAX 9), rules P2 and P3.
    """
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind == "L":
            return "ltr"
        if kind in {"R", "AL"}:
            return "rtl"
    return ""
