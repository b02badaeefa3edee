"""The outbox: every message a file, and a page to read them all. The embedded default.

Nothing leaves this machine. A delivery always has the same file, written whole or not at all, so
sending it twice is the same as sending it once.
"""

from collections.abc import Iterable, Iterator, Mapping
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from newsletter.address import EmailAddress
from newsletter.errors import AccessRefused, InputError, LeaseLost, Rejected
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.headers import check_envelope, display_name, message_for, subject_for
from newsletter.message.mime import MimeTemplates
from newsletter.message.state import DeliveryState
from newsletter.providers.outbox_pages import Entry, index_page, message_page
from newsletter.providers.probe import Probed
from newsletter.providers.protocol import Capabilities, Outcome, Provider, Receipt
from newsletter.providers.refusal import refusals_of, refuse_to_hold
from newsletter.providers.steps import Step, receipt_of, untried
from newsletter.tables import Table

_MESSAGES, _IMAGES = "messages", "images"
_HEAD_OCTETS = 8192
"""More than the headers of our own messages ever take."""


def build(table: Table, _secrets: Mapping[str, str]) -> Provider:
    """Build the provider from its settings; what is wrong becomes a problem of `table`."""
    table.allow("folder", "image_url")
    image_url = table.text("image_url").rstrip("/")
    return OutboxProvider(Path(table.text("folder", "outbox")), image_url=image_url)


class _Files(NamedTuple):
    """One message, ready to be written."""

    recipient: Recipient
    eml: bytes
    page: bytes


class OutboxProvider:
    """Writes each message into a folder of its dispatch, and a page for people beside it."""

    name = "outbox"
    capabilities = Capabilities(batch_size=100)

    def __init__(self, folder: Path, *, image_url: str = "") -> None:
        """Write below `folder`, which is made when the first message comes.

        Pages take what a message names below `image_url` from `images_folder`, where it has it.
        """
        self._folder = folder
        self._image_url = image_url
        self._templates = MimeTemplates()
        self._written: dict[Path, tuple[Envelope, dict[int, Entry]]] = {}

    @property
    def images_folder(self) -> Path:
        """Tell where images stand in for those that are not on the web yet, by their names there.

        All dispatches share it: images are named by their content.
        """
        return self._folder / _IMAGES

    def page_of(self, envelope: Envelope) -> Path:
        """Tell where the page of a dispatch is, once the provider is closed."""
        return self._folder_of(envelope) / "index.html"

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        """Say what of `batch` cannot be made into messages, each as a sentence."""
        return refusals_of(batch)

    def send(self, batch: Batch) -> Receipt:
        """Write the messages of `batch`; each file appears whole or not at all.

        Raises:
            Rejected: a message cannot be made; nothing was written.
            AccessRefused: nothing can be written here (rights, full disk).
            LeaseLost: the batch is not ours any more; nothing was written.
        """
        refuse_to_hold(batch)
        messages = self._encoded(batch)
        folder = self._folder_of(batch.envelope)
        _, entries = self._written.setdefault(folder, (batch.envelope, {}))

        def steps() -> Iterator[Step]:
            for message in messages:
                yield self._step(batch, folder / _MESSAGES, message)
                entries[message.recipient.delivery] = _entry(batch, message)

        return receipt_of(steps(), len(messages))

    def probe(self, _sender: EmailAddress) -> Probed:
        """Write a file into the folder, and take it away again.

        Raises:
            AccessRefused: nothing can be written here.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder) as file:
                file.write(b"probe")
                file.flush()
        except OSError as error:
            raise _cannot_write(error) from error
        return Probed("the outbox can be written; nothing of it leaves this machine")

    def close(self) -> None:
        """Write the page of every dispatch that was sent from here.

        Raises:
            AccessRefused: a page cannot be written; the messages are.
        """
        for folder, (envelope, entries) in self._written.items():
            try:
                known = [*entries.values(), *_entries_from_before(folder / _MESSAGES, entries)]
                _write_whole(folder / "index.html", index_page(envelope, known).encode())
            except OSError as error:
                raise _cannot_write(error) from error
        self._written = {}

    def _encoded(self, batch: Batch) -> list[_Files]:
        """Make every message before the first is written, so that a mistake writes none."""
        try:
            template = self._templates.of(batch.envelope, batch.document)
            images, embedded = self._images(), _embedded(batch.document)
            return [
                _Files(
                    each,
                    template.encode(each),
                    message_page(
                        message_for(batch.envelope, batch.document, each),
                        _file_name(each.delivery),
                        images | embedded,
                    ).encode(),
                )
                for each in batch.recipients
            ]
        except (InputError, KeyError) as error:
            raise Rejected(f"a message cannot be made: {error}") from error

    def _step(self, batch: Batch, folder: Path, message: _Files) -> Step:
        try:
            batch.fence()
            self._write(folder, message)
        except LeaseLost as lost:
            return untried(lost)
        except OSError as error:
            return untried(_cannot_write(error))
        reference = _file_name(message.recipient.delivery)
        return Step(Outcome(DeliveryState.ACCEPTED, reference=reference))

    def _images(self) -> dict[str, str]:
        """Give the images that are here, by their URLs, as the pages of messages reach them."""
        if not self._image_url or not self.images_folder.is_dir():
            return {}
        names = (path.name for path in self.images_folder.iterdir())
        return {f"{self._image_url}/{name}": f"../../{_IMAGES}/{name}" for name in names}

    def _write(self, folder: Path, message: _Files) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        eml = folder / _file_name(message.recipient.delivery)
        # The .eml comes last: it is what counts as sent.
        _write_whole(eml.with_suffix(".html"), message.page)
        _write_whole(eml, message.eml)

    def _folder_of(self, envelope: Envelope) -> Path:
        check_envelope(envelope)  # no issue and no dispatch names a folder outside of ours
        day = f"{envelope.date:%Y-%m-%d}"
        return self._folder / f"{day}-{envelope.issue[:80]}-{envelope.dispatch}"


def _embedded(document: Document) -> dict[str, str]:
    """Give the pictures within a message as a page shows them, by how the HTML names them."""
    return {
        f"cid:{each.content_id}": f"../../{_IMAGES}/{each.name}"
        for each in document.attachments
        if each.content_id
    }


def _file_name(delivery: int) -> str:
    """Name the file of a delivery: by its number, so that no address gets into a file name."""
    return f"{delivery:06d}.eml"


def _write_whole(path: Path, octets: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(octets)
    part.replace(path)


def _cannot_write(error: OSError) -> AccessRefused:
    return AccessRefused(
        f"the outbox cannot be written: {error.strerror or error}",
        hint="make room, or let [providers.outbox] name a folder that you may write to",
    )


def _entry(batch: Batch, message: _Files) -> Entry:
    recipient = message.recipient
    return Entry(
        delivery=recipient.delivery,
        name=display_name(recipient.name),
        address=recipient.address.wire,
        subject=subject_for(batch.document, recipient),
        octets=len(message.eml),
        file=_file_name(recipient.delivery),
    )


def _entries_from_before(folder: Path, known: Iterable[int]) -> list[Entry]:
    """Read back the messages that an earlier run of the same dispatch wrote."""
    names = {_file_name(delivery) for delivery in known}
    return [_read_back(path) for path in folder.glob("[0-9]*.eml") if path.name not in names]


def _read_back(path: Path) -> Entry:
    with path.open("rb") as file:
        head = BytesHeaderParser().parsebytes(file.read(_HEAD_OCTETS))
    name, address = parseaddr(_unfolded(head["To"]))
    return Entry(
        delivery=int(path.stem),
        name=_decoded(name),
        address=address,
        subject=_decoded(_unfolded(head["Subject"])),
        octets=path.stat().st_size,
        file=path.name,
    )


def _unfolded(header: str) -> str:
    return header.replace("\r", "").replace("\n", "")


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))
