"""A dispatch that goes badly, by what providers tell of it, stops itself once."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dispatch_samples import Answer, accept, journal_of, run_of
from sqlalchemy import delete, insert

from newsletter.clock import SystemClock
from newsletter.dispatch.breaker import EVERY, NAME, Breaker, Thresholds
from newsletter.dispatch.deliver import deliver
from newsletter.feedback.event import Kind
from newsletter.ledger.course import resume
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Act, Author, decisions_of
from newsletter.ledger.dispatches import Dispatch, balance_of, find_dispatch
from newsletter.ledger.feedback_tables import feedback_counts
from newsletter.ledger.schema import Course
from newsletter.ledger.stages import Tally
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Receipt

Opened = tuple[Ledger, Dispatch]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Tally(accepted=1000, bounced_hard=50, delivered=950), ""),
        (
            Tally(accepted=1000, bounced_hard=51, delivered=949),
            "51 of the first 1,000 bounced hard",
        ),
        (Tally(accepted=999, bounced_hard=999), ""),
        (Tally(accepted=2000, blocked=200), ""),
        (Tally(accepted=2000, blocked=201), "201 of the first 2,000 were blocked"),
        (Tally(accepted=1000, delivered=1000), ""),
        (Tally(accepted=999, delivered=999, complained=9), ""),
        (Tally(accepted=1000, delivered=1000, complained=1), "1 of the first 1,000 complained"),
        (Tally(accepted=5000, delivered=5000, complained=4), ""),
    ],
)
def test_shares_stop_a_dispatch_once_a_thousand_are_known(told: Tally, words: str) -> None:
    assert Thresholds().verdict(told) == words


class SlowClock(SystemClock):
    """A clock of which a minute passes between two looks."""

    _steps = iter(range(10**9))

    def monotonic(self) -> float:
        """Tell a time far behind the last."""
        return next(self._steps) * 12 * EVERY


def tell(ledger: Ledger, dispatch: Dispatch, **counts: int) -> None:
    with ledger.write() as connection:
        connection.execute(delete(feedback_counts))
        for kind, count in counts.items():
            row = {"dispatch": dispatch.id, "kind": Kind[kind].value, "deliveries": count}
            connection.execute(insert(feedback_counts).values(row))


def test_a_dispatch_that_bounces_is_paused_on_all_machines_and_goes_on_when_somebody_says_so(
    opened: Opened, tmp_path: Path
) -> None:
    ledger, dispatch = opened
    journal = tmp_path / "journal"

    def accept_and_hear(batch: Batch) -> Receipt:
        tell(ledger, dispatch, HARD=100, DELIVERED=900)
        return accept(batch)

    def run(*answers: Answer) -> None:
        watch = Breaker(ledger, dispatch.id, Thresholds(), SlowClock())
        deliver(replace(run_of(ledger, dispatch, journal, answers), watch=watch))

    run(accept, accept_and_hear)
    assert len(journal_of(journal)) == 4
    found = find_dispatch(ledger, dispatch.id)
    assert found
    assert found.course is Course.PAUSED
    assert found.course_note == "100 of the first 1,000 bounced hard"
    assert balance_of(ledger, dispatch).pending == 3
    (decision,) = decisions_of(ledger, dispatch.id)
    assert (decision.act, decision.author) == (Act.PAUSE, NAME)
    resume(ledger, dispatch.id, Author("ann", NOW))
    run()
    assert sorted(journal_of(journal)) == list(range(7))


def test_it_is_looked_at_every_few_seconds_and_not_at_every_request(opened: Opened) -> None:
    ledger, dispatch = opened
    breaker = Breaker(ledger, dispatch.id, Thresholds(), SystemClock())
    breaker()
    tell(ledger, dispatch, HARD=1000)
    breaker()
    assert decisions_of(ledger, dispatch.id) == ()


@pytest.mark.parametrize(("refused", "ends_early"), [(4, False), (6, True)])
def test_a_run_of_which_more_than_one_in_twenty_is_rejected_ends_after_a_thousand(
    opened_large: Opened, tmp_path: Path, refused: int, ends_early: bool
) -> None:
    ledger, dispatch = opened_large

    def refuse_some(batch: Batch) -> Receipt:
        no, yes = Outcome(DeliveryState.REJECTED, note="550"), Outcome(DeliveryState.ACCEPTED)
        count = len(batch.recipients)
        return Receipt(tuple(no if at < refused else yes for at in range(count)))

    run = run_of(ledger, dispatch, tmp_path / "journal", [refuse_some] * 16)
    deliver(run)
    balance = balance_of(ledger, dispatch)
    assert balance.balances
    if ends_early:
        # The request at which a thousand are settled is the last one.
        assert (balance.accepted, balance.rejected, balance.pending) == (940, 60, 600)
        assert "60 of the first 1,000" in str(run.brake.reason)
    else:
        assert (balance.rejected, balance.pending, run.brake.reason) == (64, 0, None)
