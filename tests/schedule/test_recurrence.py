import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputErrors, SettingsError
from newsletter.schedule.recurrence import parse_recurrence
from newsletter.schedule.schedule import read_schedules


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_the_first_tuesday_keeps_its_hour_through_daylight_saving() -> None:
    monthly = parse_recurrence("FREQ=MONTHLY;BYDAY=1TU", "09:00", "America/New_York")
    moments = [each.moment for each in monthly.next(utc("2026-10-01T00:00"), 3)]
    assert moments == [utc("2026-10-06T13:00"), utc("2026-11-03T14:00"), utc("2026-12-01T14:00")]


def test_an_hour_that_comes_twice_is_due_once() -> None:
    daily = parse_recurrence("FREQ=DAILY", "02:30", "Europe/Berlin")
    nights = daily.next(utc("2026-10-24T12:00"), 2)
    assert [each.moment for each in nights] == [utc("2026-10-25T00:30"), utc("2026-10-26T01:30")]


def test_an_hour_that_does_not_exist_is_due_once_all_the_same() -> None:
    daily = parse_recurrence("FREQ=DAILY", "02:30", "Europe/Berlin")
    (night,) = daily.next(utc("2027-03-27T12:00"), 1)
    assert night.moment == utc("2027-03-28T01:30")
    assert night.moment.astimezone(ZoneInfo("Europe/Berlin")).hour == 3


def test_every_second_week_does_not_depend_on_who_asks() -> None:
    fortnightly = parse_recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "09:00", "UTC")
    early = fortnightly.next(utc("2026-01-01T00:00"), 60)
    late = fortnightly.next(utc("2026-11-23T00:00"), 5)
    assert set(late) <= set(early)


@given(
    rule=st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1"]),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    day=st.dates(dt.date(2026, 1, 1), dt.date(2032, 1, 1)),
)
def test_occurrences_are_in_order_and_each_wall_time_comes_once(
    rule: str, hour: int, zone: str, day: dt.date
) -> None:
    recurrence = parse_recurrence(rule, f"{hour:02}:30", zone)
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    found = recurrence.next(moment, 40)
    assert all(each.moment > moment for each in found)
    assert [each.moment for each in found] == sorted(each.moment for each in found)
    assert len({each.wall for each in found}) == 40


@pytest.mark.parametrize(
    ("rule", "at", "zone"),
    [("MONTHLY", "09:00", "UTC"), ("FREQ=DAILY", "9 am", "UTC"), ("FREQ=DAILY", "09:00", "Berlin")],
)
def test_a_schedule_that_makes_no_sense_says_so(rule: str, at: str, zone: str) -> None:
    with pytest.raises(SettingsError):
        parse_recurrence(rule, at, zone)


def test_every_problem_of_every_schedule_is_said_at_once() -> None:
    tables = [{"name": "a", "file": "f.md", "rule": "X"}, {"name": "b", "role": "FREQ=DAILY"}]
    with pytest.raises(InputErrors) as caught:
        read_schedules(tables, "newsletter.toml")
    assert len(caught.value.errors) == 4
