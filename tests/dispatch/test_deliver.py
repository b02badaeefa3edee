import threading
from dataclasses import replace
from pathlib import Path

import pytest
from dispatch_samples import FAST, Answer, accept, journal_of, run_of

from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import cut_lanes, deliver
from newsletter.errors import (
    AccessRefused,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Balance, Dispatch, balance_of
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Receipt

Opened = tuple[Ledger, Dispatch]


def fail(error: ProviderError) -> Answer:
    return lambda _batch: error


def numbers(balance: Balance) -> tuple[int, int, int, int]:
    return balance.accepted, balance.rejected, balance.unsure, balance.pending


def delivered(opened: Opened, tmp_path: Path, *answers: Answer) -> tuple[Balance, Brake]:
    ledger, dispatch = opened
    run = run_of(ledger, dispatch, tmp_path / "journal", answers)
    deliver(run)
    balance = balance_of(ledger, dispatch)
    ledger.close()
    assert balance.balances
    return balance, run.brake


def test_everybody_gets_it_once(opened: Opened, tmp_path: Path) -> None:
    balance, brake = delivered(opened, tmp_path)
    assert numbers(balance) == (7, 0, 0, 0)
    assert journal_of(tmp_path / "journal") == list(range(7))
    assert not brake.is_on


def test_what_was_surely_not_sent_is_tried_again(opened: Opened, tmp_path: Path) -> None:
    balance, _brake = delivered(
        opened, tmp_path, fail(NotAccepted("refused")), fail(Throttled("slow", retry_after=0.001))
    )
    assert numbers(balance) == (7, 0, 0, 0)


def test_a_provider_that_stays_away_ends_the_run_with_everybody_pending(
    opened: Opened, tmp_path: Path
) -> None:
    balance, brake = delivered(opened, tmp_path, *[fail(NotAccepted("down"))] * FAST.attempts)
    assert numbers(balance) == (0, 0, 0, 7)
    assert str(brake.reason) == "down"


def test_a_pause_longer_than_our_patience_ends_the_run(opened: Opened, tmp_path: Path) -> None:
    balance, brake = delivered(opened, tmp_path, fail(Throttled("tomorrow", retry_after=86_400)))
    assert numbers(balance) == (0, 0, 0, 7)
    assert isinstance(brake.reason, Throttled)


def test_an_unknown_outcome_is_never_tried_again(opened: Opened, tmp_path: Path) -> None:
    balance, _brake = delivered(opened, tmp_path, accept, fail(OutcomeUnknown("reset")))
    assert numbers(balance) == (5, 0, 2, 0)
    assert journal_of(tmp_path / "journal") == [0, 1, 4, 5, 6]


def test_many_unknown_outcomes_in_a_row_end_the_run(opened: Opened, tmp_path: Path) -> None:
    balance, brake = delivered(opened, tmp_path, *[fail(OutcomeUnknown("502"))] * 3)
    assert numbers(balance) == (0, 0, 6, 1)
    assert str(brake.reason) == "502"


def test_a_provider_that_refuses_us_ends_the_run_at_once(opened: Opened, tmp_path: Path) -> None:
    balance, brake = delivered(opened, tmp_path, fail(AccessRefused("401")))
    assert numbers(balance) == (0, 0, 0, 7)
    assert str(brake.reason) == "401"


def test_one_refused_delivery_does_not_cost_the_others_their_email(
    opened: Opened, tmp_path: Path
) -> None:
    def refuse_three(batch: Batch) -> Receipt | ProviderError:
        if any(recipient.delivery == 3 for recipient in batch.recipients):
            return Rejected("400 bad address")
        return accept(batch)

    balance, _brake = delivered(opened, tmp_path, *[refuse_three] * 20)
    assert numbers(balance) == (6, 1, 0, 0)
    assert sorted(journal_of(tmp_path / "journal")) == [0, 1, 2, 4, 5, 6]


def test_a_mailbox_that_is_full_for_now_is_tried_after_the_others(
    opened: Opened, tmp_path: Path
) -> None:
    def full(_batch: Batch) -> Receipt:
        later = Outcome(DeliveryState.PENDING, note="452 mailbox full")
        return Receipt((Outcome(DeliveryState.ACCEPTED), later))

    balance, _brake = delivered(opened, tmp_path, full)
    assert numbers(balance) == (7, 0, 0, 0)
    assert journal_of(tmp_path / "journal") == [0, 2, 3, 4, 5, 6, 1]


def test_a_connection_that_breaks_part_way_splits_the_outcome(
    opened: Opened, tmp_path: Path
) -> None:
    def break_off(_batch: Batch) -> Receipt:
        unsure = Outcome(DeliveryState.UNSURE, note="no answer after the final dot")
        return Receipt(
            (unsure, Outcome(DeliveryState.PENDING)), stopped_by=NotAccepted("disconnected")
        )

    balance, _brake = delivered(opened, tmp_path, break_off)
    assert numbers(balance) == (6, 0, 1, 0)
    assert journal_of(tmp_path / "journal") == [1, 2, 3, 4, 5, 6]


def test_a_pulled_brake_stops_between_requests(opened: Opened, tmp_path: Path) -> None:
    ledger, dispatch = opened
    brake = Brake(FAST)

    def pull(batch: Batch) -> Receipt:
        brake.pull()
        return accept(batch)

    run = replace(run_of(ledger, dispatch, tmp_path / "journal", [accept, pull]), brake=brake)
    deliver(run)
    assert numbers(balance_of(ledger, dispatch)) == (4, 0, 0, 3)
    deliver(run_of(ledger, dispatch, tmp_path / "journal"))
    assert numbers(balance_of(ledger, dispatch)) == (7, 0, 0, 0)
    assert journal_of(tmp_path / "journal") == list(range(7))
    ledger.close()


def test_an_error_of_our_own_stops_all_workers_and_leaves_the_truth(
    opened: Opened, tmp_path: Path
) -> None:
    ledger, dispatch = opened

    def blunder(_batch: Batch) -> Receipt:
        raise ZeroDivisionError

    run = run_of(ledger, dispatch, tmp_path / "journal", [accept, blunder])
    with pytest.raises(ZeroDivisionError):
        deliver(run)
    assert run.brake.is_on
    assert numbers(balance_of(ledger, dispatch)) == (2, 0, 0, 5)
    ledger.close()


def test_several_workers_share_the_requests_without_overlap(opened: Opened, tmp_path: Path) -> None:
    ledger, dispatch = opened
    names: set[str] = set()

    def note(batch: Batch) -> Receipt:
        names.add(threading.current_thread().name)
        return accept(batch)

    run = replace(run_of(ledger, dispatch, tmp_path / "journal", [note] * 4), workers=4)
    deliver(run)
    assert sorted(journal_of(tmp_path / "journal")) == list(range(7))
    assert numbers(balance_of(ledger, dispatch)) == (7, 0, 0, 0)
    ledger.close()


@pytest.mark.parametrize(("requests", "workers"), [(0, 3), (1, 3), (7, 3), (1_000, 4)])
def test_lanes_cover_every_request_once(requests: int, workers: int) -> None:
    lanes = cut_lanes(range(1, requests + 1), workers)
    assert [number for lane in lanes for number in lane] == list(range(1, requests + 1))
    assert len(lanes) <= workers
