"""What the members of a batch fill slots with, a column at a time. Pure.

A batch carries up to a thousand members, and most of their values need no escaping at all. Looked
at as a whole column, that is found out for all of them at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from string import ascii_letters, digits

from newsletter.message.encoding import consists_of
from newsletter.message.frozen import Context, Slot, escape

_LETTERS = (ascii_letters + digits).encode()
_AS_IT_IS = _LETTERS + b" .,:;/@_~+=?!()*#%$|-"
"""Means itself in HTML, in plain text and within a JSON string."""
_AS_IT_IS_IN_URLS = _LETTERS + b"_.~-"


class Columns:
    """The values of a batch; each is taken once, however many slots show it."""

    __slots__ = ("_escaped", "_own", "_raw", "_values")

    def __init__(
        self,
        values: Sequence[Mapping[str, str]],
        own: Callable[[str], Sequence[str] | None] = lambda _name: None,
    ) -> None:
        """Take the values of each member, in the order of the batch.

        `own`: gives by its name what is a column already, which stands before any value.
        """
        self._values, self._own = values, own
        self._raw: dict[Slot, list[str]] = {}
        self._escaped: dict[Slot, list[str]] = {}

    def raw(self, slot: Slot) -> list[str]:
        """Give the value of each member for `slot`, not yet escaped.

        Raises:
            KeyError: a member has no value, and the slot no fallback.
        """
        bare = replace(slot, context=Context.PLAIN)
        found = self._raw.get(bare)
        if found is None:
            found = self._raw[bare] = self._taken(slot)
        return found

    def escaped(self, slot: Slot) -> list[str]:
        """Give the value of each member, escaped for where `slot` stands.

        Where nothing needs it, that is the very list of the raw values.

        Raises:
            KeyError: a member has no value, and the slot no fallback.
        """
        found = self._escaped.get(slot)
        if found is None:
            found = self._escaped[slot] = _escaped(self.raw(slot), slot.context)
        return found

    def _taken(self, slot: Slot) -> list[str]:
        own = self._own(slot.name)
        if own is not None and all(own):
            return [*own] if slot.choices is None else [slot.value({slot.name: v}) for v in own]
        if slot.choices is not None:
            return [slot.value(each) for each in self._values]
        name, fallback = slot.name, slot.fallback
        found = [each.get(name) or fallback for each in self._values]
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            raise KeyError(name)
        return known


def _escaped(raw: list[str], context: Context) -> list[str]:
    if context is Context.PLAIN or is_as_it_is(raw, context):
        return raw
    return at_once(raw, lambda text: escape(text, context))


def at_once(texts: Sequence[str], write: Callable[[str], str]) -> list[str]:
    """Write each of `texts` by `write`, all of them in one go.

    `write` must write one character after the other, whatever stands beside it.
    """
    written = write(_BETWEEN.join(texts)).split(write(_BETWEEN))
    # One that holds the separator, or what it is written as, makes more of them.
    return written if len(written) == len(texts) else [write(each) for each in texts]


_BETWEEN = "\x1f"


def is_as_it_is(raw: Sequence[str], context: Context) -> bool:
    """Tell whether all of `raw` mean themselves in `context`, and in JSON and headers, too."""
    plain = _AS_IT_IS_IN_URLS if context is Context.URL else _AS_IT_IS
    return consists_of("".join(raw), plain)
