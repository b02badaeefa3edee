"""What a form says about a dispatch: the announcement, for whom, through whom, and when."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from newsletter.errors import Refused
from newsletter.ledger.opening import Then
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.sources import find_file
from newsletter.workspace.folder import Folder
from newsletter.workspace.opening import Wish
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import Workspace

UNDO_MINUTES = (0, 1, 5, 15, 60)
USUAL_UNDO = 5
_MOST_HOURS = 14 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be sent."""

    name: str
    """Of the announcement's file, or `digest:NAME@WHEN`."""
    segments: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    subject: str = ""
    provider: str = ""
    again: bool = False
    undo: int = USUAL_UNDO
    """Minutes."""
    not_after: str = ""
    """As a form has it: 2027-03-01T09:00, on the society's clock."""
    hours: float = 0.0
    """Over which it is spread."""
    workers: bool = False
    schedule: str = ""
    """By which it goes out, where a schedule asks for approval of it."""
    wall: str = ""
    """When the schedule is due: 2027-03-02T09:00, on the clock of its place."""

    def task(self, workspace: Workspace) -> Task:
        """Say what to compose.

        Raises:
            Refused: there is no such announcement, and no such digest.
        """
        return Task(
            file=find_file(workspace, Folder(workspace.settings.root), self.name),
            subject=self.subject or None,
            segments=self.segments,
            exclude=self.exclude,
            again=self.again,
        )

    def wish(self, workspace: Workspace, then: Then | None = None) -> Wish:
        """Say when and how to send it.

        Raises:
            Refused: a moment cannot be read.
        """
        return Wish(
            provider=self.provider or workspace.settings.provider,
            not_after=_moment(self.not_after, workspace.settings.brand.time_zone or "UTC"),
            undo_window=self.undo * 60.0 if self.undo else None,
            spread=self.hours * 3600 if self.hours else None,
            by_workers=then,
        )

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Give it as the fields of a form."""
        single = {
            "name": self.name,
            "subject": self.subject,
            "provider": self.provider,
            "again": "1" if self.again else "",
            "undo": str(self.undo),
            "not_after": self.not_after,
            "hours": f"{self.hours:g}" if self.hours else "",
            "workers": "1" if self.workers else "",
            "schedule": self.schedule,
            "wall": self.wall,
        }
        return (
            *((name, value) for name, value in single.items() if value),
            *(("segment", each) for each in self.segments),
            *(("exclude", each) for each in self.exclude),
        )

    def query(self) -> str:
        """Give it as a query."""
        return urlencode(self.pairs())

    def as_json(self) -> dict[str, Any]:
        """Give it as the ledger keeps it with an asking for approval."""
        return {"pairs": [list(pair) for pair in self.pairs()]}


def from_query(asked: Asked) -> Wanted:
    """Read it from the query of a page."""
    return _wanted(asked.query)


def from_form(asked: Asked) -> Wanted:
    """Read it from a form."""
    return _wanted(asked.fields)


def from_json(kept: Mapping[str, Any]) -> Wanted:
    """Read it as the ledger kept it."""
    found: dict[str, list[str]] = {}
    for name, value in kept["pairs"]:
        found.setdefault(name, []).append(value)
    return _wanted(found)


def _wanted(values: Mapping[str, Any]) -> Wanted:
    def one(name: str) -> str:
        return str(next(iter(values.get(name, ())), "")).strip()

    return Wanted(
        name=one("name"),
        segments=tuple(filter(None, values.get("segment", ()))),
        exclude=tuple(filter(None, values.get("exclude", ()))),
        subject=one("subject"),
        provider=one("provider"),
        again=bool(one("again")),
        undo=_undo(one("undo")),
        not_after=one("not_after"),
        hours=_hours(one("hours")),
        workers=bool(one("workers")),
        schedule=one("schedule"),
        wall=one("wall"),
    )


def _undo(text: str) -> int:
    known = {str(each): each for each in UNDO_MINUTES}
    return known.get(text, USUAL_UNDO)


def _hours(text: str) -> float:
    try:
        hours = float(text or 0)
    except ValueError:
        hours = math.nan
    if not 0 <= hours <= _MOST_HOURS:
        raise Refused(f"{text!r} is no number of hours", hint=f"write a number up to {_MOST_HOURS}")
    return hours


def _moment(text: str, zone: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        local = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as reason:
        raise Refused(f"{text!r} is no moment", hint="write it like 2027-03-01T09:00") from reason
