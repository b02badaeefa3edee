"""A document, an envelope, and a provider that keeps a journal and does as it is told."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newsletter.address import Mailbox, parse_address
from newsletter.clock import SystemClock
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.links import Links
from newsletter.dispatch.personalise import Personaliser
from newsletter.dispatch.retry import RetryPolicy
from newsletter.dispatch.run import Run
from newsletter.errors import ProviderError
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch, documents_of
from newsletter.message.batch import Batch, Envelope
from newsletter.message.frozen import Context, Document, Frozen, Slot
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Capabilities, Outcome, Receipt

LINK = Slot("unsubscribe_url", Context.LINK)
DOCUMENT = Document(
    subject=Frozen(("Hello",)),
    preheader=Frozen(("",)),
    html=Frozen(("<p>Hi. ", "</p>"), (LINK,)),
    text=Frozen(("Hi. ", ""), (LINK,)),
)
ENVELOPE = Envelope(
    sender=Mailbox(parse_address("news@example.org"), "News"),
    date=datetime(2026, 11, 23, 12, tzinfo=UTC),
    dispatch="0123456789abcdef",
    issue="spring",
    list_id="news.example.org",
    list_name="News",
)
FAST = RetryPolicy(first_wait=0.001, longest_wait=0.002)

Answer = Callable[[Batch], Receipt | ProviderError]


def accept(batch: Batch) -> Receipt:
    return Receipt((Outcome(DeliveryState.ACCEPTED),) * len(batch.recipients))


@dataclass(slots=True)
class JournalProvider:
    """Writes each delivery that it accepts into a file, one at a time, then answers."""

    journal: Path
    answers: deque[Answer] = field(default_factory=deque)
    """What to answer to the next requests; afterwards everything is accepted."""
    name: str = "journal"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(batch_size=2))

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        del batch
        return ()

    def send(self, batch: Batch) -> Receipt:
        answer = self.answers.popleft()(batch) if self.answers else accept(batch)
        if isinstance(answer, ProviderError):
            raise answer
        for recipient, outcome in zip(batch.recipients, answer.outcomes, strict=True):
            if outcome.state is DeliveryState.ACCEPTED:
                with self.journal.open("a") as journal:
                    journal.write(f"{recipient.delivery}\n")
        return answer

    def close(self) -> None:
        """Keep nothing open."""


def run_of(
    ledger: Ledger, dispatch: Dispatch, journal: Path, answers: Iterable[Answer] = ()
) -> Run:
    provider = JournalProvider(journal, deque(answers))
    return Run(
        ledger=ledger,
        dispatch=dispatch.id,
        envelope=ENVELOPE,
        documents=documents_of(ledger, dispatch),
        personaliser=Personaliser(ENVELOPE.dispatch, Links("https://news.example.org", b"k" * 32)),
        provider=lambda: provider,
        workers=1,
        clock=SystemClock(),
        brake=Brake(FAST),
    )


def journal_of(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []
