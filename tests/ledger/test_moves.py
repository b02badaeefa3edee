"""Whatever happens to a dispatch, in any order: its numbers hold, and the ledger moves one way."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, product
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_samples import NOW
from ledger_samples import OPENING as SPRING
from sqlalchemy import func, select, text, update

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import Exclusion, SuppressionReason
from newsletter.audience.segment import Selection
from newsletter.errors import LedgerError
from newsletter.ledger.claiming import Attempt, Claim, claim, pending_requests
from newsletter.ledger.course import cancel, take_back
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.decisions import Act, Author, decisions_of
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.evidence import settle_by
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.schema import deliveries, requests
from newsletter.ledger.selection import Choice
from newsletter.ledger.settling import settle, split
from newsletter.ledger.states import is_in, standing_of
from newsletter.ledger.suppressions import suppress as suppress_person
from newsletter.ledger.unsure import (
    accept_on_evidence,
    assume_sent,
    recover,
    send_unsure_again,
    sweep,
)
from newsletter.message.state import DeliveryState, RequestState, delivery_moves, request_moves
from newsletter.providers.protocol import Evidence, Outcome

ANN = Author("ann", NOW)
OPENING = replace(SPRING, batch_size=3)
MEMBERS = 8
OUTCOMES = (
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.UNSURE,
    DeliveryState.PENDING,
)

_issues = count()


@pytest.fixture
def eight(listed: Callable[[str], Ledger]) -> Ledger:
    return listed("email\n" + "".join(f"m{i}@example.org\n" for i in range(MEMBERS)))


def opened(ledger: Ledger, *, expected: int | None = None) -> Dispatch:
    """Open a dispatch of an issue of its own, to everybody who may get it."""
    number = next(_issues)
    opening = replace(
        OPENING,
        compiled=replace(OPENING.compiled, slug=f"issue-{number}"),
        ref=f"{number:016x}",
    )
    choice = Choice(slug=f"issue-{number}", selection=Selection(included=()))
    return open_dispatch(
        ledger, opening, choice, expected=MEMBERS if expected is None else expected
    )


def stands(ledger: Ledger, dispatch: Dispatch) -> dict[int, DeliveryState]:
    """Ask of every single delivery how it stands."""
    query = select(deliveries.c.position, standing_of()).where(deliveries.c.dispatch == dispatch.id)
    with ledger.read() as connection:
        return {position: DeliveryState(state) for position, state in connection.execute(query)}


def hold(ledger: Ledger, dispatch: Dispatch, before: dict[int, DeliveryState]) -> None:
    """Check everything that holds at every time."""
    now = stands(ledger, dispatch)
    counted = Counter(now.values())
    balance = balance_of(ledger, dispatch)
    assert len(now) == balance.listed == MEMBERS
    assert balance.balances
    assert balance.excluded == counted[DeliveryState.EXCLUDED]
    assert balance.accepted == counted[DeliveryState.ACCEPTED]
    assert balance.rejected == counted[DeliveryState.REJECTED]
    assert balance.unsure == counted[DeliveryState.UNSURE]
    assert balance.under_way == counted[DeliveryState.SENDING]
    assert balance.pending == counted[DeliveryState.PENDING] + counted[DeliveryState.SENDING]
    sharing = (
        select(func.count())
        .select_from(deliveries)
        .where(is_in(), deliveries.c.state.is_(None))
        .correlate(requests)
        .scalar_subquery()
    )
    query = select(requests.c.shared, sharing).where(requests.c.dispatch == dispatch.id)
    with ledger.read() as connection:
        for kept, found in connection.execute(query):
            assert kept == found
    for position, was in before.items():
        if was in {DeliveryState.EXCLUDED, DeliveryState.REJECTED}:
            assert now[position] is was
        if was is DeliveryState.ACCEPTED:
            assert now[position] in {DeliveryState.ACCEPTED, DeliveryState.EXCLUDED}


@dataclass(slots=True)
class Life:
    """A dispatch, what happens to it, and who was handed over to the provider."""

    ledger: Ledger
    dispatch: Dispatch
    claims: list[Claim] = field(default_factory=list)

    def claim(self, which: int) -> None:
        pending = pending_requests(self.ledger, self.dispatch.id)
        if pending:
            number = pending[which % len(pending)]
            taken = claim(self.ledger, self.dispatch.id, number, Attempt(NOW, lease=0.0))
            if isinstance(taken, Claim) and taken.deliveries:
                self.claims.append(taken)

    def settle(self, which: int) -> None:
        """Settle some claim, perhaps one that was settled, swept or begun anew long before."""
        if self.claims:
            made = self.claims[which % len(self.claims)]
            outcomes = [
                Outcome(OUTCOMES[(which // 3**place) % 4], note=f"n{which % 2}")
                for place in range(len(made.deliveries))
            ]
            with suppress(LedgerError):
                settle(self.ledger, made, outcomes)

    def split(self, which: int) -> None:
        if self.claims:
            made = self.claims[which % len(self.claims)]
            if len(made.deliveries) > 1:
                with suppress(LedgerError):
                    split(self.ledger, made)

    def recover(self, _which: int) -> None:
        recover(self.ledger, self.dispatch.id)

    def sweep(self, _which: int) -> None:
        sweep(self.ledger, grace=-1.0)

    def assume(self, _which: int) -> None:
        assume_sent(self.ledger, self.dispatch.id, ANN)

    def resend(self, _which: int) -> None:
        send_unsure_again(self.ledger, self.dispatch.id, ANN)

    def hear(self, which: int) -> None:
        with self.ledger.write() as connection:
            accept_on_evidence(connection, self.dispatch.id, _two(which), "r")

    def trace(self, which: int) -> None:
        found = [
            Evidence(position, Outcome(OUTCOMES[place], note="traced"))
            for place, position in enumerate(_two(which))
        ]
        settle_by(self.ledger, self.dispatch.id, found)

    def cancel(self, which: int) -> None:
        if which % 4 == 0:  # not too often: nothing much happens afterwards
            cancel(self.ledger, self.dispatch.id, ANN)

    def take_back(self, which: int) -> None:
        if which % 4 == 0:
            take_back(self.ledger, self.dispatch.id, ANN)

    def leave(self, which: int) -> None:
        address = f"m{which % MEMBERS}@example.org"
        reason = SuppressionReason.UNSUBSCRIBED
        suppress_person(self.ledger, Person(address), reason, source="test", now=NOW)


def _two(which: int) -> list[int]:
    return [which % MEMBERS, (which * 3 + 1) % MEMBERS]


STEPS = (
    *("claim", "claim", "claim", "settle", "settle", "settle", "split", "recover", "sweep"),
    *("assume", "resend", "hear", "trace", "cancel", "take_back", "leave"),
)
Steps = list[tuple[str, int]]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 255)), min_size=4, max_size=25))
def test_whatever_happens_the_numbers_hold_and_nobody_accepted_is_pending_again(
    eight: Ledger, steps: Steps
) -> None:
    with eight.write() as connection:
        connection.execute(text("DELETE FROM suppressions"))
    life = Life(eight, opened(eight))
    before = stands(eight, life.dispatch)
    for name, which in steps:
        getattr(life, name)(which)
        hold(eight, life.dispatch, before)
        before = stands(eight, life.dispatch)


def _force(ledger: Ledger, of: str, state: str) -> None:
    """Bring a table into a state by the moves there are; nothing is checked of counts here."""
    with ledger.write() as connection:
        if of == "request":
            shared = 0 if state == "settled" else requests.c.size
            for step in {"unsure": ("sending", "unsure"), "accepted": ("sending", "accepted")}.get(
                state, (state,)
            ):
                connection.execute(update(requests).values(state=step, shared=shared))
        else:
            reason = Exclusion.CANCELLED.value if state == "excluded" else None
            connection.execute(
                update(deliveries)
                .values(state=state, reason=reason)
                .where(deliveries.c.position == 0)
            )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pair
        for pair in product([each.value for each in RequestState], repeat=2)
        if pair[0] != pair[1] and pair not in request_moves()
    ],
)
def test_the_database_refuses_every_move_of_a_request_that_there_is_not(
    eight: Ledger, old: str, new: str
) -> None:
    opened(eight)
    _force(eight, "request", old)
    shared = 0 if new == "settled" else requests.c.size
    with pytest.raises(LedgerError, match="there is no such move of a request"), eight.write() as c:
        c.execute(update(requests).values(state=new, shared=shared))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pair
        for pair in product([each.value for each in DeliveryState], repeat=2)
        if pair[0] != pair[1] and pair not in delivery_moves()
    ],
)
def test_the_database_refuses_every_move_of_a_delivery_that_there_is_not(
    eight: Ledger, old: str, new: str
) -> None:
    """A delivery is pending or sending by its request, and anything else by itself."""
    opened(eight)
    by_request = {"pending", "sending"}
    if old in by_request:
        if old == "sending":
            _force(eight, "request", "sending")
    else:
        _force(eight, "request", "sending")
        _force(eight, "delivery", old)
        if new == "pending":
            _force(eight, "request", "pending")
    state = None if new in by_request else new
    reason = Exclusion.CANCELLED.value if new == "excluded" else None
    with (
        pytest.raises(LedgerError, match="there is no such move of a delivery"),
        eight.write() as c,
    ):
        c.execute(
            update(deliveries).values(state=state, reason=reason).where(deliveries.c.position == 0)
        )


def test_an_outcome_that_comes_after_evidence_settles_the_others(eight: Ledger) -> None:
    dispatch = opened(eight)
    late = claim(eight, dispatch.id, 1, Attempt(NOW, lease=0.0))
    assert isinstance(late, Claim)
    assert sweep(eight, grace=-1.0) == 3
    with eight.write() as connection:
        assert accept_on_evidence(connection, dispatch.id, [1], "r") == 1
    settle(eight, late, (Outcome(DeliveryState.ACCEPTED),) * 3)
    hold(eight, dispatch, {})
    assert balance_of(eight, dispatch).accepted == 3


def test_what_a_cancelled_dispatch_leaves_pending_is_excluded_and_can_be_sent_again(
    eight: Ledger,
) -> None:
    dispatch = opened(eight)
    under_way = claim(eight, dispatch.id, 1, Attempt(NOW))
    assert isinstance(under_way, Claim)
    assert cancel(eight, dispatch.id, ANN) == MEMBERS - 3
    accepted, put_off = Outcome(DeliveryState.ACCEPTED), Outcome(DeliveryState.PENDING)
    settle(eight, under_way, (accepted, put_off, put_off))
    balance = balance_of(eight, dispatch)
    assert (balance.accepted, balance.pending, balance.excluded) == (1, 0, MEMBERS - 1)
    assert balance.reasons == {Exclusion.CANCELLED.value: MEMBERS - 1}
    choice = Choice(slug=dispatch.slug, selection=Selection(included=()))
    again = open_dispatch(eight, replace(OPENING, ref="f" * 16), choice, expected=MEMBERS - 1)
    assert again.recipients == MEMBERS - 1


def test_the_unsure_of_a_cancelled_dispatch_can_be_reached_again(eight: Ledger) -> None:
    dispatch = opened(eight)
    assert claim(eight, dispatch.id, 1, Attempt(NOW))
    cancel(eight, dispatch.id, ANN)
    assert recover(eight, dispatch.id) == 3
    assert send_unsure_again(eight, dispatch.id, ANN) == 3
    balance = balance_of(eight, dispatch)
    assert (balance.unsure, balance.pending, balance.excluded) == (0, 0, MEMBERS)
    acts = [(each.act, each.deliveries) for each in decisions_of(eight, dispatch.id)]
    assert acts == [(Act.CANCEL, MEMBERS - 3), (Act.RESEND, 3)]


def test_claims_and_a_cancel_at_the_same_time_agree_about_everybody(
    eight: Ledger, where: Path | str
) -> None:
    """Otherwise a claim carries members that the ledger calls excluded: they would get it twice."""
    for _ in range(6):
        dispatch, start = opened(eight), Barrier(4)
        other = open_ledger(where)
        handed: list[int] = []

        def work(number: int, of: int, wait: Barrier, into: list[int]) -> None:
            wait.wait()
            made = claim(eight, of, number, Attempt(NOW))
            if isinstance(made, Claim):
                into.extend(each.delivery for each in made.deliveries)
                settle(eight, made, (Outcome(DeliveryState.ACCEPTED),) * len(made.deliveries))

        def stop(of: int, wait: Barrier, ledger: Ledger) -> None:
            wait.wait()
            cancel(ledger, of, ANN)

        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(work, number, dispatch.id, start, handed) for number in (1, 2, 3)]
            jobs.append(pool.submit(stop, dispatch.id, start, other))
        for job in jobs:
            job.result()
        other.close()
        hold(eight, dispatch, {})
        accepted = {p for p, state in stands(eight, dispatch).items() if state == "accepted"}
        assert accepted == set(handed)
