"""Freeze what was rendered: split it at its tokens, each with the context of its place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.compose.tokens import LINK_SLOTS, Tokens
from newsletter.errors import AnnouncementError, ThemeError
from newsletter.issue.issue import SlotUse
from newsletter.message.frozen import Context, Frozen, Slot

_TAG = re.compile(r"<[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_STYLE = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)

_LINKS = frozenset({"href", "src", "background", "action", "cite"})
_WORDS = frozenset({"alt", "title", "content", "aria-label", "summary", "abbr", "label"})
"""The attributes that hold words for people."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An attribute value of the document, or the inside of a style."""

    begin: int
    end: int
    name: str


def freeze_html(html: str, tokens: Tokens) -> Frozen:
    """Split HTML at its tokens; a token in a link is `URL` or `LINK`, elsewhere `HTML`.

    Raises:
        AnnouncementError: a slot stands where no member's value may: in a style, a tag, a host.
        ThemeError: a token was changed on its way, or the unsubscribe link is missing.
    """
    places = tuple(_places(html, tokens))

    def context_at(begin: int, use: SlotUse) -> Context:
        place = next((each for each in places if each.begin <= begin < each.end), None)
        if place is None:
            return Context.HTML
        if place.name in _LINKS:
            return _context_of_link(html[place.begin : place.end], use)
        if place.name in _WORDS:
            return Context.HTML
        raise _misplaced(use, f"it would stand in {place.name or 'a tag'}")

    frozen = _split(html, tokens, context_at)
    if not any(slot.name == "unsubscribe_url" for slot in frozen.slots):
        raise ThemeError(
            "the HTML of the theme has no unsubscribe link",
            hint='write <a href="{{ unsubscribe_url }}"> in issue.mjml.j2',
        )
    return frozen


def freeze_text(text: str, tokens: Tokens) -> Frozen:
    """Split the text part at its tokens: `URL` within an address, else `PLAIN`.

    Raises:
        ThemeError: a token was changed on its way, or the unsubscribe link is missing.
    """

    def context_at(begin: int, use: SlotUse) -> Context:
        if use.name in LINK_SLOTS:
            return Context.PLAIN
        word = re.split(r"\s", text[max(0, begin - 4000) : begin])[-1]
        return Context.URL if re.search(r"https?://|mailto:", word) else Context.PLAIN

    frozen = _split(text, tokens, context_at)
    if not any(slot.name == "unsubscribe_url" for slot in frozen.slots):
        raise ThemeError(
            "the text part of the theme has no unsubscribe link",
            hint="write {{ unsubscribe_url }} in issue.txt.j2",
        )
    return frozen


def freeze_line(text: str, tokens: Tokens) -> Frozen:
    """Split a subject or preheader at its tokens, all `PLAIN`."""
    return _split(text, tokens, lambda begin, use: Context.PLAIN)  # noqa: ARG005 - everywhere the same


def _split(text: str, tokens: Tokens, context_at: Callable[[int, SlotUse], Context]) -> Frozen:
    literals, slots, done = [], [], 0
    for found in tokens.pattern.finditer(text):
        use = tokens.uses[int(found[1])]
        literals.append(text[done : found.start()])
        slots.append(Slot(use.name, context_at(found.start(), use), use.fallback))
        done = found.end()
    literals.append(text[done:])
    if any(tokens.is_mangled(literal) for literal in literals):
        raise ThemeError(
            "the theme changes the text of a slot, so no member's value can be put there",
            hint="take filters such as |lower or |truncate away from title, body and links",
        )
    return Frozen(tuple(literals), tuple(slots))


def _context_of_link(value: str, use: SlotUse) -> Context:
    if use.name not in LINK_SLOTS:
        return Context.URL
    if not re.fullmatch(r"QZ[0-9A-Z]+ZQ", value):
        raise _misplaced(use, "it is a whole link and nothing may stand around it")
    return Context.LINK


def _misplaced(use: SlotUse, problem: str) -> AnnouncementError:
    shown = use.source or f"{{{{ {use.name} }}}}"
    hint = "use it in running text, or behind the ? of a link"
    return AnnouncementError(f"{shown} cannot be filled: {problem}", at=use.at, hint=hint)


def _places(html: str, tokens: Tokens) -> Iterator[_Place]:
    for style in _STYLE.finditer(html):
        yield _Place(style.start(), style.end(), "a style")
    for tag in _TAG.finditer(html):
        if tokens.nonce not in tag[0]:
            continue
        for attribute in _ATTRIBUTE.finditer(tag[0]):
            group = 2 if attribute[2] is not None else 3
            begin, end = (tag.start() + at for at in attribute.span(group))
            yield _Place(begin, end, attribute[1].lower())
        yield _Place(tag.start(), tag.end(), "")
