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


_QUOTES = {
    "de": ("„", "“", "‚", "‘"),  # noqa: RUF001 - quotation marks of German
    "cs": ("„", "“", "‚", "‘"),  # noqa: RUF001 - of Czech
    "pl": ("„", "”", "«", "»"),
    "fr": ("«\u00a0", "\u00a0»", "“", "”"),
    "es": ("«", "»", "“", "”"),
    "it": ("«", "»", "“", "”"),
    "pt": ("“", "”", "‘", "’"),  # noqa: RUF001 - of Portuguese
    "ru": ("«", "»", "„", "“"),
    "uk": ("«", "»", "„", "“"),
    "sv": ("”", "”", "’", "’"),  # noqa: RUF001 - of Swedish
    "fi": ("”", "”", "’", "’"),  # noqa: RUF001 - of Finnish
    "da": ("»", "«", "›", "‹"),  # noqa: RUF001 - of Danish
    "ja": ("「", "」", "『", "』"),
}
_ENGLISH = ("“", "”", "‘", "’")  # noqa: RUF001 - of English, and of all others


def quotes_of(lang: str) -> tuple[str, ...]:
    """Give the four quotation marks of a language, double and single (CLDR, `delimiters`)."""
    return _QUOTES.get(lang.lower().partition("-")[0], _ENGLISH)
