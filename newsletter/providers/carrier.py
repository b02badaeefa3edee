"""What the providers have in common that take a whole batch in one HTTP request.

What each of them makes of a batch, and reads in an answer, is its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from newsletter.address import EmailAddress
from newsletter.errors import InputError, Rejected
from newsletter.message.batch import Batch, Recipient
from newsletter.message.state import DeliveryState
from newsletter.providers.account import Account
from newsletter.providers.answer import Accent, Answer, error_of
from newsletter.providers.http import Connections, Post
from newsletter.providers.probe import Probe, Probed
from newsletter.providers.protocol import Capabilities, Outcome, Receipt
from newsletter.providers.refusal import refusals_of, refuse_to_hold

Body = TypeVar("Body")
"""What a batch is written as."""


class Carrier(ABC, Generic[Body]):
    """Hands each batch to a provider in one request."""

    name: str
    accent: Accent
    accepted = frozenset({200})
    """The statuses by which it says that it took the request; any other is no success."""
    holds = False
    """Whether it can hold messages until `Envelope.send_at`."""

    def __init__(self, account: Account, capabilities: Capabilities) -> None:
        """Open nothing yet; each thread that sends gets a connection of its own."""
        self.capabilities = capabilities
        self._account = account
        self._connections = Connections(self.accent.name, account.host, timeout=account.timeout)
        self._ready: tuple[Sequence[Recipient], Body] | None = None

    @abstractmethod
    def _body(self, batch: Batch) -> Body:
        """Write `batch` as the provider takes it.

        Raises:
            InputError: a message cannot be made.
            KeyError: a slot has neither value nor fallback.
        """

    @abstractmethod
    def _limits_broken(self, batch: Batch, body: Body) -> tuple[str, ...]:
        """Say what the provider would not take, or not carry as it is, each as a sentence."""

    def _is_surely_fine(self, _batch: Batch) -> bool:
        """Tell whether a look at `batch` is enough to know that no limit is broken.

        False says nothing: then the body is written to know.
        """
        return False

    @abstractmethod
    def _post(self, batch: Batch, body: Body) -> Post:
        """Make the request that hands over `body`."""

    @abstractmethod
    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        """Read an answer that says that the request was taken.

        Raises:
            ProviderError: it was not, after all.
        """

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` cannot be sent this way, each as a sentence."""
        problems = refusals_of(batch, holds=self.holds)
        if problems:
            return problems  # the body cannot be written, so its size cannot be told
        if self._is_surely_fine(batch):
            return ()
        return self._limits_broken(batch, self._body(batch))

    def send(self, batch: Batch) -> Receipt:
        """Hand over `batch` in one request, without retrying.

        Raises:
            Rejected: it will never accept this request.
            NotAccepted: nothing of it was accepted; `Throttled` says for how long to wait.
            AccessRefused: it refuses us, whatever the request.
            OutcomeUnknown: all of it may have been sent.
        """
        if not self.holds:
            refuse_to_hold(batch)
        body = self._written(batch)
        # Some providers accept what breaks a limit, and drop it later.
        problems = self._limits_broken(batch, body)
        if problems:
            raise Rejected(" ".join(problems))
        answer = self._connections.mine().post(
            self._post(batch, body), batch.fence, batch.meanwhile
        )
        if answer.status in self.accepted:
            return self._receipt(batch, answer)
        return self._refused(batch, answer)

    @abstractmethod
    def _probe(self, sender: EmailAddress) -> Probe:
        """Give the call by which a key is tried; it sends nothing."""

    def probe(self, sender: EmailAddress) -> Probed:
        """Try the key, with `sender` as the one who would send; nothing is sent.

        Raises:
            ProviderError: what it means that the provider does not like it.
        """
        probe = self._probe(sender)
        answer = self._connections.mine().ask(probe.method, probe.post)
        if answer.status not in probe.good:
            raise error_of(answer, self.accent)
        return Probed(f"{self.accent.name} takes the key", answer.headers.get("date", ""))

    def prepare(self, batch: Batch) -> None:
        """Write the body of a first attempt, and keep it until `send` is given its recipients."""
        with suppress(Rejected):
            self._ready = batch.recipients, self._written(batch)

    def _written(self, batch: Batch) -> Body:
        ready, self._ready = self._ready, None
        if ready is not None and ready[0] is batch.recipients:
            return ready[1]
        try:
            return self._body(batch)
        except (InputError, KeyError) as error:
            raise Rejected(f"the request cannot be made: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _refused(self, _batch: Batch, answer: Answer) -> Receipt:
        """Read any other answer.

        Raises:
            ProviderError: what it means for the whole batch.
        """
        raise error_of(answer, self.accent)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Ask for something that may be asked again, and take only success for an answer.

        Raises:
            ProviderError: there is no answer, or it is no success.
        """
        answer = self._connections.mine().ask(method, Post(path, headers, body))
        if not 200 <= answer.status < 300:  # noqa: PLR2004 # RFC 9110 section 15.3
            raise error_of(answer, self.accent)
        return answer


def all_accepted(batch: Batch, reference: str) -> Receipt:
    """Make the receipt of a request that was taken whole under one `reference`."""
    accepted = Outcome(DeliveryState.ACCEPTED, reference=reference)
    return Receipt((accepted,) * len(batch.recipients))
