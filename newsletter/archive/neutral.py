"""Frozen text as everybody may read it: each slot filled with a word that is nobody's."""

from dataclasses import replace

from newsletter.compose.tokens import LINK_SLOTS
from newsletter.message.frozen import Context, Frozen, Slot

NOWHERE = "https://nobody.invalid/"
"""Stands where a link of a member's own was, until it is taken out (RFC 6761: nobody's)."""

_MISSING = "…"


def fill_for_nobody(frozen: Frozen, member: str) -> str:
    """Fill `frozen` without any member: with the author's fallbacks, or `member` for a name."""
    slots = tuple(
        replace(slot, fallback=_word(slot, member), choices=None) for slot in frozen.slots
    )
    return Frozen(frozen.literals, slots).fill({})


def _word(slot: Slot, member: str) -> str:
    is_part_of_url = slot.context is Context.URL
    if slot.name in LINK_SLOTS or slot.context is Context.LINK:
        return "" if is_part_of_url else NOWHERE
    if slot.fallback is not None or is_part_of_url:
        return slot.fallback or ""
    return member if "name" in slot.name else _MISSING
