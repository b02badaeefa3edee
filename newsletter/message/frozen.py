"""Frozen text: literal pieces with slots between them, filled by joining.

The text is split at its slots once; filling it for a member is one join. No template language
runs over what authors or members wrote, so no value can ever be read as code.
"""

import html
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
class Slot:
    """A place left for a member's own value."""

    name: str
    context: Context
    fallback: str | None = None
    """Stands in where the member has no value; None where the author gave none."""

    def value(self, values: Mapping[str, str]) -> str:
        """Take the member's value, or the fallback where it is missing or empty.

        Raises:
            KeyError: there is neither.
        """
        found = values.get(self.name) or self.fallback
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
class Document:
    """One variant of a compiled issue: everything that a batch of messages shares."""

    subject: Frozen
    """Slots are `PLAIN`."""
    preheader: Frozen
    """What inboxes show behind the subject; also stands hidden at the top of `html`. `PLAIN`."""
    html: Frozen
    text: Frozen
    """The plain-text part, wrapped; slots are `PLAIN`, `URL` or `LINK`."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """List each distinct slot of the document once, in order of first appearance."""
        parts = (self.subject, self.preheader, self.html, self.text)
        return tuple(dict.fromkeys(slot for part in parts for slot in part.slots))
