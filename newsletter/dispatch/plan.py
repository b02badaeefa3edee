"""The plan of a dispatch: what the dry run shows is what the real run does."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.compose.compiled import CompiledIssue
from newsletter.dispatch.personalise import Personaliser
from newsletter.errors import InputError, Location
from newsletter.finding import Finding, error
from newsletter.issue.issue import Issue
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import AudienceSummary, Choice, Chosen, recipients, summarise
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.headers import message_for
from newsletter.providers.protocol import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is known before a dispatch is opened."""

    issue: Issue
    compiled: CompiledIssue
    choice: Choice
    summary: AudienceSummary
    envelope: Envelope
    personaliser: Personaliser


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of making every message without sending any."""

    messages: int
    largest_html: int
    """Bytes of the largest HTML part, merged."""
    findings: tuple[Finding, ...]


def audience(ledger: Ledger, choice: Choice) -> AudienceSummary:
    """Count the audience of `choice` as the ledger knows it now."""
    with ledger.read() as connection:
        return summarise(connection, choice)


def count_requests(summary: AudienceSummary, batch_size: int) -> int:
    """Tell how many calls the audience takes: no request crosses two variants."""
    return sum(-(-count // batch_size) for count in summary.by_variant.values())


def rehearse(
    ledger: Ledger,
    plan: Plan,
    provider: Provider,
    *,
    progress: Callable[[int], None] = lambda _messages: None,
) -> Rehearsal:
    """Make the message of every recipient, all of them, and hold it against the provider.

    `progress` hears how many more messages were made. Memory stays flat.
    """
    audit = _Audit(plan.issue)
    for batch in _batches(ledger, plan, provider.capabilities.batch_size):
        for recipient in batch.recipients:
            audit.try_message(plan.envelope, batch.document, recipient)
        audit.note_refusals(provider, batch)
        progress(len(batch.recipients))
    return audit.rehearsal()


def _batches(ledger: Ledger, plan: Plan, size: int) -> Iterator[Batch]:
    deliveries, requests = itertools.count(), itertools.count(1)

    def recipient(chosen: Chosen) -> Recipient:
        return plan.personaliser.recipient(
            next(deliveries), chosen.address, chosen.name, chosen.values
        )

    with ledger.read() as connection:
        rows = recipients(connection, plan.choice)
        for variant, group in itertools.groupby(rows, key=lambda chosen: chosen.variant):
            while batch := tuple(recipient(chosen) for chosen in itertools.islice(group, size)):
                yield Batch(
                    envelope=plan.envelope,
                    request=next(requests),
                    document=plan.compiled.documents[variant],
                    recipients=batch,
                )


class _Audit:
    """Collects what goes wrong, counted rather than listed."""

    def __init__(self, issue: Issue) -> None:
        self._issue = issue
        self._messages = 0
        self._largest = 0
        self._missing: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()

    def try_message(self, envelope: Envelope, document: Document, recipient: Recipient) -> None:
        try:
            message = message_for(envelope, document, recipient)
        except KeyError:
            needed = {slot.name for slot in document.slots if slot.fallback is None}
            self._missing.update(name for name in needed if not recipient.values.get(name))
            return
        except InputError as fault:
            self._faults[f"{fault.problem}\0{fault.hint}"] += 1
            return
        self._messages += 1
        self._largest = max(self._largest, len(message.html.encode()))

    def note_refusals(self, provider: Provider, batch: Batch) -> None:
        for refusal in provider.refusals(batch):
            self._refusals[refusal] += 1

    def rehearsal(self) -> Rehearsal:
        return Rehearsal(
            messages=self._messages,
            largest_html=self._largest,
            findings=tuple(self._findings()),
        )

    def _findings(self) -> Iterator[Finding]:
        for name, count in self._missing.items():
            yield error(
                "value-missing",
                f"{_members(count)} no {name}, and the slot has no fallback",
                at=self._place_of(name),
                hint=f'write {{{{ {name} or "colleague" }}}}, or complete the list',
            )
        for fault, count in self._faults.items():
            problem, _, hint = fault.partition("\0")
            yield error("message-fails", f"{problem} (messages: {count})", hint=hint)
        for refusal, count in self._refusals.items():
            yield error("provider-cannot", f"{refusal} (requests: {count})")

    def _place_of(self, name: str) -> Location | None:
        bare = (slot for slot in self._issue.slots if slot.fallback is None)
        return next((slot.at for slot in bare if slot.name == name), None)


def _members(count: int) -> str:
    return "1 member has" if count == 1 else f"{count} members have"
