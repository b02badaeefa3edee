"""Reading tables of settings: every value checked, every problem kept until the end."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from newsletter.errors import InputError, InputErrors, Location, SettingsError
from newsletter.suggest import did_you_mean

Lines = Mapping[tuple[str, str], int]
"""Where each key of each table stands, counted from 1; a table itself under the empty key."""

_HEADING = re.compile(r"\s*\[(\[?)\s*([\w.\"' -]+?)\s*\]")
_TABLE = re.compile(r"(?m)^[ \t]*\[\[?[ \t]*([^\[\]\n]+?)[ \t]*\]\]?[^\n]*\n?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def lines_of(toml: str) -> Lines:
    """Find where tables and keys stand, which tomllib does not tell.

    Of tables in [[double brackets]] only the first heading is kept: their keys look alike.
    """
    lines: dict[tuple[str, str], int] = {}
    table, is_listed = "", False
    for number, line in enumerate(toml.split("\n"), 1):
        heading, key = _HEADING.match(line), _KEY.match(line)
        if heading:
            table, is_listed = heading[2], bool(heading[1])
            lines.setdefault((table, ""), number)
        elif key and not is_listed:
            lines.setdefault((table, key[1]), number)
    return lines


def put_table(toml: str, name: str, table: str) -> str:
    """Give `toml` with the text `table` for the table `name`; all that stands around it stays.

    It takes the place of a table that has the name, or stands at the end; an empty text takes one
    away. Whoever calls it looks whether the result says what it should: a file may be unusual.
    """
    found = _place(toml, name)
    if found is None:
        gap = "" if not toml.strip() else "\n" if toml.endswith("\n") else "\n\n"
        return f"{toml}{gap}{table}" if table else toml
    begun, end = found
    # Comments and empty lines behind a table belong to the one that follows.
    tail = re.search(r"(?:^[ \t]*(?:#[^\n]*)?\n?)*\Z", toml[begun:end], re.MULTILINE)
    return toml[:begun] + table + (tail[0] if tail else "") + toml[end:]


def quoted(value: str) -> str:
    """Write a basic string of TOML; its escapes are those of JSON."""
    return json.dumps(" ".join(value.split()), ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(toml: str, name: str) -> tuple[int, int] | None:
    tables = list(_TABLE.finditer(toml))
    for at, table in enumerate(tables):
        if table[1].strip("\"'") == name:
            end = tables[at + 1].start() if at + 1 < len(tables) else len(toml)
            return table.start(), end
    return None


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with one settings file, in the order of finding it."""

    path: str
    lines: Lines = field(default_factory=dict)
    found: list[InputError] = field(default_factory=list)

    def add(self, problem: str, hint: str = "", *, table: str = "", key: str = "") -> None:
        """Keep one problem of the file, at `key` of `table` where that is known."""
        line = self.lines.get((table, key)) or self.lines.get((table, ""))
        self.found.append(SettingsError(problem, at=Location(self.path, line), hint=hint))

    def raise_if_any(self) -> None:
        """Fail once with all of them, in the order of the file.

        Raises:
            InputErrors: there was a problem.
        """
        if self.found:
            raise InputErrors(sorted(self.found, key=_line))

    def table(
        self, parent: Mapping[str, object], name: str, keys: tuple[str, ...], *, within: str = ""
    ) -> "Table":
        """Take the table `name` of `parent`, which may have `keys` and no others.

        `within` names the table that `parent` is, if it is one: `[topics.news]`.
        """
        values = parent.get(name, {})
        name = f"{within}.{name}" if within else name
        if not isinstance(values, Mapping):
            self.add(f"{name} has to be a table, not {values!r}", f"write [{name}]", key=name)
            values = {}
        table = Table(self, name, values)
        table.allow(*keys)
        return table


def _line(problem: InputError) -> int:
    return (problem.at.line or 0) if problem.at else 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table; a wrong value becomes a problem, and the default stands in for it."""

    problems: Problems
    name: str
    values: Mapping[str, object]

    def problem(self, key: str, problem: str, hint: str = "") -> None:
        """Keep a problem of the value of `key`."""
        self.problems.add(f"{self.name}.{key} {problem}", hint, table=self.name, key=key)

    def fault(self, problem: str, hint: str) -> None:
        """Keep a problem of the table as a whole, or of what goes with it."""
        self.problems.add(f"[{self.name}]: {problem}", hint, table=self.name)

    def allow(self, *keys: str) -> None:
        """Keep a problem for every key but `keys`."""
        for key in self.values:
            if key not in keys:
                hint = did_you_mean(str(key), keys, otherwise=f"use {', '.join(keys)}")
                problem = f"unknown key {key!r} in [{self.name}]"
                self.problems.add(problem, hint, table=self.name, key=str(key))

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Take one line of text."""
        value = self.values.get(key)
        if value is None:
            if required:
                self.problem(key, "is missing", f'add {key} = "..." to [{self.name}]')
            return default
        if not isinstance(value, str):
            self.problem(key, f"has to be text, not {value!r}", "put it in quotes")
            return default
        if any(ord(letter) < ord(" ") for letter in value):
            self.problem(key, "holds a line break or a control character", "write it in one line")
            return default
        if required and not value.strip():
            self.problem(key, "is empty", f'write {key} = "..."')
        return value.strip() or default

    def lines(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take several lines of text, or one."""
        found = self.values.get(key)
        if found is None and not required:
            return ()
        lines = [found] if isinstance(found, str) else found
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            problem = "is missing" if found is None else f"has to be lines of text, not {found!r}"
            self.problem(key, problem, f'write {key} = ["first line", "second line"]')
            return ()
        kept = tuple(" ".join(line.split()) for line in lines if line.strip())
        if not kept and required:
            self.problem(key, "is empty", f'write {key} = ["first line", "second line"]')
        return kept

    def matching(self, key: str, default: str, pattern: re.Pattern[str], what: str) -> str:
        """Take a text that is wholly matched by `pattern`, which people call `what`."""
        value = self.text(key, default)
        if value and not pattern.fullmatch(value):
            self.problem(key, f"has to be {what}, not {value!r}", "correct it, or leave it out")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Take one of `choices`."""
        value = self.text(key, default)
        if value not in choices:
            hint = did_you_mean(value, choices, otherwise=f"write {key} = {choices[0]!r}")
            self.problem(key, f"has to be {' or '.join(choices)}, not {value!r}", hint)
            return default
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Take `true` or `false`."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.problem(key, f"has to be true or false, not {value!r}", f"write {key} = true")
            return default
        return value

    def link(self, key: str, *, required: bool = False) -> str:
        """Take an absolute https URL."""
        value = self.text(key, required=required)
        parts = urlsplit(value)
        if value and (parts.scheme != "https" or not parts.netloc or " " in value):
            self.problem(key, f"has to be an https URL, not {value!r}", "begin it with https://")
            return ""
        return value

    def number(self, key: str, default: int, *, low: int, high: int) -> int:
        """Take a whole number from `low` to `high`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            problem = f"has to be a whole number from {low} to {high}, not {value!r}"
            self.problem(key, problem, f"write {key} = {default}")
            return default
        return value

    def seconds(self, key: str, default: float, *, most: int) -> float:
        """Take a duration in seconds, more than none and `most` at most."""
        return self._measure(key, default, most, "seconds")

    def percent(self, key: str, default: float) -> float:
        """Take a share in percent, more than none and 100 at most."""
        return self._measure(key, default, 100, "percent")

    def _measure(self, key: str, default: float, most: int, unit: str) -> float:
        value = self.values.get(key, default)
        # True is a number to Python; to whoever wrote the settings it is not.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 < float(str(value)) <= most:
            return float(str(value))
        problem = f"has to be {unit}, more than 0 and {most} at most, not {value!r}"
        self.problem(key, problem, f"write {key} = {default:g}")
        return default
