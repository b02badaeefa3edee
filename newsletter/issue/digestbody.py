"""The body of a digest that assembled itself: lines, and which of them not everybody gets. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from newsletter.announcement.digest import (
    LISTED,
    Entry,
    Line,
    Part,
    block_lines,
    item_line,
    plain,
)
from newsletter.issue.digestrules import SectionRule
from newsletter.issue.excerpt import shorten
from newsletter.issue.issue import OnlyBlock, Passage
from newsletter.issue.item import Item
from newsletter.issue.selecting import Placed, Selected

Terms = tuple[frozenset[tuple[int, bool]], ...]
"""When a line is shown: where all of any of these hold."""
_ALWAYS: Terms = (frozenset(),)

LinkOf = Callable[[Placed], str]
"""Gives where readers of a digest find the whole of an announcement; empty for nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestBody:
    """What the sections of a digest are made of."""

    lines: tuple[Line, ...]
    blocks: tuple[OnlyBlock, ...]
    """One for each announcement that not everybody gets."""
    passages: tuple[Passage, ...]
    items: tuple[Item, ...]


def write_body(selected: Selected, *, digest: str, link_of: LinkOf) -> DigestBody:
    """Write the sections; blocks and lines are counted from the first of them."""
    placed = selected.placed
    some = [each for each in placed if each.is_for_some]
    numbers = {each.slug: number for number, each in enumerate(some)}
    writing = _Writing(numbers, {each.slug: _shown(each, link_of) for each in placed})
    written = tuple(writing.lines(selected))
    return DigestBody(
        lines=tuple(line for line, _ in written),
        blocks=tuple(
            OnlyBlock(
                segments=each.entrant.announcement.segments,
                untold="" if each.is_repeated else each.slug,
            )
            for each in some
        ),
        passages=tuple(_passages(written)),
        items=tuple(_item(each, digest, numbers.get(each.slug)) for each in placed),
    )


def _item(placed: Placed, digest: str, flag: int | None) -> Item:
    written = placed.entrant.announcement
    return Item(
        announcement=placed.slug,
        title=written.title,
        announcement_hash=written.mark,
        section=placed.section.heading or written.section,
        tags=written.tags,
        digest=digest,
        flag=flag,
    )


def _shown(placed: Placed, link_of: LinkOf) -> Entry:
    """Shorten what is to be shortened, and lead to the whole."""
    entry, decision = placed.entry, placed.decision
    words = (decision.words if decision else None) or placed.section.words
    if decision and decision.excerpt:
        entry = replace(
            entry,
            summary=plain(decision.excerpt),
            places={**entry.places, "summary": decision.at or entry.places["summary"]},
        )
    elif words:
        entry = replace(entry, summary=shorten(entry.summary, words))
    return replace(entry, url=link_of(placed))


@dataclass(frozen=True, slots=True)
class _Writing:
    numbers: Mapping[str, int]
    """The number of the block of each that not everybody gets."""
    entries: Mapping[str, Entry]

    def lines(self, selected: Selected) -> Iterator[tuple[Line, Terms]]:
        yield from self._leads(selected.leads)
        terms = {each.slug: self._own(each) for each in selected.placed}
        for number, each in enumerate(selected.leads):
            if number:
                # It is a card of its section for those who have another one as their lead.
                own = self.numbers.get(each.slug)
                mine = frozenset() if own is None else frozenset({(own, True)})
                before = [self.numbers[lead.slug] for lead in selected.leads[:number]]
                terms[each.slug] = tuple(mine | {(block, True)} for block in before)
        for rule, placed in _with_gathered(selected):
            known = terms if not rule.gathers else {e.slug: self._own(e) for e in placed}
            yield from self._section(rule, placed, known)

    def _own(self, placed: Placed) -> Terms:
        number = self.numbers.get(placed.slug)
        return _ALWAYS if number is None else (frozenset({(number, True)}),)

    def _leads(self, leads: Sequence[Placed]) -> Iterator[tuple[Line, Terms]]:
        passed: frozenset[tuple[int, bool]] = frozenset()
        for each in leads:
            number = self.numbers.get(each.slug)
            own = frozenset() if number is None else frozenset({(number, True)})
            for line in (*block_lines(Part.LEAD, self.entries[each.slug]), Line("")):
                yield line, (passed | own,)
            if number is not None:
                passed |= {(number, False)}

    def _section(
        self, rule: SectionRule, placed: Sequence[Placed], terms: Mapping[str, Terms]
    ) -> Iterator[tuple[Line, Terms]]:
        whole = _any(tuple(terms[each.slug] for each in placed))
        if rule.part in LISTED:
            yield Line(f"::: {rule.part} {rule.heading}".rstrip()), whole
            for each in placed:
                yield item_line(rule.part, self.entries[each.slug]), terms[each.slug]
            yield Line(":::"), whole
            yield Line(""), _ALWAYS
            return
        if rule.heading:
            yield Line(f"## {plain(rule.heading)}"), whole
            yield Line(""), _ALWAYS
        for each in placed:
            for line in block_lines(rule.part, self.entries[each.slug]):
                yield line, terms[each.slug]
            yield Line(""), _ALWAYS


def _with_gathered(selected: Selected) -> Iterator[tuple[SectionRule, tuple[Placed, ...]]]:
    """Go through the sections in order, those that list what others show among them."""
    sections = dict(selected.sections)
    for rule in selected.rules:
        if not rule.gathers:
            if rule in sections:
                yield rule, sections[rule]
            continue
        is_event = rule.part is Part.EVENTS
        dated = [
            each
            for each in selected.placed
            if (each.entry.when if is_event else each.entry.due)
            and each.section.part is not rule.part
        ]
        dated.sort(key=lambda each: (str(each.entrant.happens or "9"), each.slug))
        if dated:
            yield rule, tuple(dated[: rule.most])


def _any(terms: Sequence[Terms]) -> Terms:
    """Show what holds others wherever one of them is shown."""
    if any(_ALWAYS[0] in each for each in terms):
        return _ALWAYS
    return tuple(dict.fromkeys(one for each in terms for one in each))


def _passages(written: Sequence[tuple[Line, Terms]]) -> Iterator[Passage]:
    """Join neighbours that are shown together; lines are counted from 1."""
    number = 1
    for terms, run in groupby(written, key=lambda each: each[1]):
        count = len(tuple(run))
        if terms != _ALWAYS:
            yield Passage(first=number, last=number + count - 1, when=terms)
        number += count
