"""When an event is for a member: on the clock of the zone that the list names. Pure.

The text for each zone is written once, when the issue is compiled, and frozen with it; a member's
value only chooses among them. Whoever lives by the event's own clock is shown nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from newsletter.compose.calendar import city_of, offset_of, write_moment
from newsletter.compose.when import When, all_zones, is_zone
from newsletter.finding import Finding, warning
from newsletter.message.frozen import Choices, Context, Document, Frozen

LOCAL = "@local"
"""Begins the names of the slots that stand for a member's own time."""


@lru_cache(maxsize=64)
def local_times(when: When, label: str, lang: str) -> Choices:
    """Write `when` for each zone of the world that has another clock than the event.

    All of them, whoever is on the list today: a dispatch that is resumed after the list was
    brought in anew sends the same bytes.
    """
    if when.start is None:
        return Choices(())
    texts: dict[object, str] = {}
    pairs = []
    for zone in all_zones():
        away = offset_of(when, zone)
        if away == when.start.utcoffset():
            continue
        if away not in texts:
            texts[away] = write_moment(when, zone, lang)
        pairs.append((zone, f"{label}: {texts[away]} ({city_of(zone, lang)})"))
    return Choices(tuple(pairs))


def unknown_zones(
    column: str, members: Mapping[str, int], otherwise: str = "see the event's own time only"
) -> tuple[Finding, ...]:
    """Count the members whose time zone is missing or is none; `members` counts by value.

    `otherwise` says what becomes of them, behind "they".
    """
    wrong = {name: n for name, n in members.items() if not is_zone(name)}
    count = sum(wrong.values())
    if not count:
        return ()
    named = ", ".join(repr(name) for name in sorted(filter(None, wrong))[:3])
    also = f", such as {named}" if named else ""
    who = "1 member has" if count == 1 else f"{count:,} members have"
    return (
        warning(
            "zone-unknown",
            f"{who} no time zone that is known{also}; they {otherwise}",
            hint=f"write names such as Europe/Berlin into the column {column}",
        ),
    )


def with_local_times(document: Document, column: str, choices: Sequence[Choices]) -> Document:
    """Let the slots for a member's own time choose among the texts of their event."""
    return replace(
        document,
        html=_chosen(document.html, column, choices),
        text=_chosen(document.text, column, choices),
    )


def _chosen(frozen: Frozen, column: str, choices: Sequence[Choices]) -> Frozen:
    literals, slots = [frozen.literals[0]], []
    for slot, literal in zip(frozen.slots, frozen.literals[1:], strict=True):
        number = slot.name.removeprefix(LOCAL)
        if number == slot.name:
            slots.append(slot)
            literals.append(literal)
            continue
        found = choices[int(number)] if int(number) < len(choices) else Choices(())
        if not found.pairs:  # nobody is shown another time: no slot is needed
            literals[-1] += literal
            continue
        before = "\n|   " if slot.context is Context.PLAIN else " "
        pairs = tuple((zone, before + text) for zone, text in found.pairs)
        slots.append(replace(slot, name=column, fallback="", choices=Choices(pairs)))
        literals.append(literal)
    return Frozen(tuple(literals), tuple(slots))
