import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_samples import NOW, OPENING
from sqlalchemy import func, select

from newsletter.audience.segment import Selection
from newsletter.errors import NewsletterError, Refused
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.occurrences import Mark, know, miss, take, taken_since
from newsletter.ledger.opening import alone, both, open_dispatch
from newsletter.ledger.schema import dispatches
from newsletter.ledger.selection import Choice
from newsletter.ledger.standing import Ground

LIST = "id,email\n1,ann@example.org\n2,bob@example.org\n"
WALL = dt.datetime(2026, 11, 23, 9)  # noqa: DTZ001 - a wall time
MARK = Mark(schedule="monthly", wall=WALL, due=NOW)
DAY = dt.timedelta(days=1)


def open_for(ledger: Ledger, mark: Mark, slug: str, now: dt.datetime = NOW) -> int:
    choice = Choice(
        slug=slug,
        again=False,
        selection=Selection(included=(), excluded=()),
        blocks=(),
        slots=(),
        ground=Ground(today=NOW.date()),
    )
    opening = replace(
        OPENING,
        ref=f"{abs(hash(slug)):016x}"[:16],
        then=both(lambda connection, dispatch: take(connection, mark, dispatch, now), alone),
    )
    return open_dispatch(ledger, opening, choice, expected=2).id


def count(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return connection.scalar(select(func.count()).select_from(dispatches)) or 0


def test_an_occurrence_is_taken_once_and_the_second_opens_nothing(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    dispatch = open_for(ledger, MARK, "first")
    with pytest.raises(Refused, match="another scheduler took"):
        open_for(ledger, MARK, "second")
    assert count(ledger) == 1
    assert taken_since(ledger, NOW - DAY) == (dispatch,)
    assert know(ledger, "monthly", "rule", NOW).settled == {WALL}


def test_of_two_schedulers_at_one_moment_one_opens(
    listed: Callable[[str], Ledger], where: Path | str
) -> None:
    listed(LIST)
    gate, opened, refused = threading.Barrier(2), [], []

    def look(slug: str) -> None:
        ledger = open_ledger(where)
        gate.wait()
        try:
            opened.append(open_for(ledger, MARK, slug))
        except NewsletterError as error:
            refused.append(error)
        finally:
            ledger.close()

    schedulers = [threading.Thread(target=look, args=(slug,)) for slug in ("first", "second")]
    for each in schedulers:
        each.start()
    for each in schedulers:
        each.join()
    assert (len(opened), len(refused)) == (1, 1)


def test_what_was_missed_is_told_once_and_not_taken_later(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    assert miss(ledger, [MARK], NOW) == (MARK,)
    assert miss(ledger, [MARK], NOW) == ()
    with pytest.raises(Refused):
        open_for(ledger, MARK, "late", NOW + DAY)


def test_what_a_wrong_clock_missed_can_still_be_sent_when_it_comes(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    miss(ledger, [MARK], NOW + 365 * DAY)
    assert know(ledger, "monthly", "rule", NOW).settled == frozenset()
    open_for(ledger, MARK, "first")
    assert know(ledger, "monthly", "rule", NOW).settled == {WALL}


def test_a_schedule_begins_when_it_is_first_looked_at_and_anew_with_another_rule(
    ledger: Ledger,
) -> None:
    assert know(ledger, "monthly", "rule", NOW).since == NOW
    assert know(ledger, "monthly", "rule", NOW + DAY).since == NOW
    assert know(ledger, "monthly", "other", NOW + DAY).since == NOW + DAY
