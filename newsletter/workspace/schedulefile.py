"""Adding a schedule to newsletter.toml and taking one out; all that stands around it stays."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.errors import InputErrors, Location, Refused, SettingsError
from newsletter.schedule.schedule import Schedule, read_schedules
from newsletter.suggest import did_you_mean
from newsletter.tables import put_table, quoted
from newsletter.workspace.replacing import write_whole
from newsletter.workspace.settings import FILE, Settings
from newsletter.workspace.settingsfile import read_text

Value = str | int | bool | tuple[str, ...]
_ALREADY = "a schedule has this name already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A settings file that was changed and not saved yet."""

    before: str
    after: str
    schedule: Schedule
    """The one that comes or goes."""


def draft_new(settings: Settings, name: str, values: Mapping[str, Value]) -> Draft:
    """Write a new schedule into the text of the settings; nothing is saved.

    Raises:
        InputErrors: it cannot be followed; each problem is at its option of the command.
        Refused: there is one of this name, or the file is too unusual to be changed safely.
    """
    if name in _tables(settings):
        raise Refused(f"{name}: {_ALREADY}", hint="choose another, or remove that one first")
    table = f"[schedules.{name}]\n" + "".join(f"{k} = {_written(v)}\n" for k, v in values.items())
    schedule = _read(settings, name, table)
    before = read_text(settings.root / FILE)
    after = put_table(before, f"schedules.{name}", table)
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    _check(before, after, {**_tables(settings), name: plain})
    return Draft(before=before, after=after, schedule=schedule)


def draft_without(settings: Settings, schedules: tuple[Schedule, ...], name: str) -> Draft:
    """Take a schedule out of the text of the settings; nothing is saved.

    Raises:
        Refused: there is none of this name, or the file is too unusual to be changed safely.
    """
    known = {each.name: each for each in schedules}
    if name not in known:
        hint = did_you_mean(name, tuple(known), otherwise="look at `newsletter schedules`")
        raise Refused(f"there is no schedule {name!r}", hint=hint)
    before = read_text(settings.root / FILE)
    after = put_table(before, f"schedules.{name}", "")
    left = {each: table for each, table in _tables(settings).items() if each != name}
    _check(before, after, left)
    return Draft(before=before, after=after, schedule=known[name])


def save(settings: Settings, draft: Draft) -> None:
    """Save a draft, unless somebody changed the file since it was made.

    Raises:
        Refused: somebody did, or it cannot be written.
    """
    path = settings.root / FILE
    if read_text(path) != draft.before:
        raise Refused(f"{FILE} was changed meanwhile; nothing was saved", hint="do it again")
    try:
        write_whole(path, draft.after.encode())
    except OSError as reason:
        raise Refused(f"{FILE} cannot be written: {reason.strerror}") from reason


def _tables(settings: Settings) -> Mapping[str, object]:
    found = settings.schedules.get("schedules", {})
    return found if isinstance(found, Mapping) else {}


def _read(settings: Settings, name: str, table: str) -> Schedule:
    """Read the one new table; tell problems at the options that they come from."""
    keys = [line.partition(" =")[0] for line in table.splitlines()]
    try:
        tables = {**settings.schedules, "schedules": tomllib.loads(table)["schedules"]}
        (found,) = read_schedules(tables, FILE, table, zone=settings.brand.time_zone)
    except InputErrors as problems:
        told = []
        for each in problems.errors:
            key = keys[each.at.line - 1] if each.at and each.at.line else ""
            if key.startswith("[") or not key:
                at = Location("NAME") if "cannot name" in each.problem else Location(name)
            else:
                column = each.at.column - len(key) - 4 if each.at and each.at.column else None
                at = Location(f"--{_OPTIONS.get(key, key).replace('_', '-')}", None, column)
            words = each.problem.replace(f"schedules.{name}.", "")
            told.append(SettingsError(words, at=at, hint=each.hint))
        raise InputErrors(told) from problems
    except tomllib.TOMLDecodeError as reason:
        error = SettingsError(
            f"{name!r} cannot name a schedule",
            at=Location("NAME"),
            hint="use lower-case letters, digits and dashes",
        )
        raise InputErrors([error]) from reason
    return found


_OPTIONS = {"segments": "segment", "dates": "date"}
"""Keys that have another word on the command line."""


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(quoted, value))}]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def _check(before: str, after: str, wanted: Mapping[str, object]) -> None:
    """Make sure that the schedules are those and that nothing else changed.

    Raises:
        Refused: it is not so.
    """
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        old, new = {}, {"schedules": None}
    found = new.pop("schedules", {})
    old.pop("schedules", None)
    if old != new or found != wanted:
        raise Refused(
            f"{FILE} is written in an unusual way, so it was left alone",
            hint="change [schedules] with a text editor",
        )
