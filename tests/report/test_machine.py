"""Which opens and clicks were people, by a rule that is written down."""

import datetime as dt
from itertools import permutations

import pytest

from newsletter.feedback.machine import Judgement, Touch, by_people, count_links, judge

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 Safari/605.1.15"


def touch(
    seconds: float, link: str = "", agent: str = SAFARI, *, is_machine: bool = False
) -> Touch:
    at = NOON + dt.timedelta(seconds=seconds)
    return Touch(at=at, agent=agent, link=link, is_machine=is_machine)


@pytest.mark.parametrize(
    "made",
    [
        touch(2, "a"),
        touch(-5, "a"),
        touch(300, "a", "Barracuda Sentinel (EE)"),
        touch(300, "a", "python-requests/2.31"),
        touch(300, "", "Mozilla/5.0"),
        touch(300, "a", is_machine=True),
    ],
)
def test_a_machine_is_known_by_haste_name_or_word_of_the_provider(made: Touch) -> None:
    assert by_people([made], NOON) == ()


def test_a_person_takes_their_time() -> None:
    made = [touch(30, "a"), touch(90, "b")]
    assert by_people(made, NOON) == tuple(made)
    assert by_people([touch(2, "a")], None) != ()  # when it arrived, nobody told


def test_all_links_at_once_is_a_filter_whatever_it_calls_itself() -> None:
    burst = [touch(300 + at, link) for at, link in enumerate("abc")]
    later = touch(9000, "b")
    for order in permutations([*burst, later]):
        assert by_people(order, NOON) == (later,)
    twice = [touch(300, "a"), touch(301, "a"), touch(302, "a"), touch(303, "b")]
    assert len(by_people(twice, NOON)) == 4


def test_each_delivery_counts_once() -> None:
    clicks = {
        1: [touch(2, "a"), touch(60, "a"), touch(70, "a")],
        2: [touch(3, "a")],
        3: [touch(60, "b")],
    }
    delivered = dict.fromkeys(clicks, NOON)
    assert judge(clicks, delivered) == Judgement(people=2, machines=1)
    assert count_links(clicks, delivered) == {
        "a": Judgement(people=1, machines=1),
        "b": Judgement(people=1, machines=0),
    }
