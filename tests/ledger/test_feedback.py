"""Events of providers in the ledger, on both databases."""

import datetime as dt
import itertools
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from newsletter.audience.consent import Act, Circumstance, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.segment import Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.errors import LedgerError
from newsletter.feedback.event import Event, Kind, Reason
from newsletter.feedback.policy import Policy
from newsletter.feedback.stage import stage_of
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.consent import come_back, record_of
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.feedback import Taken, settle_by_events, take_in
from newsletter.ledger.feedback_tables import feedback_events, feedback_stages, soft_bounces
from newsletter.ledger.forgetting import forget
from newsletter.ledger.members import bring_in
from newsletter.ledger.opening import Opening, open_dispatch
from newsletter.ledger.selection import Choice
from newsletter.ledger.settling import settle
from newsletter.ledger.stages import Tally, heard_of, tally
from newsletter.ledger.suppressions import suppression_of
from newsletter.ledger.unsure import recover
from newsletter.message.frozen import Document, Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
DOCUMENT = Document(
    subject=Frozen(("Hello",)),
    preheader=Frozen(("",)),
    html=Frozen(("<p>Hi</p>",)),
    text=Frozen(("Hi",)),
)
_numbers = itertools.count(1)


def opened(ledger: Ledger, *, expected: int = 5) -> Dispatch:
    number = next(_numbers)
    opening = Opening(
        compiled=CompiledIssue(slug=f"issue-{number}", title="An issue", documents={"-": DOCUMENT}),
        envelope={},
        ref=f"{number:016x}",
        provider="outbox",
        batch_size=10,
        audience={"segments": []},
        now=NOW,
    )
    choice = Choice(slug=f"issue-{number}", selection=Selection(included=()))
    return open_dispatch(ledger, opening, choice, expected=expected)


def sent(ledger: Ledger, state: DeliveryState = DeliveryState.ACCEPTED) -> Dispatch:
    dispatch = opened(ledger)
    claimed = claim(ledger, dispatch.id, 1, Attempt(now=NOW))
    assert claimed is not None
    settle(ledger, claimed, [Outcome(state)] * len(claimed.deliveries))
    return dispatch


@pytest.fixture
def five(listed: Callable[[str], Ledger]) -> Ledger:
    return listed("id,email\n" + "".join(f"M{i},m{i}@example.org\n" for i in range(5)))


def event(dispatch: Dispatch, delivery: int, kind: Kind, minutes: float = 0, **more: Any) -> Event:
    at = NOW + dt.timedelta(minutes=minutes)
    return Event(dispatch=dispatch.ref, delivery=delivery, kind=kind, at=at, **more)


def take(ledger: Ledger, *events: Event, policy: Policy | None = None) -> Taken:
    return take_in(ledger, events, source="sendgrid", policy=policy or Policy(), now=NOW)


def tally_of(ledger: Ledger, dispatch: Dispatch) -> Tally:
    with ledger.read() as connection:
        return tally(connection, dispatch.id)


def rows(ledger: Ledger, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    with ledger.read() as connection:
        chosen = [table.c[name] for name in columns]
        return sorted(tuple(row) for row in connection.execute(select(*chosen)))


def state_of(ledger: Ledger) -> tuple[object, ...]:
    """Give all that follows from events."""
    from newsletter.ledger.feedback_tables import feedback_counts
    from newsletter.ledger.people import suppressions

    return (
        rows(ledger, feedback_stages, *feedback_stages.c.keys()),
        [row for row in rows(ledger, feedback_counts, *feedback_counts.c.keys()) if row[2]],
        rows(ledger, soft_bounces, *soft_bounces.c.keys()),
        rows(ledger, suppressions, "address_key", "member_id", "reason"),
        rows(ledger, feedback_events, "dispatch", "position", "kind", "moment", "mark"),
    )


def test_what_is_told_again_changes_nothing(five: Ledger) -> None:
    dispatch = sent(five)
    told = [
        event(dispatch, 0, Kind.DELIVERED),
        event(dispatch, 1, Kind.HARD, reason=Reason.NO_SUCH_ADDRESS),
    ]
    assert take(five, *told) == Taken(new=2, suppressed=1)
    before = state_of(five)
    copies = [replace(each, id="another id") for each in told]
    assert take(five, *copies, *copies) == Taken(known=4)
    assert state_of(five) == before


def test_an_unsure_delivery_is_accepted_by_evidence(five: Ledger) -> None:
    dispatch = sent(five, DeliveryState.UNSURE)
    assert balance_of(five, dispatch).unsure == 5
    found = take(five, event(dispatch, 2, Kind.PROCESSED), event(dispatch, 3, Kind.DROPPED))
    assert found.settled == 2
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.unsure) == (2, 3)
    assert balance.balances
    with five.read() as connection:
        assert heard_of(connection, dispatch.id) == (2, 3)
        assert heard_of(connection, dispatch.id, [0, 3, 4]) == (3,)


def test_a_delivery_that_was_thought_not_to_be_sent_is_not_sent_a_second_time(
    five: Ledger,
) -> None:
    dispatch = opened(five)
    assert take(five, event(dispatch, 1, Kind.PROCESSED)).settled == 1
    claimed = claim(five, dispatch.id, 1, Attempt(now=NOW))
    assert claimed is not None
    assert [each.delivery for each in claimed.deliveries] == [0, 2, 3, 4]


def test_what_was_told_while_a_worker_was_on_its_way_settles_what_it_left(five: Ledger) -> None:
    dispatch = opened(five)
    assert claim(five, dispatch.id, 1, Attempt(now=NOW))
    assert (
        take(five, event(dispatch, 1, Kind.DELIVERED), event(dispatch, 4, Kind.HARD)).settled == 0
    )
    assert balance_of(five, dispatch).under_way == 5
    assert recover(five, dispatch.id) == 5  # it died
    assert settle_by_events(five, dispatch.id) == 2
    assert settle_by_events(five, dispatch.id) == 0
    balance = balance_of(five, dispatch)
    assert (balance.accepted, balance.unsure) == (2, 3)
    assert balance.balances


def test_two_servers_that_hear_the_same_at_once_count_it_once(
    five: Ledger, where: Path | str
) -> None:
    dispatch = sent(five)
    told = [
        event(dispatch, each, kind) for each in range(5) for kind in (Kind.HARD, Kind.DELIVERED)
    ]
    ledgers = [open_ledger(where) for _ in range(4)]
    with ThreadPoolExecutor(4) as servers:
        found = list(servers.map(lambda ledger: take(ledger, *told), ledgers))
    for ledger in ledgers:
        ledger.close()
    assert sum(each.new for each in found) == 10
    assert tally_of(five, dispatch) == Tally(accepted=5, bounced_hard=5)


def test_the_tally_counts_each_delivery_once_at_its_last_stage(five: Ledger) -> None:
    dispatch = sent(five)
    take(five, *(event(dispatch, each, Kind.PROCESSED) for each in range(5)))
    take(five, *(event(dispatch, each, Kind.DELIVERED, 1) for each in range(3)))
    take(five, event(dispatch, 0, Kind.COMPLAINED, 2), event(dispatch, 3, Kind.HARD, 1))
    take(five, event(dispatch, 4, Kind.BLOCKED, 1), event(dispatch, 1, Kind.SOFT, 2))
    assert tally_of(five, dispatch) == Tally(
        accepted=5, delivered=2, bounced_hard=1, bounced_soft=1, blocked=1, complained=1
    )


def test_consequences_are_drawn_by_the_policy(five: Ledger) -> None:
    dispatch = sent(five)
    take(
        five,
        event(dispatch, 0, Kind.HARD),
        event(dispatch, 1, Kind.COMPLAINED),
        event(dispatch, 2, Kind.UNSUBSCRIBED),
        event(dispatch, 3, Kind.BLOCKED, reason=Reason.REPUTATION),
        event(dispatch, 4, Kind.DROPPED, reason=Reason.COMPLAINED_BEFORE),
    )
    found = [suppression_of(five, Person(f"m{i}@example.org", f"M{i}")) for i in range(5)]
    assert found == [
        SuppressionReason.HARD_BOUNCE,
        SuppressionReason.COMPLAINT,
        SuppressionReason.UNSUBSCRIBED,
        None,
        SuppressionReason.COMPLAINT,
    ]
    (record,) = record_of(five, "m2@example.org")
    assert (record.act, record.source) == (Act.OPT_OUT, "sendgrid: unsubscribed")


def test_whoever_came_back_meanwhile_is_not_sent_away_by_an_old_event(five: Ledger) -> None:
    dispatch, person = sent(five), Person("m2@example.org", "M2")
    left = event(dispatch, 2, Kind.UNSUBSCRIBED)
    take(five, left)
    come_back(five, person, Circumstance(source="page", at=NOW + dt.timedelta(hours=1)))
    # Told again, with another id; and one more click on the same link of the provider, before.
    take(five, replace(left, id="again"), event(dispatch, 2, Kind.UNSUBSCRIBED, 30))
    assert suppression_of(five, person) is None
    take(five, event(dispatch, 2, Kind.UNSUBSCRIBED, 90))
    assert suppression_of(five, person) is SuppressionReason.UNSUBSCRIBED


def test_soft_bounces_of_several_dispatches_add_up(five: Ledger) -> None:
    policy, person = Policy(soft_times=3, soft_days=30), Person("m1@example.org", "M1")
    for number in range(3):
        assert suppression_of(five, person) is None
        dispatch = sent(five)
        day = number * 60 * 24
        soft = [event(dispatch, 1, Kind.SOFT, day + each) for each in range(5)]
        take(five, *soft, policy=policy)  # five tries of one delivery count once
    assert suppression_of(five, person) is SuppressionReason.SOFT_BOUNCES
    assert suppression_of(five, Person("new@example.org", "M1")) is None


def test_events_of_others_and_unwanted_ones_are_left_out(five: Ledger) -> None:
    dispatch = sent(five)
    foreign = Event(dispatch="f" * 16, delivery=0, kind=Kind.DELIVERED, at=NOW)
    told = [foreign, event(dispatch, 999, Kind.HARD), event(dispatch, 0, Kind.OPENED)]
    assert take(five, *told) == Taken(foreign=2, unwanted=1)
    assert tally_of(five, dispatch) == Tally()
    assert take(five, *told, policy=Policy(opens=True)) == Taken(foreign=2, new=1)
    assert tally_of(five, dispatch).delivered == 1


def test_nothing_is_written_of_somebody_who_asked_to_be_forgotten(five: Ledger) -> None:
    dispatch = sent(five)
    take(five, event(dispatch, 1, Kind.SOFT))
    assert rows(five, soft_bounces, "address_key") == [("m1@example.org",)]
    forget(five, "m1@example.org", Circumstance(source="command", at=NOW))
    assert rows(five, soft_bounces, "address_key") == []
    assert take(five, event(dispatch, 1, Kind.HARD)) == Taken(new=1)
    assert tally_of(five, dispatch).bounced_hard == 1


@pytest.mark.parametrize("change", [delete(feedback_events), update(feedback_events)])
def test_the_database_itself_keeps_events(five: Ledger, change: Any) -> None:
    dispatch = sent(five)
    take(five, event(dispatch, 0, Kind.DELIVERED))
    if change.is_update:
        change = change.values(kind=Kind.HARD.value)
    with pytest.raises(LedgerError, match="only ever added to"), five.write() as connection:
        connection.execute(change)


def test_a_thousand_events_are_taken_in_at_once(listed: Callable[[str], Ledger]) -> None:
    ledger = listed("email\n" + "".join(f"m{i}@example.org\n" for i in range(1000)))
    dispatch = opened(ledger, expected=1000)
    told = [event(dispatch, each, Kind.DELIVERED) for each in range(1000)]
    assert take(ledger, *told) == Taken(new=1000, settled=1000)
    assert tally_of(ledger, dispatch).delivered == 1000


TOLD = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 4),
        st.sampled_from(Kind),
        st.integers(0, 5),
        st.sampled_from([Reason.NONE, Reason.CONTENT, Reason.BOUNCED_BEFORE]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def ledgers(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path | str]:
    return [tmp_path_factory.mktemp("property"), postgresql]


def _fresh(where: Path | str) -> Ledger:
    number = next(_numbers)
    if isinstance(where, Path):
        ledger = open_ledger(where / f"{number}.sqlite3")
    else:
        from sqlalchemy import create_engine, text

        engine = create_engine(f"{where}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE told_{number}"))
        engine.dispose()
        ledger = open_ledger(f"{where}/told_{number}")
    return ledger


@pytest.mark.parametrize("base", [0, 1], ids=["sqlite", "postgresql"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD, seed=st.integers(0, 1000))
def test_every_shuffling_and_repetition_leaves_the_same_ledger(
    ledgers: list[Path | str], tmp_path: Path, base: int, told: list[Any], seed: int
) -> None:
    listed = tmp_path / "members.csv"
    listed.write_text("id,email\n" + "".join(f"M{i},m{i}@example.org\n" for i in range(5)))
    states = []
    for is_shuffled in (False, True):
        ledger = _fresh(ledgers[base])
        bring_in(ledger, listed, NOW)
        dispatches = [sent(ledger, DeliveryState.UNSURE) for _ in range(3)]
        events = [
            event(dispatches[which], delivery, kind, minutes, reason=reason)
            for which, delivery, kind, minutes, reason in told
        ]
        policy = Policy(soft_times=2, opens=True, clicks=True)
        if is_shuffled:
            chance = random.Random(seed)  # noqa: S311 - a shuffling
            events += chance.choices(events, k=len(events))
            chance.shuffle(events)
            for each in events:
                take(ledger, each, policy=policy)
        else:
            take(ledger, *events, policy=policy)
        balances = [balance_of(ledger, dispatch) for dispatch in dispatches]
        states.append((state_of(ledger), balances))
        ledger.close()
    assert states[0] == states[1]


def test_the_ledger_and_the_pure_function_agree(five: Ledger) -> None:
    dispatch = sent(five)
    told = [
        event(dispatch, 0, kind, minutes)
        for minutes, kind in enumerate([Kind.DELIVERED, Kind.SOFT, Kind.PROCESSED, Kind.OPENED])
    ]
    for each in told:
        take(five, each, policy=Policy(opens=True))
    stage = stage_of(told)
    assert stage is not None
    (kept,) = rows(five, feedback_stages, "kind", "moment", "reason", "note")
    assert kept == (stage.kind, stage.moment, stage.reason, stage.note)
