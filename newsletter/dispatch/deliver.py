"""Delivering a dispatch: claim a request, call the provider, settle; again until nothing is left.

The attempt is committed before the provider is called and the outcome after. A run that dies in
between leaves its requests `sending`, which is the truth; the next run declares their deliveries
unsure. Nothing here ever tries again what may have been sent.
"""

import itertools
import math
import secrets
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from newsletter.clock import Clock
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.fence import Fence
from newsletter.dispatch.pace import Pacing
from newsletter.dispatch.personalise import Personaliser
from newsletter.dispatch.telling import tell_settled, word_for
from newsletter.errors import (
    AccessRefused,
    HeldBack,
    LedgerLost,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.ledger.claiming import Attempt, Claim, claim, pending_requests
from newsletter.ledger.course import Hold
from newsletter.ledger.database import Ledger
from newsletter.ledger.feedback import settle_by_events
from newsletter.ledger.pacing import put_off
from newsletter.ledger.settling import settle, split
from newsletter.log import What, tell
from newsletter.message.batch import Batch, Envelope
from newsletter.message.frozen import Document
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Provider, Receipt, count_states

_NAP, _LONGEST_NAP = 0.5, 5.0
"""Seconds that a worker waits without looking at the ledger: until it is back, at most."""

Lane = Sequence[int]
"""Numbers of requests that one worker drives, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything one delivering of a dispatch needs."""

    ledger: Ledger
    dispatch: int
    envelope: Envelope
    documents: Mapping[str, Document]
    personaliser: Personaliser
    provider: Callable[[], Provider]
    """Makes a provider of its own for each worker: connections are never shared."""
    workers: int
    clock: Clock
    brake: Brake
    pacing: Pacing = field(default_factory=Pacing)
    lease: float = 600.0
    """Seconds that a request may take before others take its outcome for unsure."""
    patience: float = math.inf
    """Seconds to wait for a request that is held back; afterwards the run ends."""
    settled: Callable[[int], None] = lambda _deliveries: None
    """Hears from any worker, now and then, how many more deliveries are final."""
    held: Callable[[Hold], None] = lambda _hold: None
    """Hears from any worker why it waits."""
    watch: Callable[[], None] = lambda: None
    """Called by any worker before each request; pauses the dispatch where it goes badly."""


def deliver(run: Run) -> None:
    """Drive every pending request of the dispatch until none is left or the brake is on.

    Raises:
        LedgerError: the ledger failed; nothing that it does not know of was sent.
    """
    pending = pending_requests(run.ledger, run.dispatch)
    tell(What.BEGAN, dispatch=run.dispatch, requests=len(pending), workers=run.workers)
    lanes = cut_lanes(pending, run.workers)
    with ThreadPoolExecutor(max_workers=max(1, len(lanes))) as pool:
        workers = [pool.submit(_work, run, lane) for lane in lanes]
    tell(What.ENDED, dispatch=run.dispatch, why=word_for(run.brake.reason))
    for worker in workers:
        worker.result()


def drive(run: Run, lane: Lane) -> None:
    """Drive the requests of `lane`, one after the other, until none is left or the brake is on.

    This is the one way to send, by whomever it is called.

    Raises:
        LedgerError: the ledger failed; nothing that it does not know of was sent.
    """
    _work(run, lane)


def cut_lanes(requests: Sequence[int], workers: int) -> tuple[Lane, ...]:
    """Cut `requests` into at most `workers` runs of neighbours, as even as can be."""
    count = max(1, min(workers, len(requests)))
    edges = [len(requests) * edge // count for edge in range(count + 1)]
    return tuple(requests[a:b] for a, b in itertools.pairwise(edges) if a < b)


def _work(run: Run, lane: Lane) -> None:
    try:
        provider = run.provider()
        try:
            _Driver(run, provider).drive(lane)
        finally:
            provider.close()
    except BaseException:
        # Whatever it was, the others must not go on while somebody reads about it.
        run.brake.pull()
        raise


class _Driver:
    """One worker on its lane."""

    def __init__(self, run: Run, provider: Provider) -> None:
        self._run = run
        self._provider = provider
        self._todo: deque[int] = deque()
        self._failures: Counter[int] = Counter()
        self._fence, self._begun = Fence.of(run.clock, run.lease), run.clock.monotonic()

    def drive(self, lane: Lane) -> None:
        """Try the requests of `lane` in order."""
        self._todo.extend(lane)
        while self._todo and not self._run.brake.is_on:
            number = self._todo.popleft()
            self._run.watch()
            claimed = self._claim(number)
            if isinstance(claimed, Hold):
                self._wait_for(claimed)
                self._todo.appendleft(number)
            elif claimed is not None and claimed.deliveries:
                self._attempt(claimed)

    def _claim(self, number: int) -> Claim | Hold | None:
        run, now = self._run, self._run.clock.now()
        closed = run.pacing.closed_for(now)
        if closed > 0:
            return Hold("it is outside of the hours in which emails go out", closed)
        self._fence, self._begun = Fence.of(run.clock, run.lease), run.clock.monotonic()
        attempt = Attempt(now, run.lease, run.pacing.paces(now))
        return claim(run.ledger, run.dispatch, number, attempt)

    def _wait_for(self, hold: Hold) -> None:
        run = self._run
        if hold.seconds is None or hold.seconds > run.patience:
            run.brake.pull(HeldBack(hold.why, hint="look at it with `newsletter status`"))
            return
        run.held(hold)
        # Never long, so that a pause or an end that somebody gives meanwhile is seen.
        run.brake.wait(min(hold.seconds, _LONGEST_NAP))

    def _attempt(self, claimed: Claim) -> None:
        try:
            receipt = self._send(self._batch(claimed))
        except Rejected as refusal:
            self._refused(claimed, refusal)
        except NotAccepted as failure:
            self._settle_all(claimed, DeliveryState.PENDING, failure)
            self._wait_and_repeat(claimed, failure)
        except AccessRefused as refusal:
            self._settle_all(claimed, DeliveryState.PENDING, refusal)
            self._run.brake.pull(refusal)
        except OutcomeUnknown as doubt:
            self._settle_all(claimed, DeliveryState.UNSURE, doubt)
            self._run.brake.count_unknown(doubt)
        else:
            self._settle(claimed, receipt.outcomes, receipt.stopped_by)
            self._continue(claimed, receipt.outcomes, receipt.stopped_by)

    def _send(self, batch: Batch) -> Receipt:
        """Hand over `batch`; a provider that knows it by its key may be asked again and again."""
        is_known = self._provider.capabilities.remembers_keys is not None
        doubt: OutcomeUnknown | None = None
        for failures in itertools.count(1):
            try:
                return self._provider.send(batch)
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
        self._todo.appendleft(claimed.number)

    def _repeat_later(self, claimed: Claim) -> None:
        """Try what is left of a request after all others: single mailboxes are in trouble."""
        seconds = self._next_wait(claimed, NotAccepted("put off"))
        if seconds is None:
            return  # it stays pending, and the next run begins with it
        if not self._todo:
            self._run.brake.wait(seconds)
        self._todo.append(claimed.number)

    def _next_wait(self, claimed: Claim, failure: NotAccepted) -> float | None:
        self._failures[claimed.number] += 1
        chance = secrets.randbelow(1_000) / 1_000
        return self._run.brake.policy.wait(self._failures[claimed.number], failure, chance=chance)

    def _refused(self, claimed: Claim, refusal: Rejected) -> None:
        """Reject one delivery; of several, find out which by halves: none was accepted."""
        self._run.brake.count_refused(refusal)
        if len(claimed.deliveries) == 1:
            self._settle_all(claimed, DeliveryState.REJECTED, refusal)
            return
        halves = split(self._run.ledger, claimed)
        tell(What.SPLIT, dispatch=self._run.dispatch, request=halves[0], new=halves[1])
        self._todo.extendleft(reversed(halves))

    def _settle_all(self, claimed: Claim, state: DeliveryState, why: ProviderError) -> None:
        outcomes = (Outcome(state, note=why.problem),) * len(claimed.deliveries)
        self._settle(claimed, outcomes, why)

    def _settle(
        self, claimed: Claim, outcomes: Sequence[Outcome], why: ProviderError | None = None
    ) -> None:
        self._keep(claimed, outcomes)
        states = count_states(outcomes)
        tell_settled(claimed, states, self._run.clock.monotonic() - self._begun, why)
        if states[DeliveryState.UNSURE]:
            # The provider may have told of it before it was unsure here.
            settle_by_events(self._run.ledger, self._run.dispatch)
        self._run.settled(len(outcomes) - states[DeliveryState.PENDING])
        self._run.brake.count_settled(
            states[DeliveryState.ACCEPTED], states[DeliveryState.REJECTED]
        )

    def _keep(self, claimed: Claim, outcomes: Sequence[Outcome]) -> None:
        """Write the outcomes down; a server of the ledger that is restarted is waited for.

        Nobody else takes them for unsure before the lease is over, and then they can be written
        still.
        """
        while True:
            try:
                settle(self._run.ledger, claimed, outcomes)
            except LedgerLost:
                self._fence.check()
                self._run.clock.sleep(_NAP)
            else:
                return

    def _batch(self, claimed: Claim) -> Batch:
        run = self._run
        return Batch(
            envelope=run.envelope,
            request=claimed.number,
            document=run.documents[claimed.variant],
            recipients=run.personaliser.linked(claimed.deliveries),
            attempt=claimed.attempt,
            fence=self._fence.check,
        )
