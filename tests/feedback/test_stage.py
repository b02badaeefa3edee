"""Where a delivery stands follows from the set of its events, whoever tells them when."""

import datetime as dt
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.feedback.event import Event, Kind, Reason, plain_link, plain_note
from newsletter.feedback.policy import Consequence, Policy, consequence_of, is_too_often
from newsletter.feedback.stage import STAGES, stage_of

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def event(kind: Kind, minutes: int = 0, reason: Reason = Reason.NONE, note: str = "") -> Event:
    at = NOON + dt.timedelta(minutes=minutes)
    return Event(dispatch="0" * 16, delivery=0, kind=kind, at=at, reason=reason, note=note)


EVENTS = st.builds(
    event,
    st.sampled_from(Kind),
    st.integers(0, 3),
    st.sampled_from([Reason.NONE, Reason.CONTENT]),
    st.sampled_from(["", "a", "b"]),
)


@given(st.lists(EVENTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_stage(
    events: list[Event], chance: Random
) -> None:
    again = [*events, *chance.choices(events, k=len(events))]
    chance.shuffle(again)
    known = None
    for each in again:  # told one by one, with nothing kept but the stage
        known = stage_of([each], known)
    assert known == stage_of(events)


@given(EVENTS, st.lists(EVENTS, max_size=5))
def test_a_stage_never_goes_back(told: Event, later: list[Event]) -> None:
    before, after = stage_of([told]), stage_of([told, *later])
    assert before is not None
    assert after is not None
    assert STAGES.index(after.kind) >= STAGES.index(before.kind)


def test_without_events_there_is_no_stage() -> None:
    assert stage_of([]) is None


@pytest.mark.parametrize(
    ("kinds", "stands"),
    [
        ((Kind.PROCESSED, Kind.DEFERRED, Kind.DELIVERED), Kind.DELIVERED),
        ((Kind.DELIVERED, Kind.HARD), Kind.HARD),
        ((Kind.DELIVERED, Kind.COMPLAINED), Kind.COMPLAINED),
        ((Kind.PROCESSED, Kind.OPENED), Kind.DELIVERED),
        ((Kind.DELIVERED, Kind.UNSUBSCRIBED), Kind.DELIVERED),
        ((Kind.PROCESSED, Kind.DROPPED), Kind.DROPPED),
        ((Kind.DEFERRED, Kind.SOFT), Kind.SOFT),
    ],
)
def test_the_later_truth_counts_whenever_it_comes(kinds: tuple[Kind, ...], stands: Kind) -> None:
    for order in permutations(kinds):
        found = stage_of(event(kind) for kind in order)
        assert found is not None
        assert found.kind is stands


@pytest.mark.parametrize(
    ("kind", "reason", "follows"),
    [
        (Kind.HARD, Reason.NO_SUCH_ADDRESS, Consequence.SUPPRESS_ADDRESS),
        (Kind.COMPLAINED, Reason.NONE, Consequence.SUPPRESS_COMPLAINT),
        (Kind.UNSUBSCRIBED, Reason.NONE, Consequence.UNSUBSCRIBE),
        (Kind.SOFT, Reason.MAILBOX_FULL, Consequence.COUNT),
        (Kind.BLOCKED, Reason.REPUTATION, Consequence.NOTHING),
        (Kind.BLOCKED, Reason.CONTENT, Consequence.NOTHING),
        (Kind.DEFERRED, Reason.MAILBOX_FULL, Consequence.NOTHING),
        (Kind.DROPPED, Reason.BOUNCED_BEFORE, Consequence.SUPPRESS_ADDRESS),
        (Kind.DROPPED, Reason.COMPLAINED_BEFORE, Consequence.SUPPRESS_COMPLAINT),
        (Kind.DROPPED, Reason.UNSUBSCRIBED_BEFORE, Consequence.UNSUBSCRIBE),
        (Kind.DROPPED, Reason.CONTENT, Consequence.NOTHING),
        (Kind.DROPPED, Reason.PLAN, Consequence.NOTHING),
        (Kind.OPENED, Reason.NONE, Consequence.NOTHING),
    ],
)
def test_what_follows_is_what_the_policy_says(
    kind: Kind, reason: Reason, follows: Consequence
) -> None:
    assert consequence_of(event(kind, reason=reason)) is follows


def days(*numbers: int) -> list[dt.datetime]:
    return [NOON + dt.timedelta(days=number) for number in numbers]


def test_soft_bounces_are_too_many_only_within_the_time() -> None:
    policy = Policy(soft_times=3, soft_days=30)
    assert not is_too_often(days(0, 10), policy)
    assert is_too_often(days(20, 0, 30), policy)
    assert not is_too_often(days(0, 20, 40), policy)
    assert is_too_often(days(0, 20, 40, 45), policy)


def test_opens_and_clicks_are_not_kept_unless_the_workspace_wants_them() -> None:
    opened, clicked = event(Kind.OPENED), event(Kind.CLICKED)
    assert not Policy().keeps(opened)
    assert not Policy().keeps(clicked)
    assert Policy(opens=True).keeps(opened)
    assert not Policy(opens=True).keeps(clicked)
    assert Policy(clicks=True).keeps(clicked)
    assert Policy().keeps(event(Kind.COMPLAINED))


def test_a_note_holds_no_address_and_no_line_break() -> None:
    said = "550 5.1.1 <ann.lee@example.org>: unknown\r\n ann.lee@example.org\x00 mailto:b@c.de"
    assert plain_note(said) == "550 5.1.1 <...>: unknown <...> mailto:<...>"
    assert len(plain_note("x" * 5000)) == 300


def test_a_link_is_kept_without_what_may_name_somebody() -> None:
    assert plain_link("https://example.org/a?id=7#ann") == "https://example.org/a"
