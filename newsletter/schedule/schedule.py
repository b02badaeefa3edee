"""Schedules: what is to be dispatched when, as newsletter.toml says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.errors import SettingsError
from newsletter.schedule.recurrence import Recurrence, parse_recurrence
from newsletter.tables import Lines, Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One rule that makes dispatches due."""

    name: str
    file: str
    """The announcement, relative to the workspace."""
    segments: tuple[str, ...]
    recurrence: Recurrence


def read_schedules(
    tables: Iterable[Mapping[str, object]], path: str, lines: Lines | None = None
) -> tuple[Schedule, ...]:
    """Read the [[schedule]] tables of the settings file `path`.

    `lines` tells where its keys stand.

    Raises:
        InputErrors: every problem of every schedule.
    """
    problems = Problems(path, lines or {})
    found = [_schedule(table, problems) for table in tables]
    problems.raise_if_any()
    return tuple(schedule for schedule in found if schedule)


def _schedule(values: Mapping[str, object], problems: Problems) -> Schedule | None:
    keys = ("name", "file", "segments", "rule", "at", "time_zone")
    table = problems.table({"schedule": values}, "schedule", keys)
    name, file = table.text("name", required=True), table.text("file", required=True)
    rule = table.text("rule", required=True)
    try:
        recurrence = parse_recurrence(
            rule, table.text("at", "09:00"), table.text("time_zone", "UTC")
        )
    except SettingsError as error:
        if rule:
            problems.add(f"schedule {name!r}: {error.problem}", error.hint, table="schedule")
        return None
    return Schedule(name=name, file=file, segments=table.lines("segments"), recurrence=recurrence)
