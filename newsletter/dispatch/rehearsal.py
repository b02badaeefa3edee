"""The rehearsal: every recipient of a plan is tried before anybody gets anything."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.dispatch.plan import Plan
from newsletter.errors import InputError, Location
from newsletter.finding import Finding, error
from newsletter.issue.issue import Issue
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import Chosen, recipients
from newsletter.message.batch import Batch, Recipient
from newsletter.message.frozen import Document
from newsletter.message.gauge import Gauge
from newsletter.message.headers import own_headers
from newsletter.message.mark import Mark
from newsletter.message.recipients import Recipients
from newsletter.providers.protocol import Provider

_EXAMPLES = 3
"""Lines of the list that a finding names."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Members for whom something fails, counted rather than listed."""

    count: int = 0
    lines: tuple[int, ...] = ()
    """Where the first of them stand in the list."""

    def plus(self, line: int) -> "Shortage":
        """Count the member of `line`, too."""
        lines = self.lines if len(self.lines) == _EXAMPLES else (*self.lines, line)
        return Shortage(self.count + 1, lines)

    def __str__(self) -> str:
        """Say where to look: `lines 3, 14 and 15 of the list`."""
        *others, last = map(str, self.lines)
        if not others:
            return f"line {last} of the list"
        joined = ", ".join(others)
        if self.count > len(self.lines):
            return f"lines {joined}, {last}, … of the list"
        return f"lines {joined} and {last} of the list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of trying every message without sending any."""

    messages: int
    """How many can be made."""
    largest_html: int
    """Bytes of the largest HTML part, merged."""
    heaviest: int = 0
    """Bytes of the largest message about: both parts, and the files as they travel."""
    most: int | None = None
    """Bytes of a message that the provider takes; None where no limit is known."""
    blank: dict[str, Shortage]
    """By slot: members who would read nothing in its place, because its fallback is empty."""
    audience: str = ""
    """The mark of the recipients, by which a change of them is noticed."""
    findings: tuple[Finding, ...]


def rehearse(
    ledger: Ledger,
    plan: Plan,
    provider: Provider,
    *,
    progress: Callable[[int], None] = lambda _messages: None,
) -> Rehearsal:
    """Try the message of every recipient, all of them, and hold it against the provider.

    `progress` hears how many more messages were tried. Memory stays flat.
    """
    audit = _Audit(plan, provider)
    for chosen, batch in _batches(ledger, plan, provider.capabilities.batch_size):
        audit.try_batch(chosen, batch)
        progress(len(chosen))
    return audit.rehearsal()


def _batches(ledger: Ledger, plan: Plan, size: int) -> Iterator[tuple[tuple[Chosen, ...], Batch]]:
    deliveries, requests = itertools.count(), itertools.count(1)
    with ledger.read() as connection:
        rows = recipients(connection, plan.choice)
        for variant, group in itertools.groupby(rows, key=lambda chosen: chosen.variant):
            while chosen := tuple(itertools.islice(group, size)):
                yield (
                    chosen,
                    Batch(
                        envelope=plan.envelope,
                        request=next(requests),
                        document=plan.compiled.documents[variant],
                        recipients=plan.personaliser.linked(_recipients(chosen, deliveries)),
                    ),
                )


def _recipients(chosen: Sequence[Chosen], deliveries: Iterator[int]) -> Recipients:
    return Recipients(
        deliveries=[next(deliveries) for _ in chosen],
        addresses=[each.address for each in chosen],
        names=[each.name for each in chosen],
        values=[each.values for each in chosen],
    )


class _Trial:
    """What every message of one document needs, looked up once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        slots = document.slots
        self.needed = tuple({slot.name for slot in slots if slot.fallback is None})
        self.may_be_blank = tuple({slot.name for slot in slots if _is_blank(slot.fallback)})
        self.html = Gauge(document.html)
        # Base64 (RFC 2045): 57 bytes make a line of 76 letters and its end.
        lines = (-(-len(each.content) // 57) for each in document.attachments)
        self.rest = sum(len(each.encode()) for each in document.text.literals) + 78 * sum(lines)


def _is_blank(fallback: str | None) -> bool:
    return fallback is not None and not fallback.strip()


class _Audit:
    """Collects what goes wrong."""

    def __init__(self, plan: Plan, provider: Provider) -> None:
        self.plan, self.provider = plan, provider
        self.messages = self.largest = self.heaviest = 0
        self.mark = Mark()
        self.trial: _Trial | None = None
        self.missing: dict[str, Shortage] = {}
        self.blank: dict[str, Shortage] = {}
        # By hint: the first such problem, which names the value it is about, and for how many.
        self.faults: dict[str, tuple[str, Shortage]] = {}
        self.refusals: Counter[str] = Counter()

    def try_batch(self, chosen: tuple[Chosen, ...], batch: Batch) -> None:
        if self.trial is None or self.trial.document is not batch.document:
            self.trial = _Trial(batch.document)
        tried = tuple(zip(chosen, batch.recipients, strict=True))
        refusals = self.provider.refusals(batch)
        has_files = bool(batch.document.attachments)
        if has_files and not self.provider.capabilities.carries_files and not refusals:
            # A provider that says so itself says it in its own words.
            self.refusals[f"{self.provider.name} carries no files and no embedded images."] += 1
        if refusals:
            # Whoever lacks something is told apart, and the provider is asked about the others.
            tried = tuple(each for each in tried if self._can_be_made(self.trial, *each))
            fit = replace(batch, recipients=tuple(recipient for _, recipient in tried))
            refusals = self.provider.refusals(fit) if tried else ()
        for refusal in refusals:
            self.refusals[refusal] += 1
        for each in chosen:
            self.mark.add(each.address, each.variant, each.name)
        for each, recipient in tried:
            self._measure(self.trial, each.line, recipient.values)

    def _can_be_made(self, trial: _Trial, chosen: Chosen, recipient: Recipient) -> bool:
        lacking = [name for name in trial.needed if not recipient.values.get(name)]
        for name in lacking:
            self.missing[name] = self.missing.get(name, Shortage()).plus(chosen.line)
        if lacking:
            return False
        try:
            own_headers(self.plan.envelope, trial.document, recipient)
        except InputError as fault:
            problem, short = self.faults.get(fault.hint, (fault.problem, Shortage()))
            self.faults[fault.hint] = problem, short.plus(chosen.line)
            return False
        return True

    def _measure(self, trial: _Trial, line: int, values: Mapping[str, str]) -> None:
        for name in trial.may_be_blank:
            if not values.get(name, "").strip():
                self.blank[name] = self.blank.get(name, Shortage()).plus(line)
        self.messages += 1
        size = trial.html.size(values)
        self.largest = max(self.largest, size)
        self.heaviest = max(self.heaviest, size + trial.rest)

    def rehearsal(self) -> Rehearsal:
        return Rehearsal(
            messages=self.messages,
            largest_html=self.largest,
            heaviest=self.heaviest,
            most=self.provider.capabilities.max_message_bytes,
            blank=self.blank,
            audience=self.mark.text(),
            findings=tuple(self._findings()),
        )

    def _findings(self) -> Iterator[Finding]:
        for name, short in self.missing.items():
            has = "1 member has" if short.count == 1 else f"{short.count:,} members have"
            yield error(
                "value-missing",
                f"{has} no {name}, and the slot has no fallback ({short})",
                at=_place_of(self.plan.issue, name),
                hint=f'write {{{{ {name} or "colleague" }}}}, or complete the list',
            )
        for hint, (problem, short) in self.faults.items():
            words = f"{problem} (messages: {short.count:,}; {short})"
            yield error("message-fails", words, hint=hint)
        for refusal, count in self.refusals.items():
            yield error("provider-cannot", f"{refusal} (requests: {count:,})")


def _place_of(issue: Issue, name: str) -> Location | None:
    bare = (slot for slot in issue.slots if slot.fallback is None)
    return next((slot.at for slot in bare if slot.name == name), None)
