"""Segments: saved rules over the columns of the list."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from newsletter.audience.column import ColumnType
from newsletter.audience.rule import (
    Claim,
    InSegment,
    Rule,
    Wants,
    check_rule,
    on_day,
    parts_of,
    rewrite,
    shifted,
)
from newsletter.errors import AudienceError, InputErrors, Location
from newsletter.suggest import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A saved rule."""

    name: str
    """As commands and announcements write it, such as `early-career`."""
    title: str
    """As people read it."""
    text: str
    """The rule as it was written."""
    rule: Rule
    at: Location
    """Where the text of the rule begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which segments an issue goes to."""

    included: tuple[Segment, ...]
    """A member of any of them is chosen; empty chooses the whole list."""
    excluded: tuple[Segment, ...] = ()
    """A member of any of them is not, whatever else they are in."""


def find_segments(
    known: Mapping[str, Segment], names: Iterable[str], at: Location | None = None
) -> tuple[Segment, ...]:
    """Look up `names`, which stand `at` a place, each once, in order.

    Raises:
        InputErrors: some are unknown.
    """
    wanted = tuple(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputErrors(_unknown(name, known, at) for name in unknown)
    return tuple(known[name] for name in wanted)


def check_segments(segments: Iterable[Segment], columns: Mapping[str, ColumnType]) -> None:
    """Hold the rules of `segments` against the `columns` of the list.

    Raises:
        InputErrors: every claim that cannot be checked against the list.
    """
    errors: list[AudienceError] = []
    for segment in segments:
        try:
            check_rule(segment.rule, columns, segment.at)
        except InputErrors as found:
            errors += [error for error in found.errors if isinstance(error, AudienceError)]
    if errors:
        raise InputErrors(errors)


def resolve(segments: Mapping[str, Segment], topics: Collection[str]) -> dict[str, Segment]:
    """Look up the segments that rules name; `topics` are those that can be wanted.

    Raises:
        InputErrors: every name that is unknown, every rule that leads back to itself.
    """
    errors: list[AudienceError] = []
    found = {name: _Resolving(segments, topics, errors).segment(name) for name in segments}
    if errors:
        # A circle shows from each of its segments, and what is unknown from each that names it.
        raise InputErrors({str(error.at): error for error in errors}.values())
    return found


def reached(segments: Mapping[str, Segment], names: Iterable[str]) -> tuple[Segment, ...]:
    """List the segments `names`, and those that their rules name, each once."""
    found: dict[str, Segment] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = segments[name]
            inner = parts_of(found[name].rule)
            waiting += [each.name for each in inner if isinstance(each, InSegment)]
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Resolving:
    segments: Mapping[str, Segment]
    topics: Collection[str]
    errors: list[AudienceError]
    way: tuple[str, ...] = ()
    """The segments whose rules are being looked up, the outermost first."""

    def segment(self, name: str) -> Segment:
        segment = self.segments[name]
        inner = replace(self, way=(*self.way, name))

        def change(claim: Claim | InSegment | Wants) -> Rule:
            match claim:
                case InSegment():
                    return inner.inside(claim, segment.at)
                case Wants(topic, offset):
                    inner.check_topic(topic, shifted(segment.at, offset))
                case _:
                    pass
            return claim

        return replace(segment, rule=rewrite(segment.rule, change))

    def inside(self, claim: InSegment, at: Location) -> Rule:
        place = shifted(at, claim.offset)
        if claim.name not in self.segments:
            self.errors.append(_unknown(claim.name, self.segments, place))
            return claim
        if claim.name in self.way:
            circle = " → ".join((*self.way[self.way.index(claim.name) :], claim.name))
            self.errors.append(
                AudienceError(
                    f"the rule leads back to itself: {circle}",
                    at=place,
                    hint="let one of them say what it means without the other",
                )
            )
            return claim
        return replace(claim, rule=self.segment(claim.name).rule)

    def check_topic(self, topic: str, at: Location) -> None:
        if topic not in self.topics:
            listed = f"choose from: {', '.join(self.topics) or 'none'}"
            hint = did_you_mean(topic, self.topics, otherwise=listed)
            self.errors.append(AudienceError(f"there is no topic {topic!r}", at=at, hint=hint))


def on_date(segments: Mapping[str, Segment], today: dt.date) -> dict[str, Segment]:
    """Let the rules of `segments` mean the day of `today` where they count from it."""
    return {name: replace(each, rule=on_day(each.rule, today)) for name, each in segments.items()}


def _unknown(name: str, known: Mapping[str, Segment], at: Location | None) -> AudienceError:
    hint = did_you_mean(name, known, otherwise=f"choose from: {', '.join(known) or 'none'}")
    return AudienceError(f"there is no segment {name!r}", at=at, hint=hint)
