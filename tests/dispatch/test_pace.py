"""Quiet hours, warming up, spreading: what the arithmetic of the pace promises."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from newsletter.dispatch.localhour import LocalHour, zone_of
from newsletter.dispatch.pace import WARM_UP_CEILINGS, Limits, Pacing, Quiet, WarmUp, spread_over

wall = dt.datetime.fromisoformat
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
CLOCKS = st.times().map(lambda time: time.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(
    min_value=wall("2026-01-01T00:00"),
    max_value=wall("2028-01-01T00:00"),
    timezones=st.just(dt.UTC),
)


@given(MOMENTS, CLOCKS, CLOCKS, ZONES)
def test_whoever_waits_for_the_end_of_the_quiet_hours_comes_out_of_them(
    now: dt.datetime, begins: dt.time, ends: dt.time, zone: str
) -> None:
    if begins == ends:
        return
    quiet = Quiet(begins=begins, ends=ends, zone=ZoneInfo(zone))
    wait = quiet.closed_for(now)
    assert 0 <= wait <= 25 * 3600
    opens = now + dt.timedelta(seconds=wait)
    for _ in range(2):  # an hour that the clock shows twice is quiet twice
        opens += dt.timedelta(seconds=quiet.closed_for(opens))
    assert quiet.closed_for(opens) == 0


def test_a_moment_that_a_clock_leaves_out_or_shows_twice_is_due_once() -> None:
    gap = LocalHour(wall("2027-03-28T02:30"), "UTC").due(["Europe/Berlin"])
    assert gap == {"Europe/Berlin": dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC).timestamp()}
    fold = LocalHour(wall("2027-10-31T02:30"), "UTC").due(["Europe/Berlin"])
    assert fold == {"Europe/Berlin": dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC).timestamp()}


def test_a_name_that_is_no_zone_counts_as_the_default() -> None:
    hour = LocalHour(wall("2027-03-01T09:00"), "America/New_York")
    assert zone_of("Europe/Berlinn") is None
    assert set(hour.due(["Europe/Berlinn", "", "../etc", "America/New_York"]).values()) == {
        hour.at_default()
    }


def test_a_new_domain_sends_more_every_day() -> None:
    plan = WarmUp(start=dt.date(2027, 3, 1))
    days = [plan.ceiling(plan.start + dt.timedelta(days=each)) for each in range(-1, 12)]
    assert days == [50, *WARM_UP_CEILINGS, 200_000, 400_000]
    now = dt.datetime(2027, 3, 2, 12, tzinfo=dt.UTC)
    (pace,) = Pacing(provider="smtp", limits=Limits(per_day=70), warm_up=plan).paces(now)
    assert pace.per_day == 70


def test_a_spread_takes_as_long_as_it_was_given() -> None:
    assert spread_over(7, 3600, 7200.0).per_second == 0.5
