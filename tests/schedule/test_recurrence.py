import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.schedule.freedays import FreeDays, read_free_days
from newsletter.schedule.recurrence import Recurrence

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(rule: str, at: str, zone: ZoneInfo, *free: str, weekends: bool = False) -> Recurrence:
    return Recurrence(
        rules=(rule,),
        times=(dt.time.fromisoformat(at),),
        zone=zone,
        free=read_free_days(free),
        off_weekends=weekends,
    )


def local_days(recurrence: Recurrence, since: str, count: int) -> list[str]:
    return [f"{each.local:%Y-%m-%d}" for each in recurrence.next(utc(since), count)]


def test_the_first_tuesday_keeps_its_hour_through_daylight_saving() -> None:
    monthly = due("FREQ=MONTHLY;BYDAY=1TU", "09:00", NEW_YORK)
    moments = [each.moment for each in monthly.next(utc("2026-10-01T00:00"), 3)]
    assert moments == [utc("2026-10-06T13:00"), utc("2026-11-03T14:00"), utc("2026-12-01T14:00")]


def test_an_hour_that_comes_twice_is_due_once_and_the_first_time() -> None:
    nights = due("FREQ=DAILY", "02:30", BERLIN).next(utc("2026-10-24T12:00"), 2)
    assert [each.moment for each in nights] == [utc("2026-10-25T00:30"), utc("2026-10-26T01:30")]


def test_an_hour_that_does_not_exist_is_due_once_all_the_same() -> None:
    (night,) = due("FREQ=DAILY", "02:30", BERLIN).next(utc("2027-03-27T12:00"), 1)
    assert night.moment == utc("2027-03-28T01:30")
    assert f"{night.local:%H:%M}" == "03:30"
    assert night.wall == dt.datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - a wall time


def test_a_skipped_hour_never_falls_together_with_the_next() -> None:
    both = Recurrence(rules=("FREQ=DAILY",), times=(dt.time(2, 30), dt.time(3, 30)), zone=BERLIN)
    found = both.next(utc("2027-03-27T12:00"), 2)
    assert [each.moment for each in found] == [utc("2027-03-28T01:30"), utc("2027-03-29T00:30")]


def test_every_second_week_does_not_depend_on_who_asks() -> None:
    fortnightly = due("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "09:00", BERLIN)
    early = fortnightly.next(utc("2026-01-01T00:00"), 60)
    late = fortnightly.next(utc("2026-11-23T00:00"), 5)
    assert set(late) <= set(early)


def test_a_holiday_moves_to_the_next_working_day() -> None:
    friday = due("FREQ=WEEKLY;BYDAY=FR", "09:00", NEW_YORK, "12-25", "2027-01-01..2027-01-04")
    assert local_days(friday, "2026-12-20T00:00", 3) == ["2026-12-28", "2027-01-05", "2027-01-08"]
    moved = friday.next(utc("2026-12-20T00:00"), 1)[0]
    assert moved.is_moved
    assert f"{moved.wall:%Y-%m-%d}" == "2026-12-25"


def test_days_that_move_onto_one_another_come_once() -> None:
    daily = due("FREQ=DAILY", "09:00", NEW_YORK, "12-25", "12-26")
    # 25 and 26 December, Friday and Saturday, would both move to Monday: others stand in.
    assert local_days(daily, "2026-12-24T00:00", 4) == [
        *("2026-12-24", "2026-12-27", "2026-12-28", "2026-12-29")
    ]


def test_weekends_move_only_where_that_is_wanted() -> None:
    middle = "FREQ=MONTHLY;BYMONTHDAY=15"
    since = "2027-05-01T00:00"  # 15 May 2027 is a Saturday
    assert local_days(due(middle, "09:00", BERLIN), since, 1) == ["2027-05-15"]
    assert local_days(due(middle, "09:00", BERLIN, weekends=True), since, 1) == ["2027-05-17"]


def test_what_finds_no_working_day_is_left_out() -> None:
    quiet = due("FREQ=MONTHLY;BYMONTHDAY=1", "09:00", BERLIN, "2027-07-01..2027-08-31")
    assert local_days(quiet, "2027-06-15T00:00", 2) == ["2027-09-01", "2027-10-01"]


def test_single_days_end() -> None:
    days = (dt.date(2027, 3, 2), dt.date(2027, 6, 1))
    twice = Recurrence(days=days, times=(dt.time(9),), zone=BERLIN)
    assert local_days(twice, "2027-01-01T00:00", 12) == ["2027-03-02", "2027-06-01"]


@pytest.mark.parametrize("written", ["13-01", "2027-02-30", "2027-01-02..2026-12-24", "Easter", ""])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="which"):
        read_free_days([written])


@given(
    rule=st.sampled_from(
        [
            *("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            *("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=MONTHLY;BYDAY=1TU"),
        ]
    ),
    times=st.lists(
        st.builds(dt.time, st.integers(0, 23), st.just(30)), min_size=1, max_size=3, unique=True
    ),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "UTC"]
    ),
    day=st.dates(dt.date(2026, 1, 1), dt.date(2036, 1, 1)),
    free=st.sets(st.dates(dt.date(2026, 1, 1), dt.date(2037, 1, 1)), max_size=20),
    weekends=st.booleans(),
)
def test_occurrences_are_in_order_on_allowed_days_and_come_once(  # noqa: PLR0913 - hypothesis hands over each by name
    rule: str, times: list[dt.time], zone: str, day: dt.date, free: set[dt.date], *, weekends: bool
) -> None:
    recurrence = Recurrence(
        rules=(rule,),
        times=tuple(sorted(times)),
        zone=ZoneInfo(zone),
        free=FreeDays(spans=tuple((each, each) for each in free)),
        off_weekends=weekends,
    )
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    found = recurrence.next(moment, 25)
    moments = [each.moment for each in found]
    assert moments[0] > moment
    assert all(one < two for one, two in itertools.pairwise(moments))
    assert len({each.wall for each in found}) == 25
    assert not {each.local.date() for each in found} & free
    assert not (weekends and any(each.local.weekday() > 4 for each in found))
    # Asking again from any of them goes on where it was: a program that is started anew does.
    assert recurrence.next(moments[7], 17) == found[8:]
