"""Which announcements of the pool an issue of a digest takes, where they stand, and why not. Pure.

Every announcement is in the issue, or out of it for exactly one reason.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.digest import Entry, Part, entry_of
from newsletter.issue.decisions import Decision
from newsletter.issue.digestrules import DigestRules, SectionRule

_MOST_LEADS = 4
"""So many take the lead after each other, for those who know the first."""


class Reason(StrEnum):
    """Why an announcement is not in an issue, in the order in which it is looked for."""

    HELD = "held"
    """An editor decided so."""
    ELSEWHERE = "not for this digest"
    """It says so, it is a formal notice, or an issue itself."""
    DRAFT = "draft"
    NOT_DUE = "not due yet"
    """Its embargo or its date is later."""
    EXPIRED = "expired"
    CARRIED = "told in an earlier issue"
    TOLD = "told to everybody"
    """In its own mail, or in other digests."""
    UNPLACED = "no section takes it"
    UNDATED = "undated"
    """Its section lists dates, and it has none."""
    WAITS = "waits for the next issue"
    """Its section is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """One announcement of the pool."""

    announcement: Announcement
    happens: dt.date | None = None
    """The day of its event, or of its deadline."""

    @property
    def slug(self) -> str:
        """Name it."""
        return self.announcement.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an issue is assembled on."""

    rules: DigestRules
    at: dt.datetime
    """When it goes out, aware, on the clock of the society."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    carried: Mapping[str, str] = field(default_factory=dict)
    """By announcement: the issue of this digest that carried it."""
    told: Mapping[str, int] = field(default_factory=dict)
    """How many of the list were told it elsewhere."""
    listed: int = 0
    """How many of the list can be told anything."""
    folder: str = ""
    """Where the announcements lie, as seen from the issue."""

    def is_repeated(self, entrant: Entrant) -> bool:
        """Tell whether it is told to those, too, who were told before."""
        decision = self.decisions.get(entrant.slug)
        return entrant.announcement.pooled.is_repeated or bool(decision and decision.is_repeated)

    def is_for_some(self, entrant: Entrant) -> bool:
        """Tell whether not everybody gets it."""
        is_known = bool(self.told.get(entrant.slug)) and not self.is_repeated(entrant)
        return is_known or bool(entrant.announcement.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An announcement in an issue."""

    entrant: Entrant
    entry: Entry
    section: SectionRule
    decision: Decision | None = None
    is_for_some: bool = False
    is_repeated: bool = False

    @property
    def slug(self) -> str:
        """Name it."""
        return self.entrant.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An announcement that is not in an issue."""

    entrant: Entrant
    reason: Reason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What came of looking at the whole pool."""

    leads: tuple[Placed, ...]
    """The first leads; where not everybody gets it, the next one does for the others."""
    sections: tuple[tuple[SectionRule, tuple[Placed, ...]], ...]
    """In order; without the first lead, and without those sections that gather."""
    left: tuple[Left, ...]
    rules: tuple[SectionRule, ...]
    """All sections, in order."""

    @property
    def placed(self) -> tuple[Placed, ...]:
        """List all that are in the issue, each once, the lead first."""
        rest = (each for _, placed in self.sections for each in placed)
        return (*self.leads[:1], *rest)


def select(entrants: Iterable[Entrant], ground: Ground) -> Selected:
    """Look at every announcement of the pool; the same pool gives the same in any order."""
    left: list[Left] = []
    by_section: dict[str, list[Placed]] = {each.name: [] for each in ground.rules.sections}
    for entrant in sorted(entrants, key=lambda each: (each.slug, each.announcement.path)):
        found = _placed(entrant, ground)
        if isinstance(found, Left):
            left.append(found)
        else:
            by_section[found.section.name].append(found)
    first = _first_lead([each for placed in by_section.values() for each in placed], ground)
    sections: list[tuple[SectionRule, tuple[Placed, ...]]] = []
    for rule in ground.rules.sections:
        kept, waiting = _cut(rule, [each for each in by_section[rule.name] if each is not first])
        left += waiting
        if kept:
            sections.append((rule, kept))
    leads = _leads(first, [each for _, placed in sections for each in placed])
    return Selected(
        leads=leads, sections=tuple(sections), left=tuple(left), rules=ground.rules.sections
    )


def _placed(entrant: Entrant, ground: Ground) -> Placed | Left:
    decision = ground.decisions.get(entrant.slug)
    speaks = _objection(entrant, ground, decision)
    if speaks:
        return Left(entrant=entrant, reason=speaks[0], note=speaks[1])
    section = _section(entrant, ground, decision)
    if section is None:
        note = f"its section is {entrant.announcement.section!r}"
        return Left(entrant=entrant, reason=Reason.UNPLACED, note=note)
    entry = entry_of(entrant.announcement, ground.folder)
    if not _has_date(section, entry):
        what = "event" if section.part is Part.EVENTS else "deadline"
        note = f"there is no `::: {what}` to take a date from"
        return Left(entrant=entrant, reason=Reason.UNDATED, note=note)
    return Placed(
        entrant=entrant,
        entry=entry,
        section=section,
        decision=decision,
        is_for_some=ground.is_for_some(entrant),
        is_repeated=ground.is_repeated(entrant),
    )


def _objection(
    entrant: Entrant, ground: Ground, decision: Decision | None
) -> tuple[Reason, str] | None:
    """Give the first reason that keeps it out, and its note."""
    if decision and decision.is_held:
        return Reason.HELD, ": ".join(filter(None, (decision.by, decision.why)))
    return (
        _not_meant(entrant.announcement, ground.rules)
        or _not_in_time(entrant.announcement, ground)
        or (None if ground.is_repeated(entrant) else _known(entrant, ground))
    )


def _not_meant(written: Announcement, rules: DigestRules) -> tuple[Reason, str] | None:
    digests = written.pooled.digests
    if digests is not None and rules.name not in digests:
        return Reason.ELSEWHERE, f"for {', '.join(digests)}" if digests else "it says digest: no"
    if digests is None and written.is_notice:
        return Reason.ELSEWHERE, "a formal notice goes out by itself"
    if digests is None and (written.taken or written.theme == rules.theme):
        return Reason.ELSEWHERE, "it is an issue itself"
    is_draft = any(each.code == "draft" for each in written.findings)
    return (Reason.DRAFT, _owed(written)) if is_draft else None


def _owed(written: Announcement) -> str:
    said = written.pooled
    by = f"by {said.owner.name}" if said.owner else ""
    return " ".join(filter(None, (by, f"until {said.deadline}" if said.deadline else "")))


def _not_in_time(written: Announcement, ground: Ground) -> tuple[Reason, str] | None:
    day, said = ground.at.date(), written.pooled
    if written.embargo and written.embargo > ground.at:
        until = written.embargo.astimezone(ground.at.tzinfo)
        return Reason.NOT_DUE, f"held back until {until:%Y-%m-%d %H:%M}"
    if written.date and written.date > day:
        return Reason.NOT_DUE, f"dated {written.date}"
    if said.expires and said.expires < day:
        return Reason.EXPIRED, f"on {said.expires}"
    starting = ground.rules.starting
    if starting and written.date and written.date < starting:
        return Reason.EXPIRED, f"dated {written.date}, before the digest began"
    return None


def _known(entrant: Entrant, ground: Ground) -> tuple[Reason, str] | None:
    issue, told = ground.carried.get(entrant.slug), ground.told.get(entrant.slug, 0)
    if issue:
        return Reason.CARRIED, f"in {issue}"
    if told and told >= ground.listed:
        return Reason.TOLD, f"all {told:,}"
    return None


def _section(entrant: Entrant, ground: Ground, decision: Decision | None) -> SectionRule | None:
    rules = ground.rules.sections
    if decision and decision.section:
        return next(each for each in rules if each.name == decision.section)
    written = entrant.announcement.section.lower()
    taking = (each for each in rules if written in each.takes)
    return next(taking, None) or next((each for each in rules if each.takes_others), None)


def _has_date(section: SectionRule, entry: Entry) -> bool:
    needed = {Part.EVENTS: entry.when, Part.DEADLINES: entry.due or entry.when}
    return bool(needed.get(section.part, "none"))


def _order(placed: Placed) -> tuple[object, ...]:
    """Priority first, then what happens first, then what has waited longest."""
    written, never = placed.entrant.announcement, dt.date.max
    happens = placed.entrant.happens if placed.section.part is not Part.CARD else None
    return (written.pooled.priority, happens or never, written.date or never, placed.slug)


def _first_lead(placed: Sequence[Placed], ground: Ground) -> Placed | None:
    chosen = [each for each in placed if each.decision and each.decision.leads]
    if chosen:
        return chosen[0]
    fit = [each for each in placed if each.section.part is Part.CARD]
    return min(fit, key=_order, default=None) if ground.rules.has_lead else None


def _leads(first: Placed | None, rest: Collection[Placed]) -> tuple[Placed, ...]:
    """Let others lead for those who do not get the first."""
    if first is None:
        return ()
    leads = [first]
    for each in sorted((each for each in rest if each.section.part is Part.CARD), key=_order):
        if not leads[-1].is_for_some or len(leads) == _MOST_LEADS:
            break
        leads.append(each)
    return tuple(leads)


def _cut(rule: SectionRule, placed: Sequence[Placed]) -> tuple[tuple[Placed, ...], list[Left]]:
    """Keep the pinned and the first of the others; the rest waits."""
    pinned = [each for each in placed if each.decision and each.decision.is_pinned]
    others = sorted((each for each in placed if each not in pinned), key=_order)
    room = max(0, rule.most - len(pinned))
    kept = others[:room]
    for each in sorted(pinned, key=_place):
        kept.insert(_place(each) - 1, each)
    note = f"{rule.heading or rule.name} is full ({rule.most})"
    waiting = [Left(entrant=e.entrant, reason=Reason.WAITS, note=note) for e in others[room:]]
    return tuple(kept), waiting


def _place(placed: Placed) -> int:
    return (placed.decision.place if placed.decision else None) or 1
