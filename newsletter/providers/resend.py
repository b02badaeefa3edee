"""Resend: up to 100 whole messages in one request, all of them or none.

Resend remembers the key of a request for 24 hours: the same request, sent again within them, is
answered as it was before and mails nobody.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from newsletter.address import EmailAddress, Mailbox
from newsletter.message.batch import Batch
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Answer
from newsletter.providers.carrier import Carrier
from newsletter.providers.http import Post
from newsletter.providers.mailbox import has_special
from newsletter.providers.probe import Probe
from newsletter.providers.protocol import Capabilities, Provider, Receipt
from newsletter.providers.resend_answer import RESEND, receipt_of_all, refusal_of
from newsletter.providers.resend_message import ResendMessages
from newsletter.providers.whole import WholeBody, incomplete, miscounted, overweight
from newsletter.tables import Table

_MOST_MESSAGES = 100
"""Resend's page docs/dashboard/emails/batch-sending."""
_MOST_MESSAGE_BYTES = 40_000_000
"""Resend's page docs/dashboard/emails/attachments."""
_REMEMBERS = timedelta(hours=24)
"""Resend's page docs/dashboard/emails/idempotency-keys."""
_USUAL = Usual(
    host="https://api.resend.com",
    variable="RESEND_API_KEY",
    variable_hint="set it to a key with sending access",
    batch_size=_MOST_MESSAGES,
    most=_MOST_MESSAGES,
    connections=2,
)


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS)
    return ResendProvider(read_account(table, secrets, _USUAL))


class ResendProvider(Carrier[WholeBody]):
    """Hands batches to Resend's `/emails/batch`."""

    name = "resend"
    accent = RESEND

    def __init__(self, account: Account) -> None:
        """Open nothing yet; each thread that sends gets a connection of its own."""
        capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_message_bytes=_MOST_MESSAGE_BYTES,
            carries_files=False,  # not in batches: its page on batch sending
            remembers_keys=_REMEMBERS,
        )
        super().__init__(account, capabilities)
        self._templates = Templates(ResendMessages)
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {account.key}",
            "Content-Type": "application/json",
            "User-Agent": "newsletter",  # it refuses requests without one
        }

    def _body(self, batch: Batch) -> WholeBody:
        return self._templates.of(batch.envelope, batch.document).body(batch)

    def _limits_broken(self, batch: Batch, body: WholeBody) -> tuple[str, ...]:
        return (*_unfit(batch), *overweight("Resend", batch, body.sizes, _MOST_MESSAGE_BYTES))

    def _is_surely_fine(self, batch: Batch) -> bool:
        bound = self._templates.of(batch.envelope, batch.document).bound
        return bound.is_within(batch, message=_MOST_MESSAGE_BYTES) and not _unfit(batch)

    def _post(self, batch: Batch, body: WholeBody) -> Post:
        headers = {**self._headers, "Idempotency-Key": batch.key}
        return Post("/emails/batch", headers, body.octets)

    def _probe(self, _sender: EmailAddress) -> Probe:
        # An email that lacks everything is refused with 422 or 400, after the key: a key that may
        # only send is refused everything else.
        return Probe("POST", "/emails", self._headers, b"{}", frozenset({400, 422}))

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        return receipt_of_all(answer, len(batch.recipients))

    def _refused(self, _batch: Batch, answer: Answer) -> Receipt:
        raise refusal_of(answer)


def _unfit(batch: Batch) -> tuple[str, ...]:
    return (
        *miscounted("Resend", batch, _MOST_MESSAGES),
        *incomplete("Resend", batch.document),
        *_no_bare_name(batch.envelope.sender),
        *_files(batch),
    )


def _no_bare_name(sender: Mailbox) -> Iterator[str]:
    if has_special(sender.name):
        yield (
            f"Resend takes no punctuation in the name of the sender ({sender.name!r});"
            " change `name` of [sender]."
        )


def _files(batch: Batch) -> Iterator[str]:
    if batch.document.attachments:
        yield "Resend carries no files and no embedded images in batches."
