"""What one worker does between two requests: it prepares, goes on, and gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dispatch_samples import JournalProvider, accept, journal_of, run_of

from newsletter.clock import SystemClock
from newsletter.dispatch.deliver import deliver
from newsletter.dispatch.run import Run
from newsletter.errors import Throttled
from newsletter.ledger.course import pause
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.message.batch import Batch
from newsletter.providers.protocol import Receipt

Opened = tuple[Ledger, Dispatch]


@dataclass(slots=True)
class PreparingProvider(JournalProvider):
    """Lets the next request be prepared, after something of the test's own has happened."""

    happens: Callable[[], None] = lambda: None
    prepared: list[Batch] = field(default_factory=list)
    sent: list[Batch] = field(default_factory=list)

    def prepare(self, batch: Batch) -> None:
        self.prepared.append(batch)

    def send(self, batch: Batch) -> Receipt:
        self.sent.append(batch)
        batch.meanwhile()
        self.happens()
        SystemClock().sleep(0.02)
        return JournalProvider.send(self, batch)


def run_by(provider: PreparingProvider, opened: Opened) -> Run:
    ledger, dispatch = opened
    return replace(run_of(ledger, dispatch, provider.journal), provider=lambda: provider)


def test_what_is_prepared_while_an_answer_is_awaited_is_what_is_sent(
    opened: Opened, tmp_path: Path
) -> None:
    provider = PreparingProvider(tmp_path / "journal")
    deliver(run_by(provider, opened))
    assert [each.request for each in provider.prepared] == [2, 3, 4]
    for prepared, sent in zip(provider.prepared, provider.sent[1:], strict=True):
        assert prepared.recipients is sent.recipients
        assert (prepared.key, prepared.document) == (sent.key, sent.document)
    assert journal_of(provider.journal) == [*range(7)]


def test_nothing_is_prepared_where_answers_are_there_at_once(
    opened: Opened, tmp_path: Path
) -> None:
    @dataclass(slots=True)
    class Quick(PreparingProvider):
        def send(self, batch: Batch) -> Receipt:
            batch.meanwhile()
            return JournalProvider.send(self, batch)

    provider = Quick(tmp_path / "journal")
    deliver(run_by(provider, opened))
    assert [each.request for each in provider.prepared] == [2]  # the first time nobody knows
    assert journal_of(provider.journal) == [*range(7)]


def test_a_stop_while_a_request_is_on_its_way_begins_no_other(
    opened: Opened, tmp_path: Path
) -> None:
    provider = PreparingProvider(tmp_path / "journal")
    run = run_by(provider, opened)
    provider.happens = run.brake.pull
    deliver(run)
    balance = balance_of(*opened)
    assert (balance.accepted, balance.under_way, balance.pending) == (2, 0, 5)


def test_a_request_claimed_along_with_an_outcome_is_given_back_where_the_run_ends_there(
    opened: Opened, tmp_path: Path
) -> None:
    provider = PreparingProvider(tmp_path / "journal")
    run = run_by(provider, opened)
    # By then the next is claimed, with the outcome of the first.
    stopping = replace(run, settled=lambda _deliveries: run.brake.pull())
    deliver(stopping)
    balance = balance_of(*opened)
    assert (balance.accepted, balance.under_way, balance.pending) == (2, 0, 5)
    assert balance.unsure == 0
    deliver(run_by(provider, opened))
    assert journal_of(provider.journal) == [*range(7)]


def test_a_pause_while_a_request_is_on_its_way_holds_the_one_that_is_prepared(
    opened: Opened, tmp_path: Path
) -> None:
    ledger, dispatch = opened
    provider = PreparingProvider(tmp_path / "journal")
    provider.happens = lambda: pause(ledger, dispatch.id, Author("ann", SystemClock().now()))
    deliver(run_by(provider, opened))
    balance = balance_of(*opened)
    assert (balance.accepted, balance.under_way, balance.pending) == (2, 0, 5)


def test_a_request_that_has_to_be_repeated_leaves_the_prepared_one_for_later(
    opened: Opened, tmp_path: Path
) -> None:
    provider = PreparingProvider(tmp_path / "journal")
    provider.answers.extend([lambda _batch: Throttled("slow", retry_after=0.001), accept])
    deliver(run_by(provider, opened))
    assert journal_of(provider.journal) == [*range(7)]
    assert [each.request for each in provider.sent] == [1, 1, 2, 3, 4]
