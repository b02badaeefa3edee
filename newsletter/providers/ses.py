"""Amazon SES: one message after another over a kept connection, each with its own outcome.

Every message goes raw, as it would over SMTP, so all of it is ours: headers, parts, files. SES
has no idempotency key; what can be in doubt is one message, the one that was not answered.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from newsletter.address import EmailAddress
from newsletter.clock import Clock, SystemClock
from newsletter.errors import InputError, NotAccepted, OutcomeUnknown, Rejected
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.mime import MimeTemplates
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account, read_secret
from newsletter.providers.bound import Bound, raw_size
from newsletter.providers.http import Connection, Connections, Post
from newsletter.providers.probe import Probed
from newsletter.providers.protocol import Capabilities, Provider, Receipt
from newsletter.providers.refusal import refusals_of, refuse_to_hold
from newsletter.providers.ses_answer import SES, allowance_in, in_doubt, step_of
from newsletter.providers.ses_signature import Call, Credentials, Scope, signed_headers
from newsletter.providers.steps import Step, receipt_of, untried
from newsletter.providers.whole import overweight, own_ids
from newsletter.tables import Table

_MOST_MESSAGE_BYTES = 40_000_000
"""After base64: the page "Service quotas in Amazon SES"."""
_MOST_MESSAGES = 1000
_SEND, _ACCOUNT = "/v2/email/outbound-emails", "/v2/email/account"
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d")
_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SesSettings:
    """How to reach Amazon SES."""

    account: Account
    credentials: Credentials = field(repr=False)
    region: str
    configuration_set: str = ""
    """Decides what SES does besides: events, IP pools; empty for the usual one."""


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS, "region", "configuration_set")
    region = table.matching("region", "us-east-1", _REGION, "a region, such as eu-west-1")
    hint = "set it, beside AWS_SECRET_ACCESS_KEY, to a key that may ses:SendEmail"
    usual = Usual(
        host=f"https://email.{region}.amazonaws.com",
        variable="AWS_SECRET_ACCESS_KEY",
        variable_hint=hint.replace("SECRET_ACCESS_KEY", "ACCESS_KEY_ID"),
        batch_size=10,
        most=_MOST_MESSAGES,
    )
    account = read_account(table, secrets, usual)
    credentials = Credentials(
        key_id=read_secret(table, secrets, "AWS_ACCESS_KEY_ID", hint=hint),
        secret=account.key,
        token=read_secret(table, secrets, "AWS_SESSION_TOKEN"),
    )
    chosen = table.matching("configuration_set", "", _SET, "the name of a configuration set")
    settings = SesSettings(
        account=account, credentials=credentials, region=region, configuration_set=chosen
    )
    return SesProvider(settings, SystemClock())


def _bound(_envelope: Envelope, document: Document) -> Bound:
    return Bound(document, fixed=raw_size(document))


class SesProvider:
    """Hands messages to `SendEmail` of the SES API v2."""

    name = "ses"

    def __init__(self, settings: SesSettings, clock: Clock) -> None:
        """Open nothing yet; `clock` tells the time that requests are signed at."""
        account = settings.account
        self._settings, self._clock = settings, clock
        self._host = urlsplit(account.host).netloc
        self._connections = Connections(SES.name, account.host, timeout=account.timeout)
        self._templates = MimeTemplates()
        self._bounds = Templates(_bound)
        self.capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_message_bytes=_MOST_MESSAGE_BYTES,
        )

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` cannot be sent through SES, each as a sentence."""
        problems = refusals_of(batch)
        if problems:
            return problems
        # Base64 makes four octets of three, here and below.
        if self._bounds.of(batch.envelope, batch.document).is_within(
            batch, message=_MOST_MESSAGE_BYTES * 3 // 4
        ):
            return ()
        sizes = [4 * len(each) // 3 for each in self._encoded(batch)]
        return tuple(overweight(SES.name, batch, sizes, _MOST_MESSAGE_BYTES))

    def send(self, batch: Batch) -> Receipt:
        """Hand over the messages of `batch` one by one, each at most once.

        Raises:
            Rejected: a message cannot be made; nothing was sent.
            NotAccepted: SES was not reached; `Throttled` says for how long to wait.
            AccessRefused: it refuses us or our sender.
        """
        refuse_to_hold(batch)
        try:
            messages = self._encoded(batch)
        except (InputError, KeyError) as error:
            raise Rejected(f"a message cannot be made: {error}") from error
        return receipt_of(self._steps(batch, messages), len(messages))

    def allowance(self) -> int | None:
        """Tell what SES takes until the last 24 hours hold fewer messages (`GetAccount`).

        Raises:
            ProviderError: it cannot be asked now.
            AccessRefused: it takes nothing from us at all.
        """
        answer = self._connections.mine().ask("GET", self._signed("GET", _ACCOUNT, b""))
        return allowance_in(answer)

    def probe(self, _sender: EmailAddress) -> Probed:
        """Try the key (`GetAccount`); nothing is sent.

        Raises:
            ProviderError: what it means that SES does not like it.
        """
        answer = self._connections.mine().ask("GET", self._signed("GET", _ACCOUNT, b""))
        remaining = allowance_in(answer)
        rest = "" if remaining is None else f" and {remaining:,} more messages today"
        return Probed(f"{SES.name} takes the key{rest}", answer.headers.get("date", ""))

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _encoded(self, batch: Batch) -> list[bytes]:
        """Encode every message before the first is sent, so that a mistake sends none."""
        template = self._templates.of(batch.envelope, batch.document)
        return [b"".join(each) for each in template.messages(batch.recipients)]

    def _steps(self, batch: Batch, messages: list[bytes]) -> Iterator[Step]:
        connection = self._connections.mine()
        for recipient, message in zip(batch.recipients, messages, strict=True):
            yield self._step(connection, batch, recipient, message)

    def _step(
        self, connection: Connection, batch: Batch, recipient: Recipient, message: bytes
    ) -> Step:
        body = json.dumps(self._body(batch, recipient, message)).encode("ascii")
        try:
            answer = connection.post(self._signed("POST", _SEND, body), batch.fence)
        except NotAccepted as error:
            return untried(error)
        except OutcomeUnknown as doubt:
            return in_doubt(doubt)
        return step_of(answer)

    def _body(self, batch: Batch, recipient: Recipient, message: bytes) -> dict[str, object]:
        tags = own_ids(batch, recipient).items()
        body: dict[str, object] = {
            "FromEmailAddress": batch.envelope.sender.address.wire,
            "Destination": {"ToAddresses": [recipient.address.wire]},
            "Content": {"Raw": {"Data": b64encode(message).decode("ascii")}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags],
            # Nothing of ListManagementOptions: its unsubscribe links would stand beside ours.
        }
        if self._settings.configuration_set:
            body["ConfigurationSetName"] = self._settings.configuration_set
        return body

    def _signed(self, method: str, path: str, body: bytes) -> Post:
        headers = {"host": self._host, "content-type": "application/json"}
        scope = Scope(self._settings.region, "ses")
        call = Call(method, path, headers, body)
        signed = signed_headers(call, self._settings.credentials, scope, self._clock.now())
        return Post(path, signed, body)
