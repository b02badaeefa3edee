"""The claims of one worker: which request of its lane comes next, and what became of each.

The attempt is committed before anything is sent and the outcome after. Where all of a request was
accepted, its outcome and the attempt at the next one are one commit.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from newsletter.dispatch.ahead import Ahead
from newsletter.dispatch.fence import Fence
from newsletter.dispatch.run import Run
from newsletter.dispatch.telling import tell_settled
from newsletter.errors import HeldBack, LedgerLost, NewsletterError
from newsletter.ledger.claiming import Attempt, Claim, Wish, claim
from newsletter.ledger.course import Hold
from newsletter.ledger.feedback import settle_by_events
from newsletter.ledger.settling import settle, settle_and_claim
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, common_to, count_states

_NAP, _LONGEST_NAP = 0.5, 5.0
"""Seconds that a worker waits without looking at the ledger: until it is back, at most."""

Lane = Sequence[int]
"""Numbers of requests that one worker drives, in order."""


class Taken(NamedTuple):
    """A request that this worker claimed."""

    claim: Claim
    fence: Fence
    begun: float
    """When, by the clock that only runs on; seconds."""


class Claims:
    """The requests that one worker has to do."""

    def __init__(self, run: Run, lane: Lane, ahead: Ahead) -> None:
        """Have all of `lane` to do, in order."""
        self._run, self._ahead = run, ahead
        self._todo = deque(lane)
        self._taken: Taken | None = None
        """Claimed along with the settling of the last one, and not begun yet."""

    @property
    def next_number(self) -> int | None:
        """Tell which request comes next; None after the last."""
        return self._todo[0] if self._todo else None

    def take(self) -> Taken | None:
        """Claim the next request; None where nothing is left, or the brake is on."""
        while not self._run.brake.is_on:
            taken, self._taken = self._taken, None
            if taken is not None:
                return taken
            if not self._todo:
                return None
            self._run.watch()
            found = self._claim(self._todo[0])
            if isinstance(found, Hold):
                self._wait_for(found)
                continue
            self._todo.popleft()
            if found is not None:
                return found
        return None

    def give_back(self) -> None:
        """Let a request be pending again that was claimed and never begun, if there is one."""
        taken, self._taken = self._taken, None
        if taken is not None:
            why = HeldBack("the run ended before it was begun")
            outcome = Outcome(DeliveryState.PENDING, note=why.problem)
            self.settle(taken, (outcome,) * len(taken.claim.deliveries), why)

    def repeat_first(self, *numbers: int) -> None:
        """Do these before any other."""
        self._todo.extendleft(reversed(numbers))

    def repeat_last(self, number: int) -> None:
        """Do this one after all others."""
        self._todo.append(number)

    def settle(
        self, taken: Taken, outcomes: Sequence[Outcome], why: NewsletterError | None = None
    ) -> None:
        """Write down what became of a request."""
        run, states = self._run, count_states(outcomes)
        if why is None and self._goes_on(outcomes):
            self._keep_and_claim(taken.claim, outcomes)
        else:
            self._keep(taken, outcomes)
        tell_settled(taken.claim, states, run.clock.monotonic() - taken.begun, why)
        if states[DeliveryState.UNSURE]:
            # The provider may have told of it before it was unsure here.
            settle_by_events(run.ledger, run.dispatch)
        run.settled(len(outcomes) - states[DeliveryState.PENDING])
        run.brake.count_settled(states[DeliveryState.ACCEPTED], states[DeliveryState.REJECTED])

    def _claim(self, number: int) -> Taken | Hold | None:
        run, now = self._run, self._run.clock.now()
        closed = run.pacing.closed_for(now)
        if closed > 0:
            return Hold("it is outside of the hours in which emails go out", closed)
        fence, begun = Fence.of(run.clock, run.lease), run.clock.monotonic()
        ahead = self._ahead.of(number)
        found = claim(run.ledger, run.dispatch, number, self._attempt(), ahead)
        return Taken(found, fence, begun) if isinstance(found, Claim) else found

    def _attempt(self) -> Attempt:
        now = self._run.clock.now()
        return Attempt(now, self._run.lease, self._run.pacing.paces(now))

    def _wait_for(self, hold: Hold) -> None:
        run = self._run
        if hold.seconds is None or hold.seconds > run.patience:
            run.brake.pull(HeldBack(hold.why, hint="look at it with `newsletter status`"))
            return
        run.held(hold)
        # Never long, so that a pause or an end that somebody gives meanwhile is seen.
        run.brake.wait(min(hold.seconds, _LONGEST_NAP))

    def _goes_on(self, outcomes: Sequence[Outcome]) -> bool:
        """Tell whether the next request may be claimed along with settling these outcomes."""
        run, common = self._run, common_to(outcomes)
        return (
            common is not None
            and common.state is DeliveryState.ACCEPTED
            and bool(self._todo)
            and not run.brake.is_on
            # When a server is lost while it commits, nobody knows whether it did. To settle
            # again tells that; a claim that nobody knows of would be one that nobody sends.
            and not run.ledger.is_shared
            and run.pacing.closed_for(run.clock.now()) <= 0
        )

    def _keep_and_claim(self, done: Claim, outcomes: Sequence[Outcome]) -> None:
        run, number = self._run, self._todo[0]
        run.watch()
        fence, begun = Fence.of(run.clock, run.lease), run.clock.monotonic()
        wish = Wish(run.dispatch, number, self._attempt(), self._ahead.of(number))
        found = settle_and_claim(run.ledger, done, outcomes, wish)
        if found is not None:
            self._todo.popleft()
            self._taken = Taken(found, fence, begun)

    def _keep(self, taken: Taken, outcomes: Sequence[Outcome]) -> None:
        """Write the outcomes down; a server of the ledger that is restarted is waited for.

        Nobody else takes them for unsure before the lease is over, and then they can be written
        still.
        """
        while True:
            try:
                settle(self._run.ledger, taken.claim, outcomes)
            except LedgerLost:
                taken.fence.check()
                self._run.clock.sleep(_NAP)
            else:
                return
