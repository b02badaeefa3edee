"""`digest:NAME@WHEN` in the place of a file: the digest that assembles itself for that moment."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePath
from zoneinfo import ZoneInfo

from newsletter.errors import AnnouncementError, InputErrors, Location
from newsletter.issue.digestrules import DigestRules
from newsletter.suggest import did_you_mean
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace

_SOURCE = re.compile(r"digest:(?P<name>[^@]*)(?:@(?P<when>.*))?")
_USUAL_TIME = dt.time(9)
_A_DAY = dt.timedelta(days=1)
_FEW = 75
"""Occurrences in which a day is looked for: no rule has more than one an hour."""


@dataclass(frozen=True, slots=True)
class DigestSource:
    """What stands in the place of a file."""

    name: str
    when: dt.datetime | None = None
    """The moment as of which it is assembled; without a zone it is on the society's clock."""
    has_time: bool = True
    """Whether a time of day was written; else it is that of its schedule."""

    def __str__(self) -> str:
        """Write it as `source_of` reads it."""
        if self.when is None:
            return f"digest:{self.name}"
        when = self.when.isoformat(timespec="minutes") if self.has_time else str(self.when.date())
        return f"digest:{self.name}@{when}"


def source_of(file: str) -> DigestSource | None:
    """Read the words in the place of a file; None where it is a file.

    Raises:
        InputErrors: it is a digest, and its moment is none.
    """
    found = _SOURCE.fullmatch(PurePath(file).name)
    if found is None:
        return None
    when = found["when"]
    if not when:
        return DigestSource(found["name"])
    try:
        return DigestSource(found["name"], dt.datetime.fromisoformat(when), "T" in when)
    except ValueError as reason:
        error = AnnouncementError(
            f"{when!r} is no moment",
            at=Location(f"digest:{found['name']}@{when}"),
            hint="write it like digest:monthly@2027-03-02",
        )
        raise InputErrors([error]) from reason


def rules_of(workspace: Workspace, name: str) -> DigestRules:
    """Find the rules of the digest `name`.

    Raises:
        InputErrors: there is none.
    """
    known = workspace.settings.digests
    if name in known:
        return known[name]
    listed = f"known are {', '.join(known)}" if known else "none is defined"
    hint = did_you_mean(name, known, otherwise="write [digests.monthly] into newsletter.toml")
    problem = f"there is no digest {name!r}; {listed}"
    raise InputErrors([AnnouncementError(problem, at=Location(f"digest:{name}"), hint=hint)])


def moment_of(workspace: Workspace, source: DigestSource) -> dt.datetime:
    """Give the moment, aware, as of which the digest is assembled.

    A day alone means the time at which its schedule is due that day, else nine o'clock.
    """
    zone = ZoneInfo(workspace.settings.brand.time_zone or "UTC")
    if source.when is None:
        return workspace.clock.now().astimezone(zone)
    if source.has_time:
        return source.when if source.when.tzinfo else source.when.replace(tzinfo=zone)
    day = source.when.date()
    begin = dt.datetime.combine(day, dt.time(), zone) - _A_DAY
    for schedule in schedules_of(workspace.settings):
        asked = _SOURCE.fullmatch(PurePath(schedule.file).name)
        if asked and asked["name"] == source.name:
            due = (each.wall for each in schedule.recurrence.next(begin, _FEW))
            found = next((wall for wall in due if wall.date() == day), None)
            if found:
                return found.replace(tzinfo=schedule.recurrence.zone)
    return dt.datetime.combine(day, _USUAL_TIME, zone)
