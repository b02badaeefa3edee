"""Reading segments from a TOML file."""

import re
import tomllib
from pathlib import Path

from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment
from newsletter.errors import AudienceError, InputErrors, Location

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_segments(path: Path) -> dict[str, Segment]:
    """Read every segment of the file at `path`, by name; a missing file holds none.

    Raises:
        InputErrors: every table that is not a segment, every rule that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        raise InputErrors([_unreadable(path, reason)]) from reason
    segments: dict[str, Segment] = {}
    errors: list[AudienceError] = []
    for name, table in tables.items():
        try:
            segments[name] = _segment(name, table, _rule_place(str(path), text, name))
        except AudienceError as error:
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return segments


def _segment(name: str, table: object, at: Location) -> Segment:
    if not _NAME.fullmatch(name):
        raise AudienceError(
            f"{name!r} cannot name a segment",
            at=Location(at.path, at.line),
            hint="use lower-case letters, digits and dashes, such as early-career",
        )
    if not isinstance(table, dict) or not isinstance(table.get("rule"), str):
        raise AudienceError(
            f"the segment {name!r} has no rule",
            at=Location(at.path, at.line),
            hint="add a line such as rule = \"membership = 'student'\"",
        )
    unknown = sorted(set(table) - {"rule", "title"})
    if unknown or not isinstance(table.get("title", ""), str):
        raise AudienceError(
            f"the segment {name!r} cannot have {', '.join(unknown) or 'this title'}",
            at=Location(at.path, at.line),
            hint="keep `title` and `rule`, both in quotes",
        )
    rule = parse_rule(table["rule"], at)
    title = table.get("title") or name.replace("-", " ").capitalize()
    return Segment(name=name, title=title, text=table["rule"], rule=rule, at=at)


def _rule_place(path: str, text: str, name: str) -> Location:
    """Find where the rule of the segment `name` begins: tomllib does not tell."""
    in_table, table_line = False, None
    for number, line in enumerate(text.split("\n"), 1):
        heading = re.match(r"\s*\[\s*[\"']?([^\]\"']*?)[\"']?\s*\]", line)
        if heading:
            in_table = heading[1] == name
            table_line = number if in_table else table_line
        rule = re.match(r"\s*rule\s*=\s*(\"\"\"|'''|[\"'])", line)
        if in_table and rule:
            return Location(path, number, rule.end() + 1)
    return Location(path, table_line)


def _unreadable(path: Path, reason: Exception) -> AudienceError:
    found = re.search(r"at line (\d+), column (\d+)", str(reason))
    place = Location(str(path), int(found[1]), int(found[2])) if found else Location(str(path))
    words = re.sub(r"\s*\(at .*\)$", "", str(reason))
    return AudienceError(
        f"the segments cannot be read: {words}", at=place, hint="write one [table] per segment"
    )
