"""What the members of a batch fill slots with, a column at a time. Pure.

A batch carries up to a thousand members, and most of their values need no escaping at all. Held
against one pattern as a whole column, that is found out for all of them at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from newsletter.message.frozen import Context, Slot, escape

_AS_IT_IS = re.compile(r"[A-Za-z0-9 .,:;/@_~+=?!()*#%$|-]*", re.ASCII)
"""Means itself in HTML, in plain text and within a JSON string."""
_AS_IT_IS_IN_URLS = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)


class Columns:
    """The values of a batch; each is taken once, however many slots show it."""

    __slots__ = ("_raw", "_values")

    def __init__(self, values: Sequence[Mapping[str, str]]) -> None:
        """Take the values of each member, in the order of the batch."""
        self._values = values
        self._raw: dict[Slot, list[str]] = {}

    def raw(self, slot: Slot) -> list[str]:
        """Give the value of each member for `slot`, not yet escaped.

        Raises:
            KeyError: a member has no value, and the slot no fallback.
        """
        bare = replace(slot, context=Context.PLAIN)
        found = self._raw.get(bare)
        if found is None:
            found = self._raw[bare] = _taken(slot, self._values)
        return found

    def escaped(self, slot: Slot) -> list[str]:
        """Give the value of each member, escaped for where `slot` stands.

        Where nothing needs it, that is the very list of the raw values.

        Raises:
            KeyError: a member has no value, and the slot no fallback.
        """
        raw = self.raw(slot)
        if is_as_it_is(raw, slot.context):
            return raw
        # Names of people and places come again and again: each is looked at once.
        written = {each: escape(each, slot.context) for each in set(raw)}
        return [written[each] for each in raw]


def is_as_it_is(raw: Sequence[str], context: Context) -> bool:
    """Tell whether all of `raw` mean themselves in `context`, and in JSON and headers, too."""
    plain = _AS_IT_IS_IN_URLS if context is Context.URL else _AS_IT_IS
    return plain.fullmatch("".join(raw)) is not None


def _taken(slot: Slot, values: Sequence[Mapping[str, str]]) -> list[str]:
    if slot.choices is not None:
        return [slot.value(each) for each in values]
    name, fallback = slot.name, slot.fallback
    found = [each.get(name) or fallback for each in values]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        raise KeyError(name)
    return known
