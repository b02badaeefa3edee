"""The rules by which a digest assembles itself: [digests.NAME] of newsletter.toml."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.announcement.digest import Part
from newsletter.tables import Problems, Table

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG = re.compile(r"(?:[a-z0-9]|%[Ymd])+(?:-(?:[a-z0-9]|%[Ymd])+)*")
_PARTS = tuple(part.value for part in Part if part is not Part.LEAD)
_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)")
_MANY = 100
SECTION_KEYS = ("heading", "part", "takes", "others", "gathers", "most", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """One section of a digest: which announcements it takes, and how it shows them."""

    name: str
    heading: str
    part: Part
    takes: tuple[str, ...] = ()
    """The sections of announcements that it takes, in small letters."""
    takes_others: bool = False
    """It takes what no other section does."""
    gathers: bool = False
    """It lists what other sections show, where it has a date: a calendar."""
    most: int = _MANY
    """How many it takes in one issue; the others wait for the next."""
    words: int | None = None
    """How many words of each it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRules:
    """What a digest is, and how it is put in order."""

    name: str
    title: str
    """%Y, %m, %d and %B (the name of the month) stand for its day."""
    slug: str
    subject: str
    opening: str
    """Markdown, above all sections."""
    folder: str
    """Where its announcements lie, relative to the workspace."""
    theme: str
    topic: str
    segments: tuple[str, ...]
    button: tuple[str, str] | None
    """Its label and its URL."""
    starting: dt.date | None
    """What is dated before is not taken."""
    has_lead: bool
    sections: tuple[SectionRule, ...]

    def slug_on(self, day: dt.date) -> str:
        """Name the issue of a day."""
        parts = {"%Y": f"{day:%Y}", "%m": f"{day:%m}", "%d": f"{day:%d}"}
        return re.sub("%[Ymd]", lambda found: parts[found[0]], self.slug)


def read_digests(tables: Mapping[str, object], problems: Problems) -> Mapping[str, DigestRules]:
    """Read [digests] by name; what is wrong is added to `problems`."""
    found = tables.get("digests", {})
    if not isinstance(found, Mapping):
        problems.add("digests has to be tables", "write [digests.monthly]", table="digests")
        return {}
    rules: dict[str, DigestRules] = {}
    for name in found:
        if _NAME.fullmatch(name):
            rules[name] = _rules(found, name, problems)
        else:
            hint = "use lower-case letters, digits and dashes"
            problems.add(f"{name!r} cannot name a digest", hint, table=f"digests.{name}")
    return rules


def _rules(found: Mapping[str, object], name: str, problems: Problems) -> DigestRules:
    keys = (
        *("title", "slug", "subject", "opening", "button", "folder", "theme", "topic"),
        *("segments", "starting", "lead", "sections"),
    )
    table = problems.table(found, name, keys, within="digests")
    return DigestRules(
        name=name,
        title=table.text("title", required=True),
        slug=table.matching("slug", f"{name}-%Y-%m-%d", _SLUG, "like monthly-digest-%Y-%m"),
        subject=table.text("subject"),
        opening=_paragraphs(table, "opening"),
        folder=table.text("folder", "announcements"),
        theme=table.text("theme", "digest"),
        topic=table.text("topic"),
        segments=table.lines("segments"),
        button=_button(table),
        starting=_day(table, "starting"),
        has_lead=table.flag("lead", default=True),
        sections=_sections(table),
    )


def _paragraphs(table: Table, key: str) -> str:
    """Take text of several lines."""
    value = table.values.get(key, "")
    if isinstance(value, str):
        return value.strip()
    table.problem(key, f"has to be text, not {value!r}", 'write it between """ and """')
    return ""


def _button(table: Table) -> tuple[str, str] | None:
    label, _, url = table.text("button").rpartition(" ")
    if not url:
        return None
    if not label.strip() or not _LINK.match(url):
        hint = 'write button = "Send us your news mailto:news@example.org"'
        table.problem("button", "needs a label and a link", hint)
        return None
    return label.strip(), url


def _day(table: Table, key: str) -> dt.date | None:
    written = table.values.get(key)
    if written is None:
        return None
    try:
        return dt.date.fromisoformat(str(written))
    except ValueError:
        table.problem(key, f"has to be a day, not {written!r}", 'write "2027-01-01"')
        return None


def _sections(table: Table) -> tuple[SectionRule, ...]:
    found = table.values.get("sections", {})
    if not isinstance(found, Mapping):
        hint = f"write [{table.name}.sections.news]"
        table.problem("sections", "has to be tables", hint)
        found = {}
    if not found:
        return (SectionRule(name="news", heading="", part=Part.CARD, takes_others=True),)
    rules = tuple(_section(found, name, table) for name in found)
    _check_takers(rules, table)
    return rules


def _section(found: Mapping[str, object], name: str, digest: Table) -> SectionRule:
    table = digest.problems.table(found, name, SECTION_KEYS, within=f"{digest.name}.sections")
    if not _NAME.fullmatch(name):
        table.fault("cannot name a section", "use lower-case letters, digits and dashes")
    heading = table.text("heading", name.replace("-", " ").capitalize())
    takes = table.lines("takes") or (heading, name)
    gathers, part = table.flag("gathers"), Part(table.choice("part", _PARTS, Part.CARD))
    if gathers and part not in (Part.EVENTS, Part.DEADLINES):
        table.problem("gathers", "needs dates", 'add part = "events", or "deadlines"')
    return SectionRule(
        name=name,
        heading=heading,
        part=part,
        takes=() if gathers else tuple(each.lower() for each in takes),
        takes_others=table.flag("others"),
        gathers=gathers,
        most=table.number("most", _MANY, low=1, high=_MANY),
        words=table.number("words", 0, low=1, high=1000) if "words" in table.values else None,
    )


def _check_takers(rules: tuple[SectionRule, ...], table: Table) -> None:
    taken: dict[str, str] = {}
    for rule in rules:
        for section in rule.takes:
            if taken.setdefault(section, rule.name) != rule.name:
                problem = f"{section!r} is taken by {taken[section]!r} and by {rule.name!r}"
                table.problem("sections", problem, "let one of them take it")
    others = [rule.name for rule in rules if rule.takes_others]
    if len(others) > 1:
        table.problem("sections", f"{' and '.join(others)} take all others", "let one do so")
