"""What an editor decides about one issue of a digest: one small TOML file, the record of it.

A table for each announcement, named by its slug:

    [travel-awards]
    lead = true              # it leads the issue
    place = 1                # it is pinned: the first of its section, whatever the limit
    section = "grants"       # it stands in this section of the digest
    hold = true              # it waits for a later issue
    words = 30               # it is shortened to so many words
    excerpt = "..."          # or to these
    repeat = true            # whoever was told it is told again
    by = "Jane Doe"
    why = "The deadline is this week."
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from newsletter.errors import InputErrors, Location, SettingsError
from newsletter.suggest import did_you_mean
from newsletter.tables import Problems, Table, lines_of

_KEYS = (
    *("lead", "place", "section", "hold", "words", "excerpt", "repeat"),
    *("by", "why"),
)
_MANY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about one announcement."""

    announcement: str
    leads: bool = False
    place: int | None = None
    """The place in its section, counted from 1; whoever has one is in the issue in any case."""
    section: str = ""
    is_held: bool = False
    words: int | None = None
    excerpt: str = ""
    is_repeated: bool = False
    by: str = ""
    why: str = ""
    at: Location | None = None

    @property
    def is_pinned(self) -> bool:
        """Tell whether no limit of a section keeps it out."""
        return self.leads or self.place is not None

    def __str__(self) -> str:
        """Say what was decided, who did and why."""
        acts = (
            ("leads", self.leads),
            (f"pinned to place {self.place}", self.place is not None),
            (f"moved to {self.section}", bool(self.section)),
            ("held", self.is_held),
            (f"shortened to {self.words} words", self.words is not None),
            ("with words of the editor", bool(self.excerpt)),
            ("repeated", self.is_repeated),
        )
        said = ", ".join(words for words, is_so in acts if is_so)
        by = f" by {self.by}" if self.by else ""
        return f"{said}{by}{f': {self.why}' if self.why else ''}"


def read_decisions(
    path: str, text: str, announcements: Collection[str], sections: Collection[str]
) -> Mapping[str, Decision]:
    """Read the decisions in the `text` of the file at `path`, by announcement.

    Raises:
        InputErrors: names that nobody knows, and whatever else is wrong, with their lines.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise InputErrors([_unreadable(path, reason)]) from reason
    problems = Problems(path, lines_of(text))
    decisions = {
        name: _decision(tables, name, problems, sections)
        for name in tables
        if _is_known(name, announcements, problems)
    }
    leaders = [name for name, each in decisions.items() if each.leads]
    for name in leaders[1:]:
        problem = f"{leaders[0]!r} leads already"
        problems.add(problem, "let one of them lead", table=name, key="lead")
    problems.raise_if_any()
    return decisions


def _unreadable(path: str, reason: tomllib.TOMLDecodeError) -> SettingsError:
    found = re.search(r"at line (\d+), column (\d+)", str(reason))
    at = Location(path, int(found[1]), int(found[2])) if found else Location(path)
    words = re.sub(r"\s*\(at .*\)$", "", str(reason))
    hint = "write one [table] an announcement, such as [travel-awards]"
    return SettingsError(f"it cannot be read: {words}", at=at, hint=hint)


def _is_known(name: str, announcements: Collection[str], problems: Problems) -> bool:
    if name in announcements:
        return True
    hint = did_you_mean(name, announcements, otherwise="look at `newsletter digest show`")
    problem = f"no announcement of the pool is named {name!r}"
    line = problems.lines.get((name, "")) or problems.lines.get(("", name))
    problems.found.append(SettingsError(problem, at=Location(problems.path, line), hint=hint))
    return False


def _decision(
    tables: Mapping[str, object], name: str, problems: Problems, sections: Collection[str]
) -> Decision:
    table = problems.table(tables, name, _KEYS)
    decision = Decision(
        announcement=name,
        leads=table.flag("lead"),
        place=_number(table, "place", _MANY),
        section=_section(table, sections),
        is_held=table.flag("hold"),
        words=_number(table, "words", 1000),
        excerpt=table.text("excerpt"),
        is_repeated=table.flag("repeat"),
        by=table.text("by"),
        why=table.text("why"),
        at=Location(problems.path, problems.lines.get((name, ""))),
    )
    if decision.is_held and (decision.is_pinned or decision.section):
        table.problem("hold", "contradicts the rest", "delete one of the two")
    if decision.words is not None and decision.excerpt:
        table.problem("words", "and excerpt both shorten it", "delete one of the two")
    return decision


def _number(table: Table, key: str, most: int) -> int | None:
    return table.number(key, 1, low=1, high=most) if key in table.values else None


def _section(table: Table, sections: Collection[str]) -> str:
    name = table.text("section")
    if name and name not in sections:
        known = ", ".join(sections)
        hint = did_you_mean(name, sections, otherwise=f"use {known}")
        table.problem("section", f"names no section of the digest: {name!r}; it has {known}", hint)
        return ""
    return name
