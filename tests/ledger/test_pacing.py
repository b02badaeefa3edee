"""One pace, kept by everybody who works over one ledger."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from newsletter.clock import SystemClock
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.pacing import Pace, put_off, take_turn
from newsletter.ledger.schema import turns, turns_taken

CLOCK = SystemClock()


def turn(ledger: Ledger, pace: Pace, messages: int = 1) -> float:
    with ledger.write() as connection:
        return take_turn(connection, pace, messages)


def turns_of(where: Path | str, pace: Pace, until: float) -> list[float]:
    """Take turns of one message as a process of its own would; tell when each was taken."""
    ledger, taken = open_ledger(where), []
    while CLOCK.monotonic() < until:
        wait = turn(ledger, pace)
        if wait > 0:
            CLOCK.sleep(min(wait, 0.05))
        else:
            taken.append(CLOCK.monotonic())
    ledger.close()
    return taken


def test_several_workers_keep_to_one_limit_by_the_second(ledger: Ledger, where: Path | str) -> None:
    del ledger  # made so that its tables are there
    pace, until = Pace(name="smtp", per_second=20.0), CLOCK.monotonic() + 1.5
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(turns_of, where, pace, until) for _ in range(4)]
    times = sorted(each for job in jobs for each in job.result())
    # A turn a twentieth of a second: the first at once. Clocks are read after the commit.
    assert 5 <= len(times) <= 1.5 * 20 + 1
    for start, each in enumerate(times):
        assert sum(each <= other < each + 1.0 for other in times[start:]) <= 20 + 2


def test_many_who_begin_at_once_share_one_row(ledger: Ledger, where: Path | str) -> None:
    del ledger
    pace, until = Pace(name="new", per_hour=3), CLOCK.monotonic() + 0.4
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(turns_of, where, pace, until) for _ in range(6)]
    assert sum(len(job.result()) for job in jobs) == 3


@pytest.mark.parametrize(("limit", "minutes"), [("per_hour", 60), ("per_day", 1440)])
def test_no_sliding_hour_or_day_holds_more_than_its_limit(
    ledger: Ledger, limit: str, minutes: int
) -> None:
    pace = Pace(name="smtp", **{limit: 10})
    assert turn(ledger, pace, 10) == 0
    assert turn(ledger, pace, 1) > 0
    for back in (minutes - 1, minutes):
        _move(ledger, back)  # at most so many minutes ago, perhaps some seconds fewer
        wait = turn(ledger, pace, 1)
        assert 0 < wait <= (minutes - back + 1) * 60
    _move(ledger, minutes + 1)
    assert turn(ledger, pace, 1) == 0


def _move(ledger: Ledger, minutes: int) -> None:
    """Make what was taken be taken so many minutes ago."""
    with ledger.write() as connection:
        now = connection.execute(select(Moment())).scalar_one()
        count = connection.scalar(select(turns_taken.c.messages)) or 0
        connection.execute(delete(turns_taken))
        minute = int(now // 60) - minutes
        connection.execute(insert(turns_taken).values(pace="smtp", minute=minute, messages=count))


def test_a_request_larger_than_the_limit_goes_alone_rather_than_never(ledger: Ledger) -> None:
    pace = Pace(name="smtp", per_hour=10)
    assert turn(ledger, pace, 25) == 0
    assert turn(ledger, pace, 1) > 0


def test_where_nothing_limits_nothing_is_written(ledger: Ledger) -> None:
    assert turn(ledger, Pace(name="smtp"), 1000) == 0
    with ledger.read() as connection:
        assert connection.execute(select(turns)).all() == []


def test_a_provider_that_says_wait_puts_everybody_off(ledger: Ledger, where: Path | str) -> None:
    pace, other = Pace(name="smtp", per_second=1000.0), open_ledger(where)
    assert turn(ledger, pace) == 0
    put_off(ledger, "smtp", 30.0)
    assert 29 < turn(other, pace) <= 30
    put_off(other, "smtp", 5.0)
    assert 29 < turn(ledger, pace) <= 30  # the later moment counts
    assert turn(ledger, Pace(name="sendgrid", per_second=1.0)) == 0
    other.close()


def test_a_provider_without_a_limit_of_ours_can_put_us_off_too(ledger: Ledger) -> None:
    put_off(ledger, "smtp", 30.0)
    assert 29 < turn(ledger, Pace(name="smtp")) <= 30


def _rate(ledger: Ledger) -> float | None:
    with ledger.read() as connection:
        return connection.scalar(select(turns.c.rate))


@pytest.fixture
def slowed(ledger: Ledger) -> Callable[[], float]:
    """Give a function that takes a turn as soon as there is one, and tells the rate afterwards."""
    pace = Pace(name="smtp", per_second=100.0)

    def take() -> float:
        with ledger.write() as connection:
            connection.execute(update(turns).values(next=Moment() - 1.0))
            assert take_turn(connection, pace, 1) == 0
        return _rate(ledger) or 100.0

    return take


def test_the_rate_recovers_little_by_little_up_to_the_limit(
    ledger: Ledger, slowed: Callable[[], float]
) -> None:
    with ledger.write() as connection:
        take_turn(connection, Pace(name="smtp", per_second=100.0), 1)
        connection.execute(update(turns).values(rate=50.0))
    rates = [slowed() for _ in range(60)]
    assert all(a <= b for a, b in pairwise(rates))
    assert 50 < rates[0] < 60
    assert rates[-1] == 100.0
    assert _rate(ledger) is None  # nothing is remembered once it is as fast as it may be
