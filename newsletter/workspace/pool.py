"""The pool of a digest: its announcements, and how each stands as of a moment."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.digest import entry_of
from newsletter.announcement.parse import Reading, examine
from newsletter.compose.days import Days
from newsletter.errors import AnnouncementError, InputError, InputErrors, Location
from newsletter.issue.decisions import Decision, read_decisions
from newsletter.issue.digestrules import DigestRules
from newsletter.issue.selecting import Entrant, Ground, Selected, select
from newsletter.ledger.items import Told, count_listed, count_told, told_by
from newsletter.workspace.digestsource import (
    DigestSource,
    audience_of,
    issue_time,
    rules_of,
)
from newsletter.workspace.folder import SUFFIXES
from newsletter.workspace.settingsfile import read_text, shown
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The announcements of a folder, and what was decided about them for one issue."""

    rules: DigestRules
    at: dt.datetime
    """When the issue goes out, aware, on the clock of the society."""
    day: dt.date
    """That of its rule: it is named for it, also where a holiday moves it."""
    slug: str
    """Of the issue."""
    selected: Selected
    decisions: Mapping[str, Decision]
    told: Mapping[str, int]
    """How many of the list were told an announcement elsewhere."""
    rolled: Mapping[str, str]
    """By announcement of the issue that was due before: the last issue, which left it out."""
    listed: int
    """How many of the list can be told anything."""
    problems: Mapping[str, tuple[InputError, ...]]
    """What is wrong with an announcement, by its slug."""
    issue_file: Path
    """What the editor writes above the sections; there may be no such file."""
    decisions_file: Path
    """What the editor decides; there may be no such file."""


def pool_of(workspace: Workspace, source: DigestSource) -> Pool:
    """Look at the whole pool of a digest with the eyes of the moment at which it goes out.

    Raises:
        InputErrors: there is no such digest, an announcement cannot be read, or the editor's
            decisions are wrong.
    """
    rules, when = rules_of(workspace, source.name), issue_time(workspace, source)
    at = when.at.astimezone(ZoneInfo(workspace.settings.brand.time_zone or "UTC"))
    slug, folder = rules.slug_on(when.day), workspace.settings.root / rules.folder
    decisions_file = folder / f"{slug}.toml"
    readings = _read_all(folder, but=slug)
    decisions = _decisions(decisions_file, readings, rules)
    workspace.members()
    with workspace.ledger.read() as connection:
        audience = audience_of(workspace, rules)
        before = told_by(connection, rules.name, but=slug, audience=audience)
        # Whatever an earlier issue carried is out, unless it is to be told again to everybody.
        open_ones = sorted(readings.keys() - before.carried.keys())
        told = count_told(connection, open_ones, but=slug)
        listed = count_listed(connection)
    entrants = [_entrant(workspace, each.announcement, at) for each in readings.values()]
    ground = Ground(
        rules=rules,
        at=at,
        decisions=decisions,
        carried=before.carried,
        told=told,
        listed=listed,
    )
    selected = select(entrants, ground)
    return Pool(
        rules=rules,
        at=at,
        day=when.day,
        slug=slug,
        selected=selected,
        decisions=decisions,
        told=told,
        rolled=_rolled(selected, before, at.tzinfo),
        listed=listed,
        problems={slug: each.problems for slug, each in readings.items() if each.problems},
        issue_file=folder / f"{slug}.md",
        decisions_file=decisions_file,
    )


def _rolled(selected: Selected, before: Told, zone: dt.tzinfo | None) -> Mapping[str, str]:
    """Tell of which announcements the last issue could have told, and did not."""
    if before.last_at is None:
        return {}
    then = before.last_at.astimezone(zone)
    return {
        each.slug: before.last
        for each in selected.placed
        if each.slug not in before.carried and _was_due(each.entrant.announcement, then)
    }


def _was_due(written: Announcement, at: dt.datetime) -> bool:
    """Tell whether its author wanted it told by `at`; without a date nobody knows."""
    if written.embargo:
        return written.embargo <= at
    return bool(written.date and written.date < at.date())


def _read_all(folder: Path, *, but: str) -> dict[str, Reading]:
    """Read every announcement of the pool, by slug.

    Raises:
        InputErrors: one cannot be read, or two have one name.
    """
    errors: list[InputError] = []
    found: dict[str, Reading] = {}
    for path in _files(folder):
        try:
            reading = examine(shown(path))
        except InputErrors as problems:
            errors.extend(problems.errors)
            continue
        slug, first = reading.announcement.slug, found.get(reading.announcement.slug)
        if slug == but:
            continue
        if first is not None:
            problem = f"the slug {slug!r} is that of {first.announcement.path}, too"
            at = reading.announcement.place("slug")
            errors.append(
                AnnouncementError(problem, at=at, hint="give one of them a slug: of its own")
            )
        found[slug] = reading
    if errors:
        raise InputErrors(errors)
    return found


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES
            and not path.name.startswith((".", "~"))
            and path.is_file()
        )
    except OSError as reason:
        words = (reason.strerror or str(reason)).lower()
        problem = f"the announcements cannot be read: {words}"
        hint = "let `folder` of the digest name where they lie"
        raise InputErrors(
            [AnnouncementError(problem, at=Location(str(folder)), hint=hint)]
        ) from reason


def _decisions(
    path: Path, readings: Mapping[str, Reading], rules: DigestRules
) -> Mapping[str, Decision]:
    if not path.exists():
        return {}
    sections = [each.name for each in rules.sections if not each.gathers]
    return read_decisions(shown(path), read_text(path), readings.keys(), sections)


def _entrant(workspace: Workspace, written: Announcement, at: dt.datetime) -> Entrant:
    brand = workspace.settings.brand
    entry = entry_of(written)
    days = Days(written.lang or brand.lang, today=written.date or at.date(), zone=brand.time_zone)
    when = days.read(entry.when or entry.due) if entry.when or entry.due else None
    return Entrant(announcement=written, happens=when.first if when else None)
