"""What a provider is to the rest of the package: a name, capabilities and one method."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from newsletter.errors import ProviderError
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can carry; the plan refuses what it cannot, so nothing is dropped."""

    batch_size: int
    """How many recipients one request carries at most."""
    connections: int = 1
    """How many requests may be under way at once."""
    max_request_bytes: int | None = None
    """How large one request may be; None where no limit is known."""
    max_message_bytes: int | None = None
    """How large one message may be, its files as they travel; None where no limit is known."""
    carries_files: bool = True
    """Whether messages may have files beside them."""
    shows_files_within: bool = True
    """Whether they may have pictures within, where they may have files at all."""
    max_values_bytes: int | None = None
    """How many bytes the slot values of one recipient may take; None where no limit is known."""
    remembers_keys: timedelta | None = None
    """For how long a request with the same `Batch.key` and the same body is not sent again; None
    where the provider knows no such keys."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery in a request."""

    state: DeliveryState
    """`ACCEPTED`, `REJECTED`, `UNSURE`, or `PENDING` for surely not sent."""
    note: str = ""
    """What the provider said, without any address or name."""
    reference: str = ""
    """The provider's own id of the message or of the request."""


def common_to(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Give the outcome that all deliveries of a request share, as nearly always; else None."""
    first = outcomes[0] if outcomes else None
    return first if first is not None and outcomes.count(first) == len(outcomes) else None


def count_states(outcomes: Sequence[Outcome]) -> Counter[DeliveryState]:
    """Count how many deliveries are in which state."""
    common = common_to(outcomes)
    if common is not None:
        return Counter({common.state: len(outcomes)})
    return Counter(outcome.state for outcome in outcomes)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request: one outcome a recipient, in the order of the batch."""

    outcomes: tuple[Outcome, ...]
    stopped_by: ProviderError | None = None
    """Why the rest of the batch was not tried, where the carrier broke off part-way."""


class Provider(Protocol):
    """Hands batches to a carrier."""

    @property
    def name(self) -> str:
        """Lower-case, as in the settings and the ledger."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry."""
        ...

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` this provider cannot express, each as a sentence; empty if nothing.

        Pure: nothing is opened or sent. The plan calls it for every batch of a dry run.
        """
        ...

    def send(self, batch: Batch) -> Receipt:
        """Hand over `batch` once, without retrying.

        Raises:
            Rejected: it will never accept this request.
            NotAccepted: nothing of it was accepted; `Throttled` says for how long to wait.
            AccessRefused: it refuses us, whatever the request.
            OutcomeUnknown: all of it may have been sent.
        """
        ...

    def close(self) -> None:
        """Give back connections and files; the provider is not used afterwards."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """A provider that can write a request before it is to be sent."""

    def prepare(self, batch: Batch) -> None:
        """Write what `send` will hand over for the very same recipients, and keep it for that.

        Nothing is opened or sent. What cannot be written is left for `send` to say.
        """
        ...


@runtime_checkable
class Recallable(Protocol):
    """A provider that holds messages until a time, and throws them away when asked to."""

    @property
    def recall_margin(self) -> timedelta:
        """How long before `Envelope.send_at` a recall has to come."""
        ...

    @property
    def longest_hold(self) -> timedelta:
        """How far ahead `Envelope.send_at` may be."""
        ...

    def reserve(self) -> str:
        """Get a new `Envelope.reservation`.

        Raises:
            ProviderError: none is to be had.
        """
        ...

    def recall(self, reservation: str) -> None:
        """Throw away everything that is held under `reservation`.

        Raises:
            ProviderError: it was not done, or nobody knows whether it was.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What is asked about deliveries whose outcome is unsure."""

    dispatch: str
    """As in `Envelope.dispatch`."""
    issue: str
    """As in `Envelope.issue`."""
    since: datetime
    """When the first of them was tried; aware."""
    until: datetime
    """When the last of them was tried, and the provider's time to answer; aware."""
    addresses: Mapping[int, str]
    """The unsure deliveries, and where each was to go."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the provider knows of one delivery after all."""

    delivery: int
    outcome: Outcome


@runtime_checkable
class Traceable(Protocol):
    """A provider that can be asked afterwards what it has of a dispatch."""

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        """Tell what is certain; whatever it says nothing of stays unsure.

        Raises:
            ProviderError: it cannot be asked now.
        """
        ...


@runtime_checkable
class Rationed(Protocol):
    """A provider that tells how many messages it takes from us."""

    def allowance(self) -> int | None:
        """Tell how many more messages it takes in the present period; None where it has no limit.

        Raises:
            ProviderError: it cannot be asked now.
        """
        ...
