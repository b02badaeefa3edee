"""SMTP: one message after another over a connection that is kept (RFC 5321).

The bodies come encoded, so that a message costs one write. What can be lost is one message: the
one whose final dot was sent and never answered. It alone is unsure; the ones after it were not
begun.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from newsletter.address import EmailAddress
from newsletter.errors import InputError, Rejected
from newsletter.message.batch import Batch, Recipient
from newsletter.message.mime import MimeTemplates
from newsletter.message.recipients import Recipients
from newsletter.providers.probe import Probed
from newsletter.providers.protocol import Capabilities, Provider, Receipt
from newsletter.providers.refusal import refusals_of, refuse_to_hold
from newsletter.providers.smtp_connection import Connection, Way
from newsletter.providers.smtp_opening import open_connection
from newsletter.providers.smtp_settings import SmtpSettings, read_smtp
from newsletter.providers.steps import Step, receipt_of
from newsletter.tables import Table


def build(table: Table, secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    return SmtpProvider(read_smtp(table, secrets))


class SmtpProvider:
    """Hands messages to one SMTP server."""

    name = "smtp"

    def __init__(self, settings: SmtpSettings) -> None:
        """Open nothing yet: a connection is opened for the first batch that finds none idle."""
        self._settings = settings
        self._templates = MimeTemplates()
        self._ready: tuple[Sequence[Recipient], list[list[bytes]]] | None = None
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self.capabilities = Capabilities(
            batch_size=min(settings.batch_size, settings.messages_per_connection),
            connections=settings.connections,
        )

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` cannot be made into messages, each as a sentence."""
        return refusals_of(batch)

    def send(self, batch: Batch) -> Receipt:
        """Hand over the messages of `batch` one by one, each at most once.

        Raises:
            Rejected: a message cannot be made; nothing was sent.
            NotAccepted: the server was not reached, or takes nothing now.
            AccessRefused: it refuses us or our sender.
        """
        refuse_to_hold(batch)
        messages = self._written(batch)
        sender = batch.envelope.sender.address.wire
        ways = [Way.of(sender, each) for each in Recipients.of(batch.recipients).addresses]
        connection = self._take(ways)
        try:
            connection.meanwhile = batch.meanwhile
            steps = _steps(connection, ways, messages, batch.fence)
            receipt = receipt_of(steps, len(messages))
        except BaseException:
            connection.drop()
            raise
        self._give_back(connection)
        return receipt

    def prepare(self, batch: Batch) -> None:
        """Encode the messages of a first attempt, for when `send` is given its recipients."""
        with suppress(Rejected):
            self._ready = batch.recipients, self._encoded(batch)

    def probe(self, _sender: EmailAddress) -> Probed:
        """Connect, encrypt and log in as for a message, and say goodbye.

        Raises:
            NotAccepted: the server was not reached, or takes nothing now.
            AccessRefused: it cannot be trusted, or refuses us.
        """
        open_connection(self._settings).quit()
        return Probed("the SMTP server lets us in")

    def close(self) -> None:
        """Say goodbye on every connection that is open and idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.quit()

    def _written(self, batch: Batch) -> list[list[bytes]]:
        ready, self._ready = self._ready, None
        if ready is not None and ready[0] is batch.recipients:
            return ready[1]
        return self._encoded(batch)

    def _encoded(self, batch: Batch) -> list[list[bytes]]:
        """Encode every message before the first is sent, so that a mistake sends none.

        In pieces, because nearly all of them are shared: joined, they would fill the memory.
        """
        try:
            template = self._templates.of(batch.envelope, batch.document)
            return [self._signed(batch, each) for each in template.messages(batch.recipients)]
        except (InputError, KeyError) as error:
            raise Rejected(f"a message cannot be made: {error}") from error

    def _signed(self, batch: Batch, pieces: list[bytes]) -> list[bytes]:
        if self._settings.signer is None:
            return pieces
        envelope = batch.envelope
        domain, seconds = envelope.sender.address.domain, int(envelope.date.timestamp())
        return [self._settings.signer.signature(pieces, domain, seconds), *pieces]

    def _take(self, ways: Sequence[Way]) -> Connection:
        """Take an idle connection that still answers, or open one, for messages on `ways`."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return open_connection(self._settings)
            if connection.carried + len(ways) > self._settings.messages_per_connection:
                connection.quit()
            # Servers close idle connections without a word: better to learn it before MAIL.
            elif connection.reset(ways[0]):
                return connection

    def _give_back(self, connection: Connection) -> None:
        if connection.is_open:
            with self._lock:
                self._idle.append(connection)


def _steps(
    connection: Connection,
    ways: Sequence[Way],
    messages: Sequence[list[bytes]],
    fence: Callable[[], None],
) -> Iterator[Step]:
    for way, then, pieces in zip(ways, [*ways[1:], None], messages, strict=True):
        yield connection.hand_over(way, pieces, fence, then=then)
