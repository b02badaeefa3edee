"""SendGrid: one request carries the document once and the values of up to 1000 members.

Only 202 counts as accepted. SendGrid has no idempotency key, so a request whose answer was lost
is never sent again from here: it is unsure, until events or a person settle it.
"""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.errors import InputError, Rejected
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.message.templates import Templates
from newsletter.providers.protocol import Capabilities, Outcome, Receipt
from newsletter.providers.refusal import refusals_of
from newsletter.providers.reply import note_of
from newsletter.providers.sendgrid_answer import error_of, receipt_of_some
from newsletter.providers.sendgrid_body import MOST_VALUE_BYTES, BodyTemplate, RequestBody

if TYPE_CHECKING:
    from newsletter.providers.sendgrid_client import SendGridClient

_ACCEPTED = 202
_MOST_RECIPIENTS = 1000
_MOST_BYTES = 30_000_000
"""Both: SendGrid's pages on limitations and errors of mail/send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridSettings:
    """How to reach SendGrid."""

    key: str = field(repr=False)
    host: str = "https://api.sendgrid.com"
    timeout: float = 30.0
    """Seconds to wait for each answer."""
    batch_size: int = _MOST_RECIPIENTS
    connections: int = 4


class SendGridProvider:
    """Hands batches to SendGrid's v3 `mail/send`."""

    name = "sendgrid"

    def __init__(self, settings: SendGridSettings) -> None:
        """Open nothing yet; each thread that sends gets a client of its own."""
        self._settings = settings
        self._of_this_thread = threading.local()
        self._clients: list[SendGridClient] = []
        self._templates = Templates(BodyTemplate)
        self.capabilities = Capabilities(
            batch_size=settings.batch_size,
            connections=settings.connections,
            max_request_bytes=_MOST_BYTES,
            max_message_bytes=_MOST_BYTES,
            max_values_bytes=MOST_VALUE_BYTES,
        )

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` cannot be sent through SendGrid, each as a sentence."""
        problems = refusals_of(batch)
        if problems:
            return problems  # the body cannot be written, so its size cannot be told
        return limits_broken(batch, self._body(batch))

    def send(self, batch: Batch) -> Receipt:
        """Hand over `batch` in one request, without retrying.

        Raises:
            Rejected: it will never accept this request.
            NotAccepted: nothing of it was accepted; `Throttled` says for how long to wait.
            AccessRefused: it refuses us, whatever the request.
            OutcomeUnknown: all of it may have been sent.
        """
        try:
            body = self._body(batch)
        except (InputError, KeyError) as error:
            raise Rejected(f"the request cannot be made: {error}") from error
        # SendGrid answers some broken limits by 202, and drops the messages later.
        problems = limits_broken(batch, body)
        if problems:
            raise Rejected(" ".join(problems))
        answer = self._client().post(body.octets)
        if answer.status == _ACCEPTED:
            reference = note_of(answer.headers.get("x-message-id", ""))
            accepted = Outcome(DeliveryState.ACCEPTED, reference=reference)
            return Receipt((accepted,) * len(batch.recipients))
        failure = error_of(answer)
        if isinstance(failure, Rejected):
            singled_out = receipt_of_some(answer, len(batch.recipients))
            if singled_out is not None:
                return singled_out
        raise failure

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()
        self._clients, self._of_this_thread = [], threading.local()

    def _body(self, batch: Batch) -> RequestBody:
        return self._templates.of(batch.envelope, batch.document).body(batch)

    def _client(self) -> "SendGridClient":
        from newsletter.providers.sendgrid_client import SendGridClient

        client: SendGridClient | None = getattr(self._of_this_thread, "client", None)
        if client is None:
            settings = self._settings
            client = SendGridClient(settings.key, host=settings.host, timeout=settings.timeout)
            self._of_this_thread.client = client
            self._clients.append(client)
        return client


def limits_broken(batch: Batch, body: RequestBody) -> tuple[str, ...]:
    """Say which limits of SendGrid `body` breaks, each as a sentence; empty if none."""
    problems = []
    count, total = len(batch.recipients), len(body.octets)
    if not 0 < count <= _MOST_RECIPIENTS:
        problems.append(
            f"SendGrid takes 1 to {_MOST_RECIPIENTS} recipients a request, not {count}."
        )
    problems += [
        f"Delivery {delivery}: its values take {size:,} bytes,"
        f" and SendGrid takes {MOST_VALUE_BYTES:,} a recipient."
        for delivery, size in body.too_large
    ]
    if total > _MOST_BYTES:
        problems.append(f"The request has {total:,} bytes, and SendGrid takes {_MOST_BYTES:,}.")
    if not body.is_complete:
        problems.append("SendGrid takes no message without a subject, a text and an HTML part.")
    return tuple(problems)
