"""`digest:NAME@WHEN` in the place of a file: the digest that assembles itself for that moment."""

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from zoneinfo import ZoneInfo

from newsletter.errors import AnnouncementError, InputErrors, Location
from newsletter.issue.digestrules import DigestRules
from newsletter.schedule.recurrence import Occurrence, Recurrence
from newsletter.schedule.schedule import Schedule
from newsletter.suggest import did_you_mean
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace

_SOURCE = re.compile(r"digest:(?P<name>[^@]*)(?:@(?P<when>.*))?")
_USUAL_TIME = dt.time(9)
_A_DAY = dt.timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class IssueTime:
    """When an issue of a digest goes out, and of which day it is."""

    at: dt.datetime
    """Aware; what is due, expired or told is judged as of then."""
    day: dt.date
    """On the society's clock; its name has it. A holiday moves the issue, and not its name."""


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


def issue_time(workspace: Workspace, source: DigestSource) -> IssueTime:
    """Tell when the digest goes out, and of which day it is.

    A day alone means the time at which its schedule is due that day, else nine o'clock. Where a
    free day moves an occurrence, both the time of its rule and the moved one mean that occurrence.
    """
    zone = ZoneInfo(workspace.settings.brand.time_zone or "UTC")
    if source.when is None:
        now = workspace.clock.now().astimezone(zone)
        return IssueTime(at=now, day=now.date())
    when = source.when if source.when.tzinfo else source.when.replace(tzinfo=zone)
    for schedule in _schedules_of(workspace, source.name):
        found = _occurrence(schedule.recurrence, when, has_time=source.has_time)
        if found:
            ruled = found.wall.replace(tzinfo=schedule.recurrence.zone)
            return IssueTime(at=found.local, day=ruled.astimezone(dt.UTC).astimezone(zone).date())
    if not source.has_time:
        when = dt.datetime.combine(when.date(), _USUAL_TIME, zone)
    return IssueTime(at=when, day=when.astimezone(zone).date())


def audience_of(workspace: Workspace, rules: DigestRules) -> frozenset[str]:
    """Name the segments that a digest is for, by its rules and schedules; empty for everybody."""
    scheduled = _schedules_of(workspace, rules.name)
    parts = [each.segments or rules.segments for each in scheduled] or [rules.segments]
    return frozenset().union(*parts) if all(parts) else frozenset()


def _schedules_of(workspace: Workspace, digest: str) -> Iterator[Schedule]:
    for schedule in schedules_of(workspace.settings):
        asked = _SOURCE.fullmatch(PurePath(schedule.file).name)
        if asked and asked["name"] == digest:
            yield schedule


def _occurrence(of: Recurrence, when: dt.datetime, *, has_time: bool) -> Occurrence | None:
    """Find what is due at `when`, or would be if its day were not free."""
    day = when.astimezone(of.zone).date() if has_time else when.date()
    walk = of.after(dt.datetime.combine(day, dt.time(), of.zone) - of.free.farthest - _A_DAY)
    for each in itertools.takewhile(lambda one: one.wall.date() <= day, walk):
        # In UTC: two wall times of different zones are never equal where the clock is changed.
        ruled = each.wall.replace(tzinfo=of.zone).astimezone(dt.UTC)
        if has_time and when.astimezone(dt.UTC) in (ruled, each.moment):
            return each
        if not has_time and day in (each.wall.date(), each.local.date()):
            return each
    return None
