"""A request is read before it is claimed, and claimed along with the settling of another."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ledger_samples import NOW
from ledger_samples import OPENING as SPRING
from sqlalchemy import update

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.segment import Selection
from newsletter.ledger.carried import recipients_within
from newsletter.ledger.claiming import Attempt, Claim, Wish, claim, look_ahead
from newsletter.ledger.consent import leave
from newsletter.ledger.course import Hold, pause
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, balance_of, list_dispatches
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.pacing import Pace, put_off
from newsletter.ledger.schema import deliveries
from newsletter.ledger.selection import Choice
from newsletter.ledger.settling import settle, settle_and_claim, split
from newsletter.ledger.standing import Ground
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

AT = Attempt(NOW)
ANN = Author("ann", NOW)
HOW = Circumstance(source="page", words="Unsubscribe?", at=NOW)
SENT, LATER = Outcome(DeliveryState.ACCEPTED, reference="r"), Outcome(DeliveryState.PENDING)
OPENING = replace(SPRING, batch_size=2)


@pytest.fixture
def five(listed: Callable[[str], Ledger]) -> Ledger:
    rows = "".join(f"{i},m{i}@example.org\n" for i in range(5))
    return listed(f"member_id,email\n{rows}")


def opened(ledger: Ledger, *, expected: int = 5) -> Dispatch:
    ground = Ground(topic="news", today=NOW.date())
    choice = Choice(slug="spring", selection=Selection(included=()), ground=ground)
    return open_dispatch(ledger, OPENING, choice, expected=expected)


def taken(found: Claim | Hold | None) -> Claim:
    assert isinstance(found, Claim)
    return found


def test_what_was_read_ahead_is_what_is_claimed(five: Ledger) -> None:
    dispatch = opened(five)
    ahead = look_ahead(five, dispatch.id, 2)
    assert ahead is not None
    assert balance_of(five, dispatch).under_way == 0  # to look takes nothing
    claimed = taken(claim(five, dispatch.id, 2, AT, ahead))
    assert claimed.deliveries is ahead.deliveries
    assert claimed.deliveries.addresses == ["m2@example.org", "m3@example.org"]


def test_whoever_leaves_after_it_was_read_ahead_does_not_get_it(five: Ledger) -> None:
    dispatch = opened(five)
    ahead = look_ahead(five, dispatch.id, 2)
    leave(five, Person("m3@example.org", "3"), HOW)
    claimed = taken(claim(five, dispatch.id, 2, AT, ahead))
    assert claimed.deliveries.addresses == ["m2@example.org"]
    assert balance_of(five, dispatch).balances


def test_a_request_that_was_cut_in_two_meanwhile_is_read_again(five: Ledger) -> None:
    dispatch = opened(five)
    ahead = look_ahead(five, dispatch.id, 2)
    first, second = split(five, taken(claim(five, dispatch.id, 2, AT)))
    claimed = [taken(claim(five, dispatch.id, number, AT, ahead)) for number in (first, second)]
    assert [each.deliveries.deliveries for each in claimed] == [[2], [3]]


def test_only_what_was_never_tried_is_read_ahead(five: Ledger) -> None:
    dispatch = opened(five)
    settle(five, taken(claim(five, dispatch.id, 1, AT)), (SENT, LATER))
    assert look_ahead(five, dispatch.id, 1) is None
    claim(five, dispatch.id, 2, AT)
    assert look_ahead(five, dispatch.id, 2) is None
    assert look_ahead(five, dispatch.id, 9) is None


def test_an_outcome_and_the_next_attempt_are_one_commit(five: Ledger) -> None:
    dispatch = opened(five)
    first = taken(claim(five, dispatch.id, 1, AT))
    second = settle_and_claim(five, first, (SENT, SENT), Wish(dispatch.id, 2, AT))
    assert second is not None
    assert second.deliveries.deliveries == [2, 3]
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.under_way, balance.pending) == (2, 2, 3)


def test_where_the_next_may_not_begin_the_outcome_is_kept_nevertheless(five: Ledger) -> None:
    dispatch = opened(five)
    first = taken(claim(five, dispatch.id, 1, AT))
    pause(five, dispatch.id, ANN)
    assert settle_and_claim(five, first, (SENT, SENT), Wish(dispatch.id, 2, AT)) is None
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.under_way, balance.pending) == (2, 0, 3)


@pytest.mark.parametrize("pace", [Pace(name="slow", per_second=5.0), Pace(name="told off")])
def test_what_a_pace_may_hold_back_is_claimed_by_itself(five: Ledger, pace: Pace) -> None:
    dispatch = opened(five)
    put_off(five, "told off", 0.0)
    first = taken(claim(five, dispatch.id, 1, AT))
    wish = Wish(dispatch.id, 2, Attempt(NOW, paces=(pace,)))
    assert settle_and_claim(five, first, (SENT, SENT), wish) is None
    assert balance_of(five, dispatch).accepted == 2


def test_some_that_were_settled_by_evidence_stay_as_they_are(five: Ledger) -> None:
    dispatch = opened(five)
    first = taken(claim(five, dispatch.id, 1, AT))
    settle(five, first, (SENT, Outcome(DeliveryState.REJECTED)))
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.rejected) == (1, 1)


_NAMES = st.lists(
    st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=5, max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(names=_NAMES)
@example(names=["\x1f", "", ",", '"', "Ada\x1fLovelace"])
def test_columns_are_read_as_the_rows_stand_whatever_the_names_hold(
    five: Ledger, names: list[str]
) -> None:
    dispatches = list_dispatches(five)
    dispatch = dispatches[0] if dispatches else opened(five)
    with five.write() as connection:
        for at, name in enumerate(names):
            here = (deliveries.c.dispatch == dispatch.id, deliveries.c.position == at)
            values = {"name": name, "slot_values": {"first_name": name}}
            connection.execute(update(deliveries).where(*here).values(**values))
        found = recipients_within(connection, dispatch.id, 0, len(names))
    assert [*found.names] == names
    assert [each["first_name"] for each in found.values] == names
    assert [*found.deliveries] == [*range(len(names))]
    assert [*found.addresses] == [f"m{at}@example.org" for at in range(len(names))]
