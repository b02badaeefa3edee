"""Schedules over years of simulated time: outages, clocks that jump, two schedulers."""

import datetime as dt
import itertools
import tomllib
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from newsletter.schedule.schedule import Schedule, read_schedules
from newsletter.schedule.turn import turn_of

START = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
RULES = (
    *("first Tuesday of the month", "every second Friday", "every day", "quarterly"),
    "every working day",
)


def schedule_of(when: str) -> Schedule:
    text = (
        '[calendar]\nholidays = ["12-25", "2027-07-05"]\n'
        f'[schedules.s]\nfile = "x.md"\nwhen = "{when} at 02:30 in Europe/Berlin"\n'
    )
    return read_schedules(tomllib.loads(text), "newsletter.toml", text)[0]


@dataclass
class Record:
    """What a ledger keeps, with its key."""

    sent: Counter[dt.datetime] = field(default_factory=Counter)
    missed: set[dt.datetime] = field(default_factory=set)

    def take(self, wall: dt.datetime) -> bool:
        if wall in self.sent or wall in self.missed:
            return False
        self.sent[wall] += 1
        return True


@given(
    when=st.sampled_from(RULES),
    steps=st.lists(
        st.one_of(st.integers(1, 36), st.integers(100, 90 * 24), st.integers(-72, -1), st.just(0)),
        min_size=1,
        max_size=60,
    ),
    fails=st.sets(st.integers(0, 60)),
    together=st.booleans(),
)
def test_over_years_each_is_sent_once_or_told_as_missed(
    when: str, steps: list[int], fails: set[int], *, together: bool
) -> None:
    schedule, record, now, latest = schedule_of(when), Record(), START, START
    for number, hours in enumerate(steps):
        now += dt.timedelta(hours=hours)
        latest = max(latest, now)
        settled = record.sent.keys() | record.missed
        # Two schedulers that look at the same moment see the same, and one of them is first.
        turns = [turn_of(schedule, now, since=START, settled=settled) for _ in range(1 + together)]
        for turn in turns:
            record.missed |= {each.wall for each in turn.missed} - record.sent.keys()
        sent = [
            turn.due
            for turn in turns
            if turn.due and number not in fails
            if record.take(turn.due.wall)
        ]
        assert len(sent) <= 1
        for each in sent:
            assert dt.timedelta() <= now - each.moment <= schedule.not_after
    assert not record.missed & record.sent.keys()
    assert set(record.sent.values()) <= {1}
    walk = schedule.recurrence.after(START)
    came = {each.wall for each in itertools.takewhile(lambda one: one.moment <= latest, walk)}
    # Nobody is forgotten: only what the last look could not send is open.
    assert record.sent.keys() | record.missed <= came
    assert len(came - record.sent.keys() - record.missed) <= 1
