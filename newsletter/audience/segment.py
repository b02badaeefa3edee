"""Segments: saved rules over the columns of the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.audience.column import ColumnType
from newsletter.audience.rule import Rule, check_rule
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


def _unknown(name: str, known: Mapping[str, Segment], at: Location | None) -> AudienceError:
    hint = did_you_mean(name, known, otherwise=f"choose from: {', '.join(known) or 'none'}")
    return AudienceError(f"there is no segment {name!r}", at=at, hint=hint)
