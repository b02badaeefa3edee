"""What classic Outlook for Windows makes of an email: its conditional comments, resolved. Pure.

Word, which Outlook shows emails with, reads `<!--[if mso]>...<![endif]-->` as markup and passes
over `<!--[if !mso]><!-->...<!--<![endif]-->`; everybody else does the opposite
(learn.microsoft.com, "Word HTML and CSS rendering capabilities"). What Word does not know
of CSS is taken away here: rules of media, round corners, shadows, widest widths, widths of a `div`.
The rest is shown by a browser, so it is an approximation.
"""

import re
from dataclasses import dataclass

from newsletter.web.tags import change_attributes, change_styles, change_tags

_HIDDEN = re.compile(r"<!--\[if ([^\]]*)\]>(?!\s*<!-->|\s*-->)(.*?)<!\[endif\]-->", re.DOTALL)
"""Downlevel-hidden: a comment to everybody but Word."""
_REVEALED = re.compile(r"<!--\[if ([^\]]*)\]>\s*(?:<!-->|-->)(.*?)<!--\s*<!\[endif\]-->", re.DOTALL)
"""Downlevel-revealed: markup to everybody but Word."""
_UNKNOWN = re.compile(
    r"(?<![\w-])(?:border-(?:[a-z]+-){0,2}radius|box-shadow|text-shadow|max-width|min-width"
    r"|max-height|opacity|float|position|object-fit|background-image|background-size"
    r"|text-wrap)\s*:[^;}\"]*;?",
    re.IGNORECASE,
)
_WIDTH = re.compile(r"(?<![\w-])width\s*:[^;]*;?", re.IGNORECASE)
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_VERSION = 16
"""That of Outlook 2016 and all later ones."""
_CLAIM = re.compile(
    r"(!?)\s*(?:(lt|lte|gt|gte)\s+)?(mso|ie|true|false)(?:\s+(\d+))?", re.IGNORECASE
)
_SAMPLE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """One conditional comment of an email."""

    condition: str
    is_for_outlook: bool
    """Outlook shows what is in it."""
    markup: str
    """The beginning of it."""


def conditionals(html: str) -> tuple[tuple[Conditional, int], ...]:
    """List the conditional comments of `html`, those that are alike once, with how often."""
    counts: dict[Conditional, int] = {}
    for kind in (_HIDDEN, _REVEALED):
        for found in kind.finditer(html):
            each = Conditional(
                condition=found[1].strip(),
                is_for_outlook=_holds(found[1]),
                markup=" ".join(found[2].split())[:_SAMPLE],
            )
            counts[each] = counts.get(each, 0) + 1
    return tuple(counts.items())


def as_outlook(html: str) -> str:
    """Show `html` as classic Outlook reads it."""
    shown = _REVEALED.sub(lambda found: found[2] if _holds(found[1]) else "", html)
    shown = _HIDDEN.sub(lambda found: found[2] if _holds(found[1]) else "", shown)
    # What is meant for Word alone and means nothing to a browser.
    shown = re.sub(r"<xml>.*?</xml>|</?noscript>", "", shown, flags=re.DOTALL | re.IGNORECASE)
    shown = change_styles(shown, lambda css: _plain(_MEDIA.sub("", css)))
    shown = change_tags(shown, _tag)
    font = "<style>body,td,p,div{font-family:Calibri,'Times New Roman',serif}</style>"
    return shown.replace("<head>", f"<head>{font}", 1)


def _tag(tag: str, inside: str) -> str:
    def changed(name: str, value: str) -> str:
        if name != "style":
            return value
        return _WIDTH.sub("", _plain(value)) if tag == "div" else _plain(value)

    return change_attributes(inside, changed)


def _plain(css: str) -> str:
    return _UNKNOWN.sub("", css)


def _holds(condition: str) -> bool:
    """Tell whether a condition is true in Outlook: `mso`, `!mso`, `gte mso 9`, `mso | IE`."""
    plain = condition.replace("(", " ").replace(")", " ")
    return any(
        all(_claim(claim) for claim in alternative.split("&")) for alternative in plain.split("|")
    )


def _claim(text: str) -> bool:
    found = _CLAIM.fullmatch(text.strip())
    if not found:
        return False
    negation, operator, name, version = found.groups()
    is_true = name.lower() in ("mso", "true")
    if is_true and version:
        number = int(version)
        compared = {
            "lt": number > _VERSION,
            "lte": number >= _VERSION,
            "gt": number < _VERSION,
            "gte": number <= _VERSION,
        }
        is_true = compared.get((operator or "").lower(), number == _VERSION)
    return is_true != bool(negation)
