"""SendGrid: one request carries the document once and the values of up to 1000 members.

Only 202 counts as accepted. SendGrid has no idempotency key, so a request whose answer was lost
is never sent again from here: it is unsure, until events or a person settle it.
"""

from collections.abc import Mapping
from functools import cached_property

from newsletter.errors import Rejected
from newsletter.message.batch import Batch
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Answer, error_of
from newsletter.providers.carrier import Carrier, all_accepted
from newsletter.providers.http import Post
from newsletter.providers.protocol import Capabilities, Provider, Receipt
from newsletter.providers.reply import note_of
from newsletter.providers.sendgrid_answer import SENDGRID, receipt_of_some
from newsletter.providers.sendgrid_body import MOST_VALUE_BYTES, BodyTemplate, RequestBody
from newsletter.tables import Table

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
        return Post("/v3/mail/send", self._headers, body.octets)

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        return all_accepted(batch, note_of(answer.headers.get("x-message-id", "")))

    def _refused(self, batch: Batch, answer: Answer) -> Receipt:
        failure = error_of(answer, SENDGRID)
        if isinstance(failure, Rejected):
            singled_out = receipt_of_some(answer, len(batch.recipients))
            if singled_out is not None:
                return singled_out
        raise failure


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
