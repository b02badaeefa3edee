"""Frozen text: literal pieces with slots between them, filled by joining.

The text is split at its slots once; filling it for a member is one join. No template language
runs over what authors or members wrote, so no value can ever be read as code.
"""

import html
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote


class Context(StrEnum):
    """Where in a document a slot stands, which decides how its value is escaped."""

    HTML = "html"
    """Text or a quoted attribute of HTML."""
    URL = "url"
    """One component of a URL, in HTML or in plain text."""
    LINK = "link"
    """A whole URL of our own making (unsubscribe, preferences)."""
    PLAIN = "plain"
    """The text part or a header: as it is."""


def escape(value: str, context: Context) -> str:
    """Make `value` safe to stand in `context`."""
    return _ESCAPES[context](value)


def _quoted(value: str) -> str:
    return quote(value, safe="")


_ESCAPES: Mapping[Context, Callable[[str], str]] = {
    Context.HTML: html.escape,  # quotes included, unless it is told otherwise
    Context.URL: _quoted,
    Context.LINK: html.escape,
    Context.PLAIN: str,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The texts that a member's value chooses from, such as a moment on the clock of each zone."""

    pairs: tuple[tuple[str, str], ...]
    """Value and text, sorted by value."""

    def __hash__(self) -> int:
        """Tell choices apart well enough, at once: slots are keys for every batch."""
        return hash((len(self.pairs), self.pairs[:1]))

    def text_for(self, value: str) -> str | None:
        """Give the text for `value`; None where there is none."""
        at = bisect_left(self.pairs, (value,))
        found = at < len(self.pairs) and self.pairs[at][0] == value
        return self.pairs[at][1] if found else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place left for a member's own value."""

    name: str
    context: Context
    fallback: str | None = None
    """Stands in where the member has no value; None where the author gave none."""
    choices: Choices | None = None
    """Where there are some, the value only chooses one of them, or counts as missing."""

    def value(self, values: Mapping[str, str]) -> str:
        """Take the member's value, or the fallback where it is missing or empty.

        Raises:
            KeyError: there is neither.
        """
        found = values.get(self.name)
        if self.choices is not None:
            found = self.choices.text_for(found or "")
        found = found or self.fallback
        if found is None:
            raise KeyError(self.name)
        return found

    def fill(self, values: Mapping[str, str]) -> str:
        """Take the value and escape it for the place.

        Raises:
            KeyError: the member has no value and the slot no fallback.
        """
        return _ESCAPES[self.context](self.value(values))


@dataclass(frozen=True, slots=True)
class Frozen:
    """A text with slots; `literals` is one longer than `slots`."""

    literals: tuple[str, ...]
    slots: tuple[Slot, ...] = ()

    def fill(self, values: Mapping[str, str]) -> str:
        """Write the text with each slot filled from `values`.

        Raises:
            KeyError: a slot has neither value nor fallback.
        """
        if not self.slots:
            return self.literals[0]
        pieces = [""] * (2 * len(self.slots) + 1)
        pieces[::2] = self.literals
        pieces[1::2] = [slot.fill(values) for slot in self.slots]
        return "".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with every message of a document, the same for all members."""

    name: str
    """Letters, digits, dots and dashes only."""
    kind: str
    """The media type with its parameters, such as `text/calendar; charset=utf-8`."""
    content: bytes
    content_id: str = ""
    """Under which the HTML shows it (`cid:...`, RFC 2392); empty for a file beside the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One variant of a compiled issue: everything that a batch of messages shares."""

    subject: Frozen
    """Slots are `PLAIN`."""
    preheader: Frozen
    """What inboxes show behind the subject; also stands hidden at the top of `html`. `PLAIN`."""
    html: Frozen
    text: Frozen
    """The plain-text part, wrapped; slots are `PLAIN`, `URL` or `LINK`."""
    attachments: tuple[Attachment, ...] = ()
    """Pictures that the HTML shows, and files beside the text."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """List each distinct slot of the document once, in order of first appearance."""
        parts = (self.subject, self.preheader, self.html, self.text)
        return tuple(dict.fromkeys(slot for part in parts for slot in part.slots))
