import datetime as dt

import icalendar

from newsletter.schedule.feed import calendar_of
from newsletter.schedule.schedule import read_schedules

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def entries(holidays: list[str], summary: str = "fridays") -> list[icalendar.Event]:
    tables = {
        "calendar": {"holidays": holidays},
        "schedules": {"fridays": {"file": "news-%Y-%m-%d.md", "when": "every Friday"}},
    }
    due = {each: each.recurrence.next(NOW, 5) for each in read_schedules(tables, "newsletter.toml")}
    written = calendar_of(due, society="Society, of <b>", host="example.org", now=NOW)
    found = icalendar.Calendar.from_ical(written).walk("VEVENT")
    return [each for each in found if str(each["summary"]) == summary]


def test_a_calendar_has_an_entry_for_each_occurrence() -> None:
    found = entries([])
    assert [each.decoded("dtstart") for each in found][:2] == [
        dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 4, 9, tzinfo=dt.UTC),
    ]
    assert str(found[0]["description"]) == "news-2026-11-27.md"


def test_an_entry_that_is_moved_is_the_same_entry() -> None:
    usual, moved = entries([])[4], entries(["12-25"])[4]
    assert usual["uid"] == moved["uid"]
    assert moved.decoded("dtstart") == dt.datetime(2026, 12, 28, 9, tzinfo=dt.UTC)


def test_a_step_before_it_is_an_entry_of_its_own_that_moves_along() -> None:
    words = "fridays: proof to the approvers"
    usual, moved = entries([], words)[-1], entries(["12-25"], words)[-1]
    assert usual.decoded("dtstart") == dt.datetime(2026, 12, 22, 9, tzinfo=dt.UTC)
    # On Monday the 28th, after a Friday that is a holiday: the third working day before is this.
    assert moved.decoded("dtstart") == usual.decoded("dtstart")
    assert usual["uid"] == moved["uid"]
    assert len({each["uid"] for each in entries([], words)}) == 5
