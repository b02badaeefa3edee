"""Handing over a batch one message after the other, each with an outcome of its own. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from newsletter.errors import ProviderError
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Receipt


class Step(NamedTuple):
    """What became of one message, and why the batch cannot go on, if so."""

    outcome: Outcome
    stopped_by: ProviderError | None = None


def untried(error: ProviderError) -> Step:
    """Stop at a message that was not begun, because of `error`."""
    return Step(Outcome(DeliveryState.PENDING, error.problem), error)


def receipt_of(steps: Iterator[Step], count: int) -> Receipt:
    """Collect the outcomes of `count` messages until one stops the batch; the rest was not tried.

    Raises:
        ProviderError: it stopped the batch before anything was accepted, rejected or in doubt.
    """
    outcomes: list[Outcome] = []
    stopped_by: ProviderError | None = None
    for outcome, stopped_by in steps:  # the last one is what stopped the batch
        outcomes.append(outcome)
        if stopped_by is not None:
            break
    if stopped_by is None:
        return Receipt(tuple(outcomes))
    if all(outcome.state is DeliveryState.PENDING for outcome in outcomes):
        raise stopped_by
    pending = Outcome(DeliveryState.PENDING, "not tried: the batch was broken off before")
    rest = (pending,) * (count - len(outcomes))
    return Receipt((*outcomes, *rest), stopped_by=stopped_by)
