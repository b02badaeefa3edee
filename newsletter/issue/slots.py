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
        return _tag_of_a_site(text, start, at)
    before = text[max(0, start - 102) : start].rpartition("\n")[2]
    if opening == "}}" and _SINGLE.search(before):
        return AnnouncementError("}} is opened by a single {", at=at, hint=_HOW)
    return None  # the end of a formula, or of code


_TAG = re.compile(r"\{%-?[ \t]*(?P<name>\w+)?[ \t]*(?P<rest>[^%\n]{0,200})")
_LEFTOVERS = {
    "raw": "delete it: an announcement is no template, and code needs no protection",
    "endraw": "delete it: an announcement is no template, and code needs no protection",
    "include": "put the text of that file here",
    "highlight": "write ``` above and below the code",
    "endhighlight": "write ``` above and below the code",
    "post_url": "write the whole address, beginning with https://",
    "link": "write the whole address, beginning with https://",
    "youtube": "link to the film: [its title](https://www.youtube.com/watch?v=...)",
    "comment": "delete it",
    "endcomment": "delete it",
}
"""What to do with the commands of Jekyll and other programs of web sites."""

_ONLY = (
    "for text that only some get, write a line `::: only students` above it and a line `:::` below"
)


def _tag_of_a_site(text: str, start: int, at: Location) -> AnnouncementError:
    found = _TAG.match(text, start)
    name = (found["name"] or "") if found else ""
    hint = _LEFTOVERS.get(name, _ONLY)
    shown = f"{{% {name} %}}" if name in _LEFTOVERS else "{%"
    return AnnouncementError(
        f"{shown} is not understood: an announcement is no template", at=at, hint=hint
    )


def _not_a_slot(found: re.Match[str], at: Location) -> AnnouncementError:
    inside = found["inside"].strip()
    shortcode = re.fullmatch(r"[<%]\s*/?\s*(?P<name>[\w-]+)(?P<rest>.*?)[>%]", inside)
    if shortcode:
        return _shortcode(found[0], shortcode, at)
    if re.match(r"(?:site|page|post|layout)\.|[\"'].*\|\s*(?:relative|absolute)_url", inside):
        hint = "write the whole address in its place, beginning with https://"
    elif "|" in inside:
        hint = f"leave out the filter: {_HOW}"
    elif re.match(r"\w+\s+or\b", inside):
        hint = f"put the fallback in quotes: {write_slot(inside.split()[0], 'colleague')}"
    elif re.fullmatch(r"\w+(?:[ -]\w+)+", inside):
        hint = f"write the name with underscores: {write_slot(re.sub(r'[ -]+', '_', inside))}"
    else:
        hint = _HOW
    return AnnouncementError(f"{found[0]!r} is not a slot", at=at, hint=hint)


def _shortcode(shown: str, found: re.Match[str], at: Location) -> AnnouncementError:
    """Say what to write in place of a shortcode of Hugo."""
    name, rest = found["name"], found["rest"].strip(" /\"'")
    hints = {
        "youtube": f"link to the film: [its title](https://www.youtube.com/watch?v={rest})",
        "vimeo": f"link to the film: [its title](https://vimeo.com/{rest})",
        "figure": "write ![what it shows](images/file.jpg)",
        "img": "write ![what it shows](images/file.jpg)",
        "ref": "write the whole address, beginning with https://",
        "relref": "write the whole address, beginning with https://",
        "button": "write `::: button https://...`, its words, and `:::`",
    }
    return AnnouncementError(
        f"{shown!r} is a shortcode of a web site, not a slot",
        at=at,
        hint=hints.get(name, "write what it shows, in Markdown"),
    )
