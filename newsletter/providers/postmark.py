"""Postmark: up to 500 whole messages in one request, each with an outcome of its own."""

from collections.abc import Mapping
from functools import partial

from newsletter.address import EmailAddress
from newsletter.message.batch import Batch
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Answer
from newsletter.providers.carrier import Carrier
from newsletter.providers.http import Post
from newsletter.providers.postmark_answer import POSTMARK, receipt_of_all, refusal_of
from newsletter.providers.postmark_log import evidence_in, is_last, searches
from newsletter.providers.postmark_message import PostmarkMessages
from newsletter.providers.probe import Probe
from newsletter.providers.protocol import Capabilities, Evidence, Inquiry, Provider, Receipt
from newsletter.providers.whole import WholeBody, incomplete, miscounted, oversized, overweight
from newsletter.tables import Table

_MOST_MESSAGES = 500
_MOST_BYTES = 50_000_000
_MOST_MESSAGE_BYTES = 10_000_000
"""All: Postmark's page developer/user-guide/send-email-with-api/batch-emails."""
_USUAL = Usual(
    host="https://api.postmarkapp.com",
    variable="POSTMARK_SERVER_TOKEN",
    variable_hint="set it to the token of your Postmark server",
    batch_size=100,
    most=_MOST_MESSAGES,
)


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS, "stream")
    account = read_account(table, secrets, _USUAL)
    return PostmarkProvider(account, stream=table.text("stream", "broadcast"))


class PostmarkProvider(Carrier[WholeBody]):
    """Hands batches to Postmark's `/email/batch`."""

    name = "postmark"
    accent = POSTMARK

    def __init__(self, account: Account, *, stream: str) -> None:
        """Open nothing yet; `stream` is the message stream that members' mail goes through."""
        capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_request_bytes=_MOST_BYTES,
            max_message_bytes=_MOST_MESSAGE_BYTES,
        )
        super().__init__(account, capabilities)
        self._stream = stream
        self._templates = Templates(partial(PostmarkMessages, stream=stream))
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Postmark-Server-Token": account.key,
        }

    def _body(self, batch: Batch) -> WholeBody:
        return self._templates.of(batch.envelope, batch.document).body(batch)

    def _limits_broken(self, batch: Batch, body: WholeBody) -> tuple[str, ...]:
        return (
            *self._unfit(batch),
            *oversized("Postmark", len(body.octets), _MOST_BYTES),
            *overweight("Postmark", batch, body.sizes, _MOST_MESSAGE_BYTES),
        )

    def _unfit(self, batch: Batch) -> tuple[str, ...]:
        return (
            *miscounted("Postmark", batch, _MOST_MESSAGES),
            *incomplete("Postmark", batch.document),
        )

    def _is_surely_fine(self, batch: Batch) -> bool:
        bound = self._templates.of(batch.envelope, batch.document).bound
        is_small = bound.is_within(batch, message=_MOST_MESSAGE_BYTES, request=_MOST_BYTES)
        return is_small and not self._unfit(batch)

    def _post(self, _batch: Batch, body: WholeBody) -> Post:
        return Post("/email/batch", self._headers, body.octets)

    def _probe(self, _sender: EmailAddress) -> Probe:
        return Probe("GET", "/server", self._headers)

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        return receipt_of_all(answer, len(batch.recipients))

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        """Search Postmark's messages, by the number of the dispatch in their metadata.

        Raises:
            ProviderError: it cannot be asked now.
        """
        found: dict[int, Evidence] = {}
        for path in searches(inquiry, self._stream):
            answer = self._ask("GET", path, self._headers)
            found |= {each.delivery: each for each in evidence_in(answer, inquiry)}
            if is_last(answer):
                break
        return tuple(found.values())

    def _refused(self, _batch: Batch, answer: Answer) -> Receipt:
        raise refusal_of(answer)
