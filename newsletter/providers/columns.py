"""Columns of values as JSON carries them. Pure."""

from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.columns import Columns, at_once, is_as_it_is
from newsletter.message.encoding import unified
from newsletter.message.frozen import Context, Slot


def json_column(columns: Columns, slot: Slot) -> list[str]:
    """Write each member's value for `slot`, escaped, as it stands between the quotes of JSON.

    Raises:
        KeyError: a member has no value, and the slot no fallback.
    """
    escaped = columns.escaped(slot)
    if is_as_it_is(escaped, slot.context):
        return escaped
    return json_texts(escaped)


def json_texts(texts: Sequence[str]) -> list[str]:
    """Write each of `texts` as it stands between the quotes of JSON."""
    return [*texts] if is_as_it_is(texts, Context.PLAIN) else at_once(texts, within_quotes)


def within_quotes(text: str) -> str:
    """Write `text` as it stands between the quotes of JSON, in ASCII, its line ends as newlines."""
    return quoted(unified(text))[1:-1]
