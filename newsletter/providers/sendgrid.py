"""SendGrid: one request carries the document once and the values of up to 1000 members.

Only 202 counts as accepted. SendGrid has no idempotency key, so a request whose answer was lost
is never sent again from here: it is unsure, until events or a person settle it.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from urllib.parse import quote

from newsletter.address import EmailAddress
from newsletter.errors import NotAccepted, Rejected
from newsletter.message.batch import Batch, Envelope
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Answer, error_of, number_in, object_of
from newsletter.providers.carrier import Carrier, all_accepted
from newsletter.providers.http import Post
from newsletter.providers.probe import Probe
from newsletter.providers.protocol import Capabilities, Evidence, Inquiry, Provider, Receipt
from newsletter.providers.reply import note_of, reference_of
from newsletter.providers.sendgrid_answer import SENDGRID, receipt_of_some
from newsletter.providers.sendgrid_body import MOST_VALUE_BYTES, BodyTemplate, RequestBody
from newsletter.providers.sendgrid_log import Span, evidence_in
from newsletter.providers.sendgrid_probe import sandboxed
from newsletter.providers.tracing import SKEW
from newsletter.providers.whole import miscounted, oversized
from newsletter.tables import Table

_MOST_QUESTIONS = 64
"""To its log, for one inquiry; what is not found by then stays unsure."""
_SCHEDULED = "/v3/user/scheduled_sends"
_MOST_RECIPIENTS = 1000
_MOST_BYTES = 30_000_000
"""Both: SendGrid's pages on limitations and errors of mail/send."""
_USUAL = Usual(
    host="https://api.sendgrid.com",
    variable="SENDGRID_API_KEY",
    variable_hint="set it to a key with Mail Send permission",
    batch_size=_MOST_RECIPIENTS,
    most=_MOST_RECIPIENTS,
)


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS)
    return SendGridProvider(read_account(table, secrets, _USUAL))


class SendGridProvider(Carrier[RequestBody]):
    """Hands batches to SendGrid's v3 `mail/send`."""

    name = "sendgrid"
    accent = SENDGRID
    accepted = frozenset({202})
    holds = True
    recall_margin = timedelta(minutes=10)
    longest_hold = timedelta(hours=72)
    """Both: SendGrid's pages on cancelling scheduled sends and on mail/send."""

    def __init__(self, account: Account) -> None:
        """Open nothing yet; each thread that sends gets a connection of its own."""
        capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_request_bytes=_MOST_BYTES,
            max_message_bytes=_MOST_BYTES,
            max_values_bytes=MOST_VALUE_BYTES,
        )
        super().__init__(account, capabilities)
        self._templates = Templates(BodyTemplate)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        from newsletter.providers.sendgrid_client import headers_for

        return headers_for(self._account.key, self._account.host)

    def _body(self, batch: Batch) -> RequestBody:
        return self._templates.of(batch.envelope, batch.document).body(batch)

    def _limits_broken(self, batch: Batch, body: RequestBody) -> tuple[str, ...]:
        return limits_broken(batch, body)

    def _post(self, _batch: Batch, body: RequestBody) -> Post:
        return Post("/v3/mail/send", self._headers, body.pieces)

    def _probe(self, sender: EmailAddress) -> Probe:
        return Probe("POST", "/v3/mail/send", self._headers, sandboxed(sender.wire))

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        return all_accepted(batch, note_of(answer.headers.get("x-message-id", "")))

    def reserve(self) -> str:
        """Get a new batch id.

        Raises:
            ProviderError: none is to be had.
        """
        found = object_of(self._ask("POST", "/v3/mail/batch", self._headers))
        reservation = reference_of(found.get("batch_id", ""))
        if not reservation:
            raise NotAccepted("SendGrid gave no batch id")
        return reservation

    def recall(self, reservation: str) -> None:
        """Have SendGrid throw away what it holds under a batch id, when its time comes.

        Raises:
            ProviderError: it was not done, or nobody knows whether it was.
        """
        wish = json.dumps({"batch_id": reservation, "status": "cancel"}).encode("ascii")
        try:
            self._ask("POST", _SCHEDULED, self._headers, wish)
        except Rejected:
            # There is a wish for this batch already, which is changed in another way.
            path, wish = f"{_SCHEDULED}/{quote(reservation, safe='')}", b'{"status": "cancel"}'
            self._ask("PATCH", path, self._headers, wish)

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        """Look into SendGrid's Email Logs, which know the last 30 days.

        Raises:
            ProviderError: it cannot be asked now; the key may lack the permission.
        """
        found: dict[int, Evidence] = {}
        spans = deque([Span(inquiry.since - SKEW, inquiry.until + SKEW)])
        for _ in range(_MOST_QUESTIONS):
            if not spans:
                break
            span = spans.popleft()
            answer = self._ask("POST", "/v3/logs", self._headers, span.query(inquiry.dispatch))
            spans += span.halves(answer)
            found |= {each.delivery: each for each in evidence_in(answer, inquiry)}
        return tuple(found.values())

    def allowance(self) -> int | None:
        """Tell the credits that remain (its page users-api/retrieve-your-credit-balance).

        Credits by the month are those of paid plans: what is beyond them is charged, not refused.

        Raises:
            ProviderError: it cannot be asked now; the key may lack the permission.
        """
        found = object_of(self._ask("GET", "/v3/user/credits", self._headers))
        remaining, is_paid = number_in(found, "remain"), found.get("reset_frequency") == "monthly"
        return None if remaining is None or is_paid else int(remaining)

    def _refused(self, batch: Batch, answer: Answer) -> Receipt:
        failure = error_of(answer, SENDGRID)
        if isinstance(failure, Rejected):
            singled_out = receipt_of_some(answer, len(batch.recipients))
            if singled_out is not None:
                return singled_out
        raise failure


def limits_broken(batch: Batch, body: RequestBody) -> tuple[str, ...]:
    """Say which limits of SendGrid `body` breaks, each as a sentence; empty if none."""
    problems = [
        *miscounted("SendGrid", batch, _MOST_RECIPIENTS),
        *(
            f"Delivery {delivery}: its values take {size:,} bytes,"
            f" and SendGrid takes {MOST_VALUE_BYTES:,} a recipient."
            for delivery, size in body.too_large
        ),
        *oversized("SendGrid", body.size, _MOST_BYTES),
        *_held_too_long(batch.envelope),
    ]
    if not body.is_complete:
        problems.append("SendGrid takes no message without a subject, a text and an HTML part.")
    return tuple(problems)


def _held_too_long(envelope: Envelope) -> Iterator[str]:
    longest = SendGridProvider.longest_hold
    if envelope.send_at is not None and envelope.send_at - envelope.date > longest:
        yield f"SendGrid holds messages for {longest // timedelta(hours=1)} hours at most."
