"""Event blocks: what a calendar, and a reader far away, has to know of them. Pure."""

from newsletter.compose.days import Days
from newsletter.compose.directives import Directive
from newsletter.compose.invitation import Event
from newsletter.compose.tokens import Tokens
from newsletter.compose.tree import words_of
from newsletter.errors import Location
from newsletter.finding import Finding, warning


def understand(
    taken: Directive, days: Days, tokens: Tokens, at: Location
) -> tuple[Event | None, tuple[Finding, ...]]:
    """Understand the event in `taken`; its first fact says when it is."""

    def plain(text: str) -> str:
        # A calendar file is the same for all: a slot in it is its fallback.
        return tokens.pattern.sub(lambda it: tokens.uses[int(it[1])].fallback or "", text)

    name, written = taken.facts[0]
    when = days.read(written)
    if when is None:
        problem = f"{name}: {tokens.restore(written)!r} is not understood as a date"
        hint = "write it as Thursday 4 March 2027, 17:00-18:30 CET, to attach a calendar file"
        return None, (warning("event-when", problem, at=at, hint=hint),)
    findings = []
    if when.has_time and when.start is None:
        problem = f"{written!r} names no time zone, so no calendar file is attached"
        hint = "add it (17:00 CET), or set time_zone of [society] in newsletter.toml"
        return None, (warning("event-zone", problem, at=at, hint=hint),)
    if when.is_off_season:
        problem = f"{written!r} names the time of the other half of the year"
        hint = "the clock on the wall there is taken; write CET in winter and CEST in summer"
        findings.append(warning("event-season", problem, at=at, hint=hint))
    body = words_of([node for part in taken.parts for node in part])
    where = next((value for name, value in taken.facts[1:2]), "")
    event = Event(
        title=plain(taken.label), when=when, where=plain(where), url=taken.url, words=plain(body)
    )
    return event, tuple(findings)
