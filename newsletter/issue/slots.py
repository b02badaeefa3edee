"""Slots: `{{ name }}` and `{{ name or "fallback" }}` in a text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.errors import AnnouncementError, Location
from newsletter.issue.issue import SlotUse
from newsletter.issue.literal import NOTHING, Literals

_SPACE = r"[^\S\n]*"
_QUOTED = (
    r'"(?P<double>[^"{}\n]*)"'
    r"|'(?P<single>[^'{}\n]*)'"
    r"|[“”„](?P<curly>[^“”{}\n]*)[“”]"
    r"|[‘’‚](?P<curly_single>[^{}\n]*?)[‘’]"  # noqa: RUF001 - as word processors write them
    r"|«(?P<angle>[^»{}\n]*)»"
)
_SLOT = re.compile(
    rf"\{{\{{{_SPACE}(?P<name>[^\W\d]\w*){_SPACE}(?:(?<=\s)or{_SPACE}(?:{_QUOTED}){_SPACE})?\}}\}}"
)
_BRACES = re.compile(r"\{\{|\{%|%\}|\}\}")
_INSIDE = re.compile(r"\{\{+(?P<inside>[^{}\n]{0,500})\}\}+")
_RUN = re.compile(r"[{}%]*")
_SINGLE = re.compile(r"(?<![{}\\^_])\{[ \t]*[^\W\d]\w+(?: or [^{}]*)?[ \t]*\Z")
"""A line up to the two braces that close what one brace opened."""

_HOW = 'write {{ first_name }} or {{ first_name or "colleague" }}'

Place = Callable[[int, int], Location]
"""Turns a line and column of a text, counted from 1, into a place of a file."""


@dataclass(frozen=True, slots=True)
class Slots:
    """What was found in a text."""

    uses: tuple[SlotUse, ...]
    problems: tuple[AnnouncementError, ...]


def find_slots(text: str, place: Place, literals: Literals = NOTHING) -> Slots:
    """Find every slot of `text` but those in `literals`, and every brace that makes none."""
    uses: list[SlotUse] = []
    problems: list[AnnouncementError] = []
    position, line, line_start = 0, 1, 0
    while found := _BRACES.search(text, position):
        start = found.start()
        line += text.count("\n", position, start)
        line_start = max(line_start, text.rfind("\n", position, start) + 1)
        at = place(line, start - line_start + 1)
        slot = _SLOT.match(text, start)
        position = found.end()
        if start in literals:
            continue
        if slot:
            uses.append(SlotUse(slot["name"], _fallback(slot), slot[0], at))
            position = slot.end()
        elif problem := _problem(text, start, at):
            problems.append(problem)
            position = _after(text, start)
    return Slots(tuple(uses), tuple(problems))


def write_slot(name: str, fallback: str | None = None) -> str:
    """Write a slot so that `find_slots` finds the same `name` and `fallback` again."""
    if fallback is None:
        return f"{{{{ {name} }}}}"
    quote = "'" if '"' in fallback else '"'
    return f"{{{{ {name} or {quote}{fallback}{quote} }}}}"


def _fallback(slot: re.Match[str]) -> str | None:
    kinds = ("double", "single", "curly", "curly_single", "angle")
    return next((slot[kind] for kind in kinds if slot[kind] is not None), None)


def _after(text: str, start: int) -> int:
    """Tell where to read on behind the braces at `start` that make no slot."""
    inside = _INSIDE.match(text, start)
    run = inside or _RUN.match(text, start)
    return run.end() if run else start + 1


def _problem(text: str, start: int, at: Location) -> AnnouncementError | None:
    opening = text[start : start + 2]
    inside = _INSIDE.match(text, start)
    if inside:
        return _not_a_slot(inside, at)
    if opening == "{{":
        return AnnouncementError("{{ is not closed in the same line", at=at, hint=_HOW)
    if opening == "{%":
        return AnnouncementError(
            "{% is not understood: an announcement is no template",
            at=at,
            hint="for text that only some get, write a line `::: only students` above it"
            " and a line `:::` below",
        )
    before = text[max(0, start - 102) : start].rpartition("\n")[2]
    if opening == "}}" and _SINGLE.search(before):
        return AnnouncementError("}} is opened by a single {", at=at, hint=_HOW)
    return None  # the end of a formula, or of code


def _not_a_slot(found: re.Match[str], at: Location) -> AnnouncementError:
    inside = found["inside"].strip()
    if "|" in inside:
        hint = f"leave out the filter: {_HOW}"
    elif re.match(r"\w+\s+or\b", inside):
        hint = f"put the fallback in quotes: {write_slot(inside.split()[0], 'colleague')}"
    elif re.fullmatch(r"\w+(?:[ -]\w+)+", inside):
        hint = f"write the name with underscores: {write_slot(re.sub(r'[ -]+', '_', inside))}"
    else:
        hint = _HOW
    return AnnouncementError(f"{found[0]!r} is not a slot", at=at, hint=hint)
