"""What is unsure is settled from the provider, and nobody can get it twice by that."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dispatch_samples import JournalProvider, run_of

from newsletter.clock import SystemClock
from newsletter.dispatch.deliver import deliver
from newsletter.dispatch.reconcile import Reconciled, reconcile
from newsletter.dispatch.run import Run
from newsletter.errors import NotAccepted, OutcomeUnknown, ProviderError
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.unsure import recover
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import (
    Capabilities,
    Evidence,
    Inquiry,
    Outcome,
    Provider,
    Receipt,
)

Opened = tuple[Ledger, Dispatch]
ACCEPTED, REJECTED = DeliveryState.ACCEPTED, DeliveryState.REJECTED


@dataclass(slots=True)
class Asked(JournalProvider):
    """Tells what it knows of deliveries, when asked."""

    knows: dict[int, DeliveryState] = field(default_factory=dict)
    inquiries: list[Inquiry] = field(default_factory=list)
    fails: ProviderError | None = None

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        self.inquiries.append(inquiry)
        if self.fails:
            raise self.fails
        return tuple(Evidence(n, Outcome(state, reference="r")) for n, state in self.knows.items())


@dataclass(slots=True)
class Keyed(JournalProvider):
    """Takes a request under a key once, and answers the same to it ever after."""

    seen: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def send(self, batch: Batch) -> Receipt:
        body = tuple(each.delivery for each in batch.recipients)
        assert self.seen.setdefault(batch.key, body) == body, "another body under the same key"
        return Receipt((Outcome(ACCEPTED, reference="again"),) * len(body))


def unsure(opened: Opened, *requests: int) -> None:
    """Let a run die with these requests under way."""
    ledger, dispatch = opened
    for number in requests:
        claim(ledger, dispatch.id, number, Attempt(SystemClock().now()))
    recover(ledger, dispatch.id)


def reconciled(
    opened: Opened, tmp_path: Path, provider: Provider, *, at: datetime | None = None
) -> Reconciled:
    ledger, dispatch = opened
    run = replace(run_of(ledger, dispatch, tmp_path / "journal"), provider=lambda: provider)
    return reconcile(run if at is None else at_time(run, at))


def at_time(run: Run, moment: datetime) -> Run:
    class Stopped(SystemClock):
        def now(self) -> datetime:
            return moment

    return replace(run, clock=Stopped())


def numbers(opened: Opened) -> tuple[int, int, int, int]:
    ledger, dispatch = opened
    balance = balance_of(ledger, dispatch)
    assert balance.balances
    return balance.accepted, balance.rejected, balance.unsure, balance.pending


def test_a_provider_that_can_be_asked_settles_what_it_knows(opened: Opened, tmp_path: Path) -> None:
    unsure(opened, 1, 2)
    provider = Asked(tmp_path / "journal", knows={0: ACCEPTED, 1: REJECTED, 2: ACCEPTED})
    done = reconciled(opened, tmp_path, provider)
    assert (done.by_trace, done.by_key, done.left) == (3, 0, 1)
    assert numbers(opened) == (2, 1, 1, 3)
    (inquiry,) = provider.inquiries
    assert sorted(inquiry.addresses) == [0, 1, 2, 3]
    assert inquiry.since <= inquiry.until
    opened[0].close()


def test_what_it_says_of_others_changes_nothing(opened: Opened, tmp_path: Path) -> None:
    unsure(opened, 1)
    provider = Asked(tmp_path / "journal", knows={4: REJECTED, 99: ACCEPTED})
    assert reconciled(opened, tmp_path, provider).left == 2
    assert numbers(opened) == (0, 0, 2, 5)
    opened[0].close()


def test_a_provider_that_cannot_be_asked_now_leaves_everything(
    opened: Opened, tmp_path: Path
) -> None:
    unsure(opened, 1)
    provider = Asked(tmp_path / "journal", fails=NotAccepted("it is away"))
    done = reconciled(opened, tmp_path, provider)
    assert (done.left, done.problem) == (2, "it is away")
    opened[0].close()


def keyed(tmp_path: Path, hours: float = 24) -> Keyed:
    remembers = Capabilities(batch_size=2, remembers_keys=timedelta(hours=hours))
    return Keyed(tmp_path / "journal", capabilities=remembers)


def test_the_same_request_under_its_key_settles_it(opened: Opened, tmp_path: Path) -> None:
    unsure(opened, 1, 3)
    provider = keyed(tmp_path)
    done = reconciled(opened, tmp_path, provider)
    assert (done.by_key, done.left) == (4, 0)
    assert provider.seen == {"0123456789abcdef-1-1": (0, 1), "0123456789abcdef-3-1": (4, 5)}
    assert numbers(opened) == (4, 0, 0, 3)
    opened[0].close()


def test_a_key_that_may_be_forgotten_is_never_used(opened: Opened, tmp_path: Path) -> None:
    unsure(opened, 1)
    provider = keyed(tmp_path, hours=1)
    late = SystemClock().now() + timedelta(minutes=57)
    assert reconciled(opened, tmp_path, provider, at=late).left == 2
    assert not provider.seen
    opened[0].close()


@dataclass(slots=True)
class Both(Keyed):
    """Can be asked, and knows keys as well."""

    knows: dict[int, DeliveryState] = field(default_factory=dict)

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        del inquiry
        return tuple(Evidence(n, Outcome(state)) for n, state in self.knows.items())


def test_no_smaller_body_is_made_of_a_request_that_is_known_in_part(
    opened: Opened, tmp_path: Path
) -> None:
    unsure(opened, 1, 2)
    remembers = Capabilities(batch_size=2, remembers_keys=timedelta(hours=24))
    provider = Both(tmp_path / "journal", capabilities=remembers, knows={0: REJECTED})
    done = reconciled(opened, tmp_path, provider)
    assert (done.by_trace, done.by_key, done.left) == (1, 2, 1)
    assert list(provider.seen) == ["0123456789abcdef-2-1"]
    opened[0].close()


def test_a_refusal_after_an_unknown_outcome_leaves_it_unknown(
    opened: Opened, tmp_path: Path
) -> None:
    ledger, dispatch = opened
    remembers = Capabilities(batch_size=2, remembers_keys=timedelta(hours=24))
    failures = iter([OutcomeUnknown("reset"), *[NotAccepted("down")] * 20])

    @dataclass(slots=True)
    class GoesAway(JournalProvider):
        def send(self, batch: Batch) -> Receipt:
            del batch
            raise next(failures)

    provider = GoesAway(tmp_path / "journal", capabilities=remembers)
    deliver(replace(run_of(ledger, dispatch, tmp_path / "journal"), provider=lambda: provider))
    # The first request may have been taken; the others were surely not.
    assert numbers(opened) == (0, 0, 2, 5)
    ledger.close()


def test_an_unknown_outcome_is_asked_again_at_once_where_keys_are_known(
    opened: Opened, tmp_path: Path
) -> None:
    ledger, dispatch = opened
    provider = keyed(tmp_path)
    answered = provider.send
    failures = iter([OutcomeUnknown("reset"), OutcomeUnknown("late")])

    @dataclass(slots=True)
    class Loses(JournalProvider):
        def send(self, batch: Batch) -> Receipt:
            receipt = answered(batch)
            failure = next(failures, None)
            if failure:
                raise failure
            return receipt

    loses = Loses(tmp_path / "journal", capabilities=provider.capabilities)
    deliver(replace(run_of(ledger, dispatch, tmp_path / "journal"), provider=lambda: loses))
    assert numbers(opened) == (7, 0, 0, 0)
    assert len(provider.seen) == 4
    ledger.close()
