"""What the members of a request fill slots with, a column at a time. Pure.

A request carries up to a thousand members, and most of their values need no escaping at all. Held
against one pattern as a whole column, that is found out for all of them at once.
"""

import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.encoding import unified
from newsletter.message.frozen import Context, Slot, escape

_AS_IT_IS = re.compile(r"[A-Za-z0-9 .,:;/@_~+=?!()*#%$|-]*", re.ASCII)
"""Means itself in HTML, in plain text and within a JSON string."""
_AS_IT_IS_IN_URLS = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)


def raw_column(slot: Slot, values: Sequence[Mapping[str, str]]) -> list[str]:
    """Take the value of each member for `slot`, not yet escaped.

    Raises:
        KeyError: a member has no value, and the slot no fallback.
    """
    if slot.choices is not None:
        return [slot.value(each) for each in values]
    name, fallback = slot.name, slot.fallback
    found = [each.get(name) or fallback for each in values]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        raise KeyError(name)
    return known


def json_column(raw: list[str], context: Context) -> list[str]:
    """Write each of `raw`, escaped for `context`, as it stands between the quotes of JSON."""
    plain = _AS_IT_IS_IN_URLS if context is Context.URL else _AS_IT_IS
    if plain.fullmatch("".join(raw)):
        return raw
    # Names of people and places come again and again: each is looked at once.
    written = {
        each: each if plain.fullmatch(each) else within_quotes(escape(each, context))
        for each in set(raw)
    }
    return [written[each] for each in raw]


def within_quotes(text: str) -> str:
    """Write `text` as it stands between the quotes of JSON, in ASCII, its line ends as newlines."""
    return quoted(unified(text))[1:-1]
