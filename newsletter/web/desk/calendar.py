"""The calendar: what was sent and what is to come, and how much of it each member gets."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from newsletter.errors import InputErrors
from newsletter.ledger.burden import burden_of
from newsletter.ledger.calendarlinks import has_link
from newsletter.ledger.dispatches import list_dispatches
from newsletter.ledger.schema import Course
from newsletter.web.desk.answer import Answer
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, page
from newsletter.workspace.upcoming import upcoming
from newsletter.workspace.workspace import Workspace

_WEEK = dt.timedelta(days=7)
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""

    def show(asked: Asked) -> Answer:
        workspace = desk.open()
        zone = ZoneInfo(workspace.settings.brand.time_zone or "UTC")
        today = desk.clock.now().astimezone(zone).date()
        month = _month(asked.ask("month"), today)
        days = _days(month)
        entries = _entries(workspace, zone, days)
        week = _monday(today if month == today.replace(day=1) else month)
        if asked.ask("week"):
            week = _monday(_day(asked.ask("week"), today))
        begins, ends = (dt.datetime.combine(d, dt.time(), zone) for d in (week, week + _WEEK))
        return desk.page(
            asked,
            "calendar.html.j2",
            month=month,
            before=_month_beside(month, -1),
            after=_month_beside(month, 1),
            today=today,
            weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
            entries=entries,
            listed=[
                each for day in days if day.month == month.month for each in entries.get(day, ())
            ],
            week=week,
            week_ends=week + _WEEK - dt.timedelta(days=1),
            burden=burden_of(workspace.ledger, begins, ends),
            zone=zone.key,
            has_link=has_link(workspace.ledger, asked.who.colleague),
        )

    return (page("/calendar", show),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One dispatch in the calendar."""

    title: str
    at: dt.datetime
    """On the society's clock."""
    path: str
    """Of its page; empty where it is to come."""
    recipients: int = 0
    note: str = ""
    step: str = ""
    """What is done then before it goes out."""
    is_cancelled: bool = False


def _entries(
    workspace: Workspace, zone: ZoneInfo, days: Sequence[dt.date]
) -> Mapping[dt.date, Sequence[Entry]]:
    """Give what stands on each of the days, in the order of the clock."""
    found = [
        Entry(
            title=each.title,
            at=dt.datetime.fromisoformat(each.opened).astimezone(zone),
            path=f"/dispatches/{each.id}",
            recipients=each.recipients,
            is_cancelled=each.course is Course.CANCELLED,
        )
        for each in list_dispatches(workspace.ledger)
        if each.kind == "issue"
    ]
    until = dt.datetime.combine(days[-1] + dt.timedelta(days=1), dt.time(), zone)
    try:
        due = upcoming(workspace, until)
    except InputErrors:
        due = ()  # `newsletter schedules` tells what is wrong with them
    found += [
        Entry(
            title=each.title,
            at=each.at.astimezone(zone),
            path="",
            note="" if each.step else ", ".join(each.segments) or "the announcement's segments",
            step=each.step,
        )
        for each in due
    ]
    by_day: dict[dt.date, list[Entry]] = {}
    for each in sorted(found, key=lambda entry: entry.at):
        by_day.setdefault(each.at.date(), []).append(each)
    return by_day


def _days(month: dt.date) -> Sequence[dt.date]:
    """Give the days of whole weeks that a month lies in."""
    first, last = _monday(month), _month_beside(month, 1) - dt.timedelta(days=1)
    count = (_monday(last) - first).days + 7
    return [first + dt.timedelta(days=at) for at in range(count)]


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _month_beside(month: dt.date, step: int) -> dt.date:
    months = month.year * 12 + month.month - 1 + step
    return dt.date(months // 12, months % 12 + 1, 1)


def _month(text: str, today: dt.date) -> dt.date:
    return _day(f"{text}-01", today).replace(day=1)


def _day(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else today
