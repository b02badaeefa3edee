"""One worker on its lane: claim a request, have it sent, settle; again until nothing is left."""

import itertools
import secrets
from collections import Counter
from collections.abc import Sequence

from newsletter.dispatch.ahead import Ahead
from newsletter.dispatch.claims import Claims, Lane, Taken
from newsletter.dispatch.run import Run
from newsletter.errors import (
    AccessRefused,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.ledger.claiming import Claim
from newsletter.ledger.pacing import put_off
from newsletter.ledger.settling import split
from newsletter.log import What, tell
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Provider, Receipt, count_states


class Driver:
    """Has the requests of one lane sent by one provider, which nobody else uses."""

    def __init__(self, run: Run, lane: Lane, provider: Provider) -> None:
        """Have all of `lane` to do, in order."""
        self._run = run
        self._provider = provider
        self._ahead = Ahead(run, provider)
        self._claims = Claims(run, lane, self._ahead)
        self._failures: Counter[int] = Counter()

    def drive(self) -> None:
        """Try the requests of the lane until nothing is left of it, or the brake is on."""
        try:
            while (taken := self._claims.take()) is not None:
                # None may be left: all of them were suppressed since the dispatch was opened.
                if taken.claim.deliveries:
                    self._attempt(taken)
        finally:
            self._claims.give_back()

    def _attempt(self, taken: Taken) -> None:
        try:
            receipt = self._send(self._batch(taken))
        except Rejected as refusal:
            self._refused(taken, refusal)
        except NotAccepted as failure:
            self._settle_all(taken, DeliveryState.PENDING, failure)
            self._wait_and_repeat(taken.claim, failure)
        except AccessRefused as refusal:
            self._settle_all(taken, DeliveryState.PENDING, refusal)
            self._run.brake.pull(refusal)
        except OutcomeUnknown as doubt:
            self._settle_all(taken, DeliveryState.UNSURE, doubt)
            self._run.brake.count_unknown(doubt)
        else:
            self._claims.settle(taken, receipt.outcomes, receipt.stopped_by)
            self._continue(taken.claim, receipt.outcomes, receipt.stopped_by)

    def _send(self, batch: Batch) -> Receipt:
        """Hand over `batch`; a provider that knows it by its key may be asked again and again."""
        is_known = self._provider.capabilities.remembers_keys is not None
        doubt: OutcomeUnknown | None = None
        for failures in itertools.count(1):
            try:
                return self._sent(batch)
            except ProviderError as error:
                doubt = error if isinstance(error, OutcomeUnknown) else doubt
                if doubt is None:
                    raise
                # However this time ended: the first time may have been accepted.
                wait = self._run.brake.policy.wait(failures, NotAccepted(doubt.problem))
                if not is_known or wait is None or self._run.brake.is_on:
                    raise doubt from error
            self._run.brake.wait(wait)
        raise AssertionError  # the count never ends

    def _sent(self, batch: Batch) -> Receipt:
        try:
            return self._provider.send(batch)
        finally:
            self._ahead.answered()

    def _continue(
        self, claimed: Claim, outcomes: Sequence[Outcome], stopped_by: ProviderError | None
    ) -> None:
        """Go on after a receipt: all is well, or the carrier broke off part-way."""
        states = count_states(outcomes)
        if DeliveryState.ACCEPTED in states:
            self._run.brake.count_accepted()
        if isinstance(stopped_by, AccessRefused):
            self._run.brake.pull(stopped_by)
        elif isinstance(stopped_by, OutcomeUnknown):
            self._run.brake.count_unknown(stopped_by)
        if DeliveryState.PENDING not in states:
            return
        if isinstance(stopped_by, NotAccepted):
            self._wait_and_repeat(claimed, stopped_by)
        else:
            self._repeat_later(claimed)

    def _wait_and_repeat(self, claimed: Claim, failure: NotAccepted) -> None:
        """Try the whole request again before any other: the carrier itself is in trouble."""
        seconds = self._next_wait(claimed, failure)
        if seconds is None:
            self._run.brake.pull(failure)
            return
        if isinstance(failure, Throttled):
            # It speaks to all workers, wherever they run.
            put_off(self._run.ledger, self._run.pacing.provider, seconds)
            name = self._run.pacing.provider
            tell(What.THROTTLED, dispatch=self._run.dispatch, provider=name, seconds=seconds)
        self._run.brake.wait(seconds)
        self._claims.repeat_first(claimed.number)

    def _repeat_later(self, claimed: Claim) -> None:
        """Try what is left of a request after all others: single mailboxes are in trouble."""
        seconds = self._next_wait(claimed, NotAccepted("put off"))
        if seconds is None:
            return  # it stays pending, and the next run begins with it
        if self._claims.next_number is None:
            self._run.brake.wait(seconds)
        self._claims.repeat_last(claimed.number)

    def _next_wait(self, claimed: Claim, failure: NotAccepted) -> float | None:
        self._failures[claimed.number] += 1
        chance = secrets.randbelow(1_000) / 1_000
        return self._run.brake.policy.wait(self._failures[claimed.number], failure, chance=chance)

    def _refused(self, taken: Taken, refusal: Rejected) -> None:
        """Reject one delivery; of several, find out which by halves: none was accepted."""
        self._run.brake.count_refused(refusal)
        if len(taken.claim.deliveries) == 1:
            self._settle_all(taken, DeliveryState.REJECTED, refusal)
            return
        halves = split(self._run.ledger, taken.claim)
        tell(What.SPLIT, dispatch=self._run.dispatch, request=halves[0], new=halves[1])
        self._claims.repeat_first(*halves)

    def _settle_all(self, taken: Taken, state: DeliveryState, why: ProviderError) -> None:
        outcomes = (Outcome(state, note=why.problem),) * len(taken.claim.deliveries)
        self._claims.settle(taken, outcomes, why)

    def _batch(self, taken: Taken) -> Batch:
        run, claimed = self._run, taken.claim
        return Batch(
            envelope=run.envelope,
            request=claimed.number,
            document=run.documents[claimed.variant],
            recipients=self._ahead.linked(claimed),
            attempt=claimed.attempt,
            fence=taken.fence.check,
            meanwhile=self._ahead.meanwhile(self._claims.next_number),
        )
