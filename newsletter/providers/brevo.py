"""Brevo: up to 1000 versions of a message in one request, all of them or none.

Brevo remembers the key of a request for 30 minutes: the same request, sent again within them, is
not processed, and says so.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from newsletter.address import EmailAddress
from newsletter.errors import OutcomeUnknown
from newsletter.message.batch import Batch
from newsletter.message.state import DeliveryState
from newsletter.message.templates import Templates
from newsletter.providers.account import ACCOUNT_KEYS, Account, Usual, read_account
from newsletter.providers.answer import Accent, Answer, error_of, message_of, number_in, object_of
from newsletter.providers.brevo_body import BrevoBody, BrevoTemplate
from newsletter.providers.brevo_events import evidence_in, is_last, searches
from newsletter.providers.carrier import Carrier
from newsletter.providers.http import Post
from newsletter.providers.probe import Probe
from newsletter.providers.protocol import (
    Capabilities,
    Evidence,
    Inquiry,
    Outcome,
    Provider,
    Receipt,
)
from newsletter.providers.reply import reference_of
from newsletter.providers.tracing import objects_in
from newsletter.providers.whole import incomplete, miscounted, overweight
from newsletter.tables import Table

_MOST_VERSIONS = 1000
"""Brevo's page docs/batch-send-transactional-emails."""
_MOST_MESSAGE_BYTES = 20_000_000
_REMEMBERS = timedelta(minutes=30)
"""Brevo's page docs/heterogenous-versions-batch-emails."""
_CREATED = 201
_EXTENSIONS = frozenset(
    (
        *("xlsx", "xls", "ods", "docx", "docm", "doc", "csv", "pdf", "txt", "gif", "jpg", "jpeg"),
        *("png", "tif", "tiff", "rtf", "bmp", "cgm", "css", "shtml", "html", "htm", "zip", "xml"),
        *("ppt", "pptx", "tar", "ez", "ics", "mobi", "msg", "pub", "eps", "odt", "mp3", "m4a"),
        *("m4v", "wma", "ogg", "flac", "wav", "aif", "aifc", "aiff", "mp4", "mov", "avi", "mkv"),
        *("mpeg", "mpg", "wmv", "pkpass", "xlsm"),
    )
)
"""Of files: Brevo's page reference/sendtransacemail. It knows a file by its name alone."""
_USUAL = Usual(
    host="https://api.brevo.com",
    variable="BREVO_API_KEY",
    variable_hint="set it to an API key (v3) of your account",
    batch_size=100,
    most=_MOST_VERSIONS,
)


BREVO = Accent(
    name="Brevo",
    key_hint="check BREVO_API_KEY, the verified sender, and the credits of your account",
    host_hint="check `host` in [providers.brevo]: https://api.brevo.com",
    said=message_of,
)


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow(*ACCOUNT_KEYS)
    return BrevoProvider(read_account(table, secrets, _USUAL))


class BrevoProvider(Carrier[BrevoBody]):
    """Hands batches to Brevo's `/v3/smtp/email`."""

    name = "brevo"
    accent = BREVO
    accepted = frozenset({_CREATED})

    def __init__(self, account: Account) -> None:
        """Open nothing yet; each thread that sends gets a connection of its own."""
        capabilities = Capabilities(
            batch_size=account.batch_size,
            connections=account.connections,
            max_message_bytes=_MOST_MESSAGE_BYTES,
            shows_files_within=False,
            remembers_keys=_REMEMBERS,
        )
        super().__init__(account, capabilities)
        self._templates = Templates(BrevoTemplate)
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "api-key": account.key,
        }

    def _body(self, batch: Batch) -> BrevoBody:
        return self._templates.of(batch.envelope, batch.document).body(batch)

    def _limits_broken(self, batch: Batch, body: BrevoBody) -> tuple[str, ...]:
        return (
            *_unfit(batch),
            *overweight("Brevo", batch, body.sizes, _MOST_MESSAGE_BYTES),
            *body.clashes,
        )

    def _is_surely_fine(self, batch: Batch) -> bool:
        template = self._templates.of(batch.envelope, batch.document)
        is_small = template.bound.is_within(batch, message=_MOST_MESSAGE_BYTES)
        return is_small and not template.may_clash(batch) and not _unfit(batch)

    def _post(self, _batch: Batch, body: BrevoBody) -> Post:
        return Post("/v3/smtp/email", self._headers, body.octets)

    def _probe(self, _sender: EmailAddress) -> Probe:
        return Probe("GET", "/v3/account", self._headers)

    def _receipt(self, batch: Batch, answer: Answer) -> Receipt:
        found = object_of(answer)
        ids = found.get("messageIds", [found.get("messageId")])
        if not isinstance(ids, list) or len(ids) != len(batch.recipients) or not all(ids):
            raise OutcomeUnknown("Brevo took the request, and did not say what became of it")
        references = map(reference_of, ids)
        return Receipt(tuple(Outcome(DeliveryState.ACCEPTED, reference=r) for r in references))

    def trace(self, inquiry: Inquiry) -> tuple[Evidence, ...]:
        """Read Brevo's events of the dispatch, by its tag.

        Raises:
            ProviderError: it cannot be asked now.
        """
        found: dict[int, Evidence] = {}
        for path in searches(inquiry):
            answer = self._ask("GET", path, self._headers)
            found |= {each.delivery: each for each in evidence_in(answer, inquiry)}
            if is_last(answer):
                break
        return tuple(found.values())

    def allowance(self) -> int | None:
        """Tell the credits that remain (its page reference/get-account).

        Raises:
            ProviderError: it cannot be asked now.
        """
        plans = objects_in(object_of(self._ask("GET", "/v3/account", self._headers)).get("plan"))
        limits = [each for each in plans if each.get("creditsType") == "sendLimit"]
        known = [each for each in (number_in(limit, "credits") for limit in limits) if each]
        return int(sum(known)) if limits else None

    def _refused(self, _batch: Batch, answer: Answer) -> Receipt:
        if object_of(answer).get("code") == "duplicate_parameter":
            # Its page on idempotency: such a request is not processed. Whether the first with this
            # key was processed to its end, only the events tell.
            raise OutcomeUnknown("Brevo has had a request with the same key")
        raise error_of(answer, BREVO)


def _unfit(batch: Batch) -> tuple[str, ...]:
    return (
        *miscounted("Brevo", batch, _MOST_VERSIONS),
        *incomplete("Brevo", batch.document),
        *_embedded(batch),
        *_strange_files(batch),
    )


def _strange_files(batch: Batch) -> Iterator[str]:
    for each in batch.document.attachments:
        if each.name.lower().rpartition(".")[2] not in _EXTENSIONS:
            yield f"Brevo takes no file with a name such as {each.name!r}."


def _embedded(batch: Batch) -> Iterator[str]:
    if any(each.content_id for each in batch.document.attachments):
        yield "Brevo shows no pictures within a message; let `delivery` of [images] be hosted."
