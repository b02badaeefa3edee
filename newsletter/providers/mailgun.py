"""Mailgun: one request carries the document once and the variables of up to 1000 members."""

import re
from base64 import b64encode
from collections.abc import Mapping

from newsletter.address import EmailAddress
from newsletter.errors import AccessRefused, OutcomeUnknown
from newsletter.message.batch import Batch
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Accent, Answer, message_of, object_of
from newsletter.providers.carrier import Carrier, all_accepted
from newsletter.providers.http import Post
from newsletter.providers.mailgun_events import evidence_in, first_page, next_page
from newsletter.providers.mailgun_form import Form, FormTemplate
from newsletter.providers.probe import Probe
from newsletter.providers.protocol import Capabilities, Evidence, Inquiry, Provider, Receipt
from newsletter.providers.reply import reference_of
from newsletter.providers.whole import incomplete, miscounted, oversized
from newsletter.tables import Table

_MOST_RECIPIENTS = 1000
_MOST_BYTES = 25_000_000
"""Both: Mailgun's pages docs/mailgun/user-manual/sending-messages and .../batch-sending."""
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_USUAL = Usual(
    host="https://api.mailgun.net",
    variable="MAILGUN_API_KEY",
    variable_hint="set it to a sending key of your domain",
    batch_size=_MOST_RECIPIENTS,
    most=_MOST_RECIPIENTS,
)


MAILGUN = Accent(
    name="Mailgun",
    key_hint="check MAILGUN_API_KEY, and that `host` is that of your region",
    host_hint="check `host` and `domain` in [providers.mailgun]",
    said=message_of,
)


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS, "domain")
    domain = table.matching("domain", "", _DOMAIN, "a domain, such as mg.example.org")
    return MailgunProvider(read_account(table, secrets, _USUAL), domain=domain)


class MailgunProvider(Carrier[Form]):
    """Hands batches to Mailgun's `/v3/DOMAIN/messages`."""

    name = "mailgun"
    accent = MAILGUN

    def __init__(self, account: Account, *, domain: str = "") -> None:
        """Open nothing yet; without a `domain`, that of the sender is the one Mailgun knows."""
        capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_request_bytes=_MOST_BYTES,
            max_message_bytes=_MOST_BYTES,
        )
        super().__init__(account, capabilities)
        self._domain = domain
        self._templates = Templates(FormTemplate)
        login = b64encode(f"api:{account.key}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {login}"}

    def _body(self, batch: Batch) -> Form:
        return self._templates.of(batch.envelope, batch.document).form(batch)

    def _limits_broken(self, batch: Batch, body: Form) -> tuple[str, ...]:
        return (
            *miscounted("Mailgun", batch, _MOST_RECIPIENTS),
            *oversized("Mailgun", len(body.octets), _MOST_BYTES),
            *incomplete("Mailgun", batch.document),
            *body.clashes,
        )

    def _post(self, batch: Batch, body: Form) -> Post:
        domain = self._domain or batch.envelope.sender.address.domain
        headers = {**self._headers, "Content-Type": body.kind}
        return Post(f"/v3/{domain}/messages", headers, body.octets)

    def _probe(self, sender: EmailAddress) -> Probe:
        # A message that lacks everything is refused with 400, after the key: what a key that may
        # only send can be asked without being billed.
        domain = self._domain or sender.domain
        return Probe("POST", f"/v3/{domain}/messages", self._headers, good=frozenset({400}))

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        """Read Mailgun's events of the issue; the key has to be one of the whole account.

        Raises:
            ProviderError: it cannot be asked now.
        """
        if not self._domain:
            raise AccessRefused(
                "Mailgun can only be asked about a domain",
                hint="set `domain` in [providers.mailgun]",
            )
        found: dict[int, Evidence] = {}
        path = first_page(inquiry, self._domain)
        while path:
            answer = self._ask("GET", path, self._headers)
            found |= {each.delivery: each for each in evidence_in(answer, inquiry)}
            path = next_page(answer)
        return tuple(found.values())

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        reference = reference_of(object_of(answer).get("id", ""))
        if not reference:
            raise OutcomeUnknown("Mailgun took the request, and did not say what became of it")
        return all_accepted(batch, reference)
