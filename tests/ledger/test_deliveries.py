from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_samples import DOCUMENT, NOW, OPENING

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.segment import Selection
from newsletter.errors import LedgerError, Refused
from newsletter.ledger.claiming import Attempt, claim, pending_requests
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import (
    Dispatch,
    balance_of,
    documents_of,
    list_dispatches,
    remarks_of,
)
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.selection import Choice
from newsletter.ledger.settling import settle, split
from newsletter.ledger.suppressions import suppress
from newsletter.ledger.unsure import assume_sent, recover, send_unsure_again
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

AT = Attempt(NOW)
ANN = Author("ann", NOW)
CHOICE = Choice(slug="spring", selection=Selection(included=()))
ACCEPTED = Outcome(DeliveryState.ACCEPTED, reference="r")


@pytest.fixture
def five(listed: Callable[[str], Ledger]) -> Ledger:
    return listed("email\n" + "".join(f"m{i}@example.org\n" for i in range(5)))


def opened(ledger: Ledger, *, expected: int = 5) -> Dispatch:
    return open_dispatch(ledger, OPENING, CHOICE, expected=expected)


def test_opening_writes_every_delivery_and_cuts_requests(five: Ledger) -> None:
    dispatch = opened(five)
    assert str(balance_of(five, dispatch)) == (
        "5 listed = 0 excluded + 0 accepted + 0 rejected + 0 unsure + 5 pending"
    )
    assert pending_requests(five, dispatch.id) == (1, 2, 3)
    assert documents_of(five, dispatch) == {"-": DOCUMENT}


def test_a_number_that_nobody_confirmed_opens_nothing(five: Ledger) -> None:
    with pytest.raises(Refused, match="5 recipients now, not 4"):
        opened(five, expected=4)
    assert list_dispatches(five) == ()


def test_a_claim_is_committed_before_anything_is_sent(five: Ledger, where: Path | str) -> None:
    dispatch = opened(five)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed is not None
    assert [each.address.wire for each in claimed.deliveries] == [
        "m0@example.org",
        "m1@example.org",
    ]
    other = open_ledger(where)
    assert pending_requests(other, dispatch.id) == (2, 3)
    assert (balance_of(other, dispatch).pending, balance_of(other, dispatch).under_way) == (5, 2)
    other.close()


def test_nobody_claims_a_request_that_somebody_has(five: Ledger) -> None:
    dispatch = opened(five)
    assert claim(five, dispatch.id, 1, AT)
    assert claim(five, dispatch.id, 1, AT) is None


def test_outcomes_are_settled_one_by_one(five: Ledger) -> None:
    dispatch = opened(five)
    first = claim(five, dispatch.id, 1, AT)
    second = claim(five, dispatch.id, 2, AT)
    assert first
    assert second
    settle(five, first, (ACCEPTED, Outcome(DeliveryState.REJECTED, note="550 no such mailbox")))
    settle(five, second, (Outcome(DeliveryState.UNSURE), Outcome(DeliveryState.PENDING)))
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.rejected, balance.unsure, balance.pending) == (1, 1, 1, 2)
    assert balance.balances
    assert pending_requests(five, dispatch.id) == (2, 3)
    again = claim(five, dispatch.id, 2, AT)
    assert again
    assert [each.delivery for each in again.deliveries] == [3]
    assert [remark.note for remark in remarks_of(five, dispatch)] == ["550 no such mailbox", ""]


def test_a_claim_settles_once(five: Ledger) -> None:
    dispatch = opened(five)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    settle(five, claimed, (ACCEPTED, ACCEPTED))
    with pytest.raises(LedgerError, match="moved 0 rows"):
        settle(five, claimed, (ACCEPTED, ACCEPTED))


def test_a_worker_that_was_taken_for_dead_may_still_say_what_came_of_its_attempt(
    five: Ledger,
) -> None:
    dispatch = opened(five)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    assert recover(five, dispatch.id) == 2
    settle(five, claimed, (ACCEPTED, ACCEPTED))
    assert balance_of(five, dispatch).accepted == 2


def test_an_outcome_from_before_a_later_attempt_changes_nothing(five: Ledger) -> None:
    dispatch = opened(five)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    recover(five, dispatch.id)
    send_unsure_again(five, dispatch.id, ANN)
    assert claim(five, dispatch.id, 1, AT)
    with pytest.raises(LedgerError, match="moved 0 rows"):
        settle(five, claimed, (ACCEPTED, ACCEPTED))
    assert balance_of(five, dispatch).under_way == 2


def test_what_is_unsure_is_never_pending_again_on_its_own(five: Ledger) -> None:
    dispatch = opened(five)
    claim(five, dispatch.id, 1, AT)
    recover(five, dispatch.id)
    assert pending_requests(five, dispatch.id) == (2, 3)


def test_a_person_may_assume_that_the_unsure_have_it(five: Ledger) -> None:
    dispatch = opened(five)
    claim(five, dispatch.id, 1, AT)
    recover(five, dispatch.id)
    assert assume_sent(five, dispatch.id, ANN) == 2
    assert balance_of(five, dispatch).accepted == 2


def test_a_person_may_send_to_the_unsure_again(five: Ledger) -> None:
    dispatch = opened(five)
    claim(five, dispatch.id, 1, AT)
    recover(five, dispatch.id)
    assert send_unsure_again(five, dispatch.id, ANN) == 2
    assert pending_requests(five, dispatch.id) == (1, 2, 3)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    assert len(claimed.deliveries) == 2


def test_somebody_who_leaves_after_the_opening_is_excluded_at_the_claim(five: Ledger) -> None:
    dispatch = opened(five)
    suppress(five, Person("m1@example.org"), SuppressionReason.UNSUBSCRIBED, source="link", now=NOW)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    assert [each.address.wire for each in claimed.deliveries] == ["m0@example.org"]
    settle(five, claimed, (ACCEPTED,))
    balance = balance_of(five, dispatch)
    assert (balance.excluded, balance.accepted, balance.reasons) == (1, 1, {"suppressed": 1})
    assert balance.balances


def test_a_refused_request_is_cut_in_two(five: Ledger) -> None:
    dispatch = opened(five)
    claimed = claim(five, dispatch.id, 1, AT)
    assert claimed
    assert split(five, claimed) == (1, 4)
    halves = [claim(five, dispatch.id, number, AT) for number in (1, 4)]
    assert [[d.delivery for d in half.deliveries] for half in halves if half] == [[0], [1]]


def test_the_database_refuses_the_same_issue_for_the_same_member_twice(five: Ledger) -> None:
    opened(five)
    again = replace(OPENING, ref="f" * 16)
    with pytest.raises(Refused, match="0 recipients now"):
        open_dispatch(five, again, CHOICE, expected=5)


def test_again_opens_another_copy_for_everybody(five: Ledger) -> None:
    opened(five)
    again = replace(OPENING, ref="f" * 16)
    second = open_dispatch(five, again, replace(CHOICE, again=True), expected=5)
    assert second.copy == 1
    assert second.recipients == 5


def test_the_rejected_are_chosen_again_by_the_next_dispatch(five: Ledger) -> None:
    dispatch = opened(five)
    for number, outcome in ((1, Outcome(DeliveryState.REJECTED)), (2, ACCEPTED)):
        claimed = claim(five, dispatch.id, number, AT)
        assert claimed
        settle(five, claimed, (outcome, outcome))
    again = open_dispatch(five, replace(OPENING, ref="f" * 16), CHOICE, expected=2)
    assert again.recipients == 2
    assert balance_of(five, again).reasons == {"already got this issue": 3}


def test_a_ledger_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be made"):
        open_ledger(tmp_path / "file" / "ledger.sqlite3")


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_text("this is not a database, but a text of some length" * 50)
    with pytest.raises(LedgerError, match="not a database"):
        open_ledger(path)


def _fill_up(ledger: Ledger) -> None:
    for number in range(10_000):
        address, source = f"somebody.{number}@example.org", "x" * 2_000
        suppress(ledger, Person(address), SuppressionReason.MANUAL, source=source, now=NOW)


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_a_full_disk_fails_before_anything_is_claimed(five: Ledger) -> None:
    dispatch = opened(five)
    with five.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    five.close()
    full = open_ledger(Path(str(five.engine.url.database)))
    with full.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="full"):
        _fill_up(full)
    assert balance_of(full, dispatch).pending == 5
    full.close()
