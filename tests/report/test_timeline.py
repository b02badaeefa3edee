"""Numbers over time and round marks: whatever happened, a person can read it."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.report.plot import Series, line_plot, marks_for, share
from newsletter.report.timeline import make_timeline

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
COUNTS = st.dictionaries(
    st.integers(0, 60 * 24 * 40).map(lambda minutes: NOON + dt.timedelta(minutes=minutes)),
    st.integers(1, 1000),
    max_size=30,
)


@given(COUNTS, COUNTS)
def test_nothing_is_lost_and_nothing_counted_twice(
    accepted: dict[dt.datetime, int], delivered: dict[dt.datetime, int]
) -> None:
    found = make_timeline(accepted, delivered)
    if not found.points:
        assert not accepted
        assert not delivered
        return
    last = found.points[-1]
    assert last.delivered + found.later == sum(delivered.values())
    assert len(found.points) <= 26
    assert [p.at for p in found.points] == sorted(p.at for p in found.points)
    rising = [(p.accepted, p.delivered) for p in found.points]
    assert rising[0] == (0, 0)
    assert all(a <= c and b <= d for (a, b), (c, d) in itertools.pairwise(rising))


def test_one_late_mailbox_does_not_flatten_all_else() -> None:
    delivered = {NOON + dt.timedelta(minutes=at): 100 for at in range(10)}
    late = {NOON + dt.timedelta(days=7): 1}
    found = make_timeline(delivered, delivered | late)
    assert found.step == dt.timedelta(minutes=1)
    assert found.later == 1


def test_before_anything_happened_there_is_nothing_to_draw() -> None:
    assert make_timeline({}, {}).points == ()
    assert line_plot((Series("x", "x", ()),)).marks[0].label == "0"


@given(st.integers(0, 10**9))
def test_marks_are_few_round_and_reach_the_top(most: int) -> None:
    marks = marks_for(most)
    assert marks[0] == 0
    assert marks[-1] >= most
    assert 2 <= len(marks) <= 6
    assert len({b - a for a, b in itertools.pairwise(marks)}) == 1


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_every_line_stays_within_the_drawing(values: list[int]) -> None:
    (line,) = line_plot((Series("a", "b", tuple(values)),)).lines
    numbers = [float(n) for n in line.stroke.replace("M", "").replace("L", "").split()]
    assert all(0 <= x <= 1000 for x in numbers[::2])
    assert all(0 <= y <= 300 for y in numbers[1::2])


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "-"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 1_000_000, "< 0.01 %"),
        (999_999, 1_000_000, "> 99.9 %"),
        (1, 3, "33.3 %"),
        (1, 1000, "0.10 %"),
        (2, 100, "2.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown
