"""Steps before what a schedule sends: working days, one at a time, never twice."""

import datetime as dt
import itertools
import tomllib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputErrors
from newsletter.schedule.schedule import Schedule, read_schedules
from newsletter.schedule.steps import Step, StepKey, step_turn, steps_of

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def schedule_of(more: str = "", when: str = "first Tuesday of the month") -> Schedule:
    text = (
        '[calendar]\nholidays = ["11-26"]\n[schedules.s]\nfile = "x.md"\n'
        f'when = "{when} at 09:00 in America/New_York"\n{more}'
    )
    return read_schedules(tomllib.loads(text), "newsletter.toml", text)[0]


def test_steps_are_counted_in_working_days_on_the_clock_of_the_place() -> None:
    schedule = schedule_of()
    (due,) = schedule.recurrence.next(START, 1)
    assert f"{due.local:%a %d %b %H:%M %Z}" == "Tue 01 Dec 09:00 EST"
    # Thursday is a holiday, and nobody works at the weekend.
    assert {each.step.value: f"{each.local:%a %d %H:%M}" for each in steps_of(schedule, due)} == {
        "remind": "Mon 23 09:00",
        "proof": "Wed 25 09:00",
        "warn": "Mon 30 09:00",
    }


def test_a_step_keeps_its_hour_where_summer_time_ends_in_between() -> None:
    schedule = schedule_of("proof_days_before = 2\n", when="first Monday of November")
    due = schedule.recurrence.next(dt.datetime(2027, 10, 20, tzinfo=dt.UTC), 1)[0]
    proof = next(each for each in steps_of(schedule, due) if each.step is Step.PROOF)
    assert f"{proof.local:%d %H:%M %Z}" == "28 09:00 EDT"
    later = schedule.recurrence.next(dt.datetime(2028, 10, 20, tzinfo=dt.UTC), 1)[0]
    proof = next(each for each in steps_of(schedule, later) if each.step is Step.PROOF)
    assert f"{later.local:%d %H:%M %Z} {proof.local:%d %H:%M %Z}" == "06 09:00 EST 02 09:00 EDT"


def test_a_step_with_nothing_before_is_left_out() -> None:
    off = "remind_days_before = 0\nproof_days_before = 0\nwarn_hours_before = 0\n"
    schedule = schedule_of(off)
    assert steps_of(schedule, schedule.recurrence.next(START, 1)[0]) == ()


def test_who_is_told_has_to_be_an_address() -> None:
    with pytest.raises(InputErrors, match=r"schedules\.s\.tell holds 'nobody'"):
        schedule_of('tell = ["ann@example.org", "nobody"]\n')


@given(
    when=st.sampled_from(("first Tuesday of the month", "every second Friday", "every day")),
    steps=st.lists(
        st.one_of(st.integers(1, 36), st.integers(100, 90 * 24), st.integers(-72, -1), st.just(0)),
        min_size=1,
        max_size=50,
    ),
    together=st.booleans(),
)
def test_over_years_each_step_is_done_once_in_time_or_told_as_late(
    when: str, steps: list[int], *, together: bool
) -> None:
    schedule, now, latest = schedule_of(when=when), START, START
    done: Counter[StepKey] = Counter()
    late: set[StepKey] = set()
    for hours in steps:
        now += dt.timedelta(hours=hours)
        latest = max(latest, now)
        settled = done.keys() | late
        for _scheduler in range(1 + together):
            turn = step_turn(schedule, now, since=START, settled=settled)
            late |= {each.key for each in turn.late} - done.keys()
            for each in turn.due:
                assert each.moment <= now < each.of.moment
                # The key of the ledger lets one of two schedulers in.
                done[each.key] += each.key not in done and each.key not in late
    assert set(done.values()) <= {1}
    assert not late & {key for key, count in done.items() if count}
    over = itertools.takewhile(lambda of: of.moment <= latest, schedule.recurrence.after(START))
    expected = {each.key for of in over for each in steps_of(schedule, of) if each.moment > START}
    # Whatever was to be done before something that is over was done, or is told.
    if now == latest:
        assert expected <= done.keys() | late
