"""Schedules: what is to be dispatched when, as newsletter.toml says it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from newsletter.address import EmailAddress
from newsletter.errors import Location, SettingsError
from newsletter.schedule.cron import read_cron
from newsletter.schedule.dated import name_at, read_file
from newsletter.schedule.freedays import WEEKDAYS, FreeDays, read_free_days
from newsletter.schedule.leads import Leads, read_addresses, read_leads
from newsletter.schedule.lost import NotUnderstood
from newsletter.schedule.phrase import read_phrase, read_time
from newsletter.schedule.recurrence import MONDAY, Recurrence, check_rules
from newsletter.tables import Problems, Table, lines_of

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WAYS = ("when", "cron", "rule", "dates")
_USUAL_TIME = dt.time(9)
_DAY_HINT = 'write days as "12-25", "2027-07-05" or "2026-12-24..2027-01-02"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One rule that makes dispatches happen at times."""

    name: str
    file: str
    """The announcement, relative to the workspace; %Y, %m and %d stand for the day of the rule.

    Where a digest assembles itself: `digest:monthly@%Y-%m-%dT%H:%M%:z`.
    """
    segments: tuple[str, ...]
    recurrence: Recurrence
    not_after: dt.timedelta
    """How late a missed occurrence may still go out."""
    most_recipients: int = 0
    """More than that and nothing is sent before somebody looked; 0 for any number."""
    leads: Leads = field(default_factory=Leads)
    tell: tuple[EmailAddress, ...] = ()
    """Who is told of its steps, besides the people of the desk."""

    @property
    def terms(self) -> str:
        """Write down when it is due: with other terms it is another schedule.

        Free days are not among them: they move occurrences, and make no others.
        """
        of = self.recurrence
        days = (*of.rules, *map(str, of.days), *map(str, of.times))
        return " ".join((*days, of.zone.key, str(of.starting)))

    def file_at(self, wall: dt.datetime) -> str:
        """Name the file of the occurrence that its rule puts at `wall`."""
        return name_at(self.file, wall.replace(tzinfo=self.recurrence.zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    problems: Problems
    text: str
    """The whole file, to find columns in it."""
    free: FreeDays
    zone: str


def read_schedules(
    tables: Mapping[str, object], path: str, text: str = "", *, zone: str = ""
) -> tuple[Schedule, ...]:
    """Read [schedules] and [calendar] of the settings file `path`, which holds `text`.

    `zone` is the time zone of schedules that name none; UTC if it is empty.

    Raises:
        InputErrors: every problem of every schedule.
    """
    problems = Problems(path, lines_of(text))
    free = _free_days(tables, problems)
    context = _Context(problems=problems, text=text, free=free, zone=zone or "UTC")
    found = tables.get("schedules", {})
    if not isinstance(found, Mapping):
        problems.add("schedules has to be tables", "write [schedules.monthly]", table="schedules")
        found = {}
    schedules = [_schedule(found, str(name), context) for name in found]
    problems.raise_if_any()
    return tuple(schedule for schedule in schedules if schedule)


def _free_days(tables: Mapping[str, object], problems: Problems) -> FreeDays:
    table = problems.table(tables, "calendar", ("holidays", "blackout", "working_days"))
    working = _working_days(table)
    days: list[str] = []
    for key in ("holidays", "blackout"):
        written = [str(each) for each in _listed(table, key)]
        try:
            read_free_days(written)
        except ValueError as reason:
            table.problem(key, str(reason), _DAY_HINT)
        else:
            days += written
    return read_free_days(days, working)


def _working_days(table: Table) -> list[int]:
    named = [each[:2].upper() for each in table.lines("working_days")]
    unknown = [each for each in named if each not in WEEKDAYS]
    if unknown:
        table.problem("working_days", "has to be weekdays", 'write ["Monday", "Tuesday"]')
    return [WEEKDAYS.index(each) for each in named if each in WEEKDAYS] or list(range(5))


def _listed(table: Table, key: str) -> list[object]:
    found = table.values.get(key, [])
    if isinstance(found, list):
        return found
    table.problem(key, f"has to be a list, not {found!r}", f"write {key} = [...]")
    return []


def _schedule(found: Mapping[str, object], name: str, context: _Context) -> Schedule | None:
    problems = context.problems
    if not _NAME.fullmatch(name):
        hint = "use lower-case letters, digits and dashes"
        problems.add(f"{name!r} cannot name a schedule", hint, table=f"schedules.{name}")
        return None
    keys = (
        *("when", "cron", "rule", "dates", "at", "time_zone", "starting", "working_days_only"),
        *("file", "digest", "segments", "not_after_hours", "most_recipients"),
        *("remind_days_before", "proof_days_before", "warn_hours_before", "tell"),
    )
    table = problems.table(found, name, keys, within="schedules")
    file = read_file(table)
    segments = table.lines("segments")
    hours = table.number("not_after_hours", 24, low=1, high=720)
    most = table.number("most_recipients", 0, low=0, high=1_000_000_000)
    leads, tell = read_leads(table), read_addresses(table, "tell")
    recurrence = _recurrence(table, context)
    if recurrence is None:
        return None
    return Schedule(
        name=name,
        file=file,
        segments=segments,
        recurrence=recurrence,
        not_after=dt.timedelta(hours=hours),
        most_recipients=most,
        leads=leads,
        tell=tell,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """What one of the ways to say it says."""

    rules: tuple[str, ...] = ()
    days: tuple[dt.date, ...] = ()
    times: tuple[dt.time, ...] = ()
    zone: str = ""


def _recurrence(table: Table, context: _Context) -> Recurrence | None:
    ways = [way for way in _WAYS if way in table.values]
    if len(ways) != 1:
        hint = 'say when = "first Tuesday of the month at 09:00", or one of cron, rule, dates'
        table.fault(f"has {' and '.join(ways) or 'nothing'} to say when it is due", hint)
        return None
    starting = _starting(table)
    try:
        said = _said(table, ways[0])
        check_rules(said.rules, starting)
    except NotUnderstood as lost:
        _point(table, context, ways[0], lost)
        return None
    times, zone = _times(table, said), _zone(table, said, context)
    if said == _Days() or zone is None:
        return None
    return Recurrence(
        rules=said.rules,
        days=said.days,
        times=times,
        zone=zone,
        starting=starting,
        free=context.free,
        off_weekends=table.flag("working_days_only"),
    )


def _said(table: Table, way: str) -> _Days:
    if way == "dates":
        return _dates(table)
    text = table.text(way, required=True)
    if not text:
        return _Days()
    if way == "cron":
        rules, times = read_cron(text)
        return _Days(rules=rules, times=times)
    if way == "rule":
        return _Days(rules=(text,))
    phrase = read_phrase(text)
    return _Days(rules=(phrase.rule,), times=phrase.times, zone=phrase.zone)


def _dates(table: Table) -> _Days:
    found = []
    for each in _listed(table, "dates"):
        try:
            found.append(dt.date.fromisoformat(str(each)))
        except ValueError:
            table.problem("dates", f"holds {str(each)!r}, which is no day", 'write "2027-03-02"')
    return _Days(days=tuple(sorted(set(found))))


def _starting(table: Table) -> dt.date:
    written = str(table.values.get("starting", MONDAY))
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        table.problem("starting", f"has to be a day, not {written!r}", 'write "2027-01-08"')
        return MONDAY


def _times(table: Table, said: _Days) -> tuple[dt.time, ...]:
    written = table.values.get("at")
    if written is None:
        return said.times or (_USUAL_TIME,)
    if said.times:
        table.problem("at", "says the time of day a second time", "delete one of the two")
        return said.times
    if isinstance(written, dt.time):
        return (written.replace(tzinfo=None),)
    try:
        return (read_time(table.text("at", "09:00")),)
    except ValueError:
        table.problem("at", f"has to be a time of day, not {written!r}", 'write "09:00"')
        return (_USUAL_TIME,)


def _zone(table: Table, said: _Days, context: _Context) -> ZoneInfo | None:
    written = table.text("time_zone")
    if written and said.zone:
        table.problem("time_zone", "says the zone a second time", "delete one of the two")
    name = said.zone or written or context.zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        key = "when" if said.zone else "time_zone"
        table.problem(key, f"names no time zone: {name!r}", "write it like America/New_York")
        return None


def _point(table: Table, context: _Context, key: str, lost: NotUnderstood) -> None:
    """Keep a problem at its column of the file."""
    problems = context.problems
    line = problems.lines.get((table.name, key)) or problems.lines.get((table.name, ""))
    written = context.text.split("\n")[line - 1] if line else ""
    value = re.match(r"\s*[\w-]+\s*=\s*[\"']\s*", written)
    column = value.end() + lost.at + 1 if value else None
    at = Location(problems.path, line, column)
    problems.found.append(SettingsError(f"{table.name}.{key}: {lost}", at=at, hint=lost.hint))
