"""The body of one SendGrid request: one document and the values of up to 1000 members. Pure.

SendGrid puts substitutions into the document as they are, without escaping. So a slot has a tag
for each context that it stands in, and each tag carries the value already escaped for its place.

The body is written as JSON straight away: the document, nearly all of it, is encoded once for all
requests of a dispatch, and what is left for each member is one join of a few short strings.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import repeat
from json.encoder import encode_basestring_ascii as quoted

from newsletter.address import Mailbox
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.columns import Columns
from newsletter.message.encoding import check_printable, unified
from newsletter.message.frozen import Attachment, Context, Document, Frozen, Slot
from newsletter.message.headers import (
    display_name,
    list_headers,
    message_id_end,
    subject_for,
    unsubscribe_headers_for,
)
from newsletter.providers.columns import json_column, within_quotes

MOST_VALUE_BYTES = 10_000
"""In the substitutions of one recipient: SendGrid's page on mail/send."""

_LETTERS = {Context.HTML: "h", Context.URL: "u", Context.LINK: "l", Context.PLAIN: "p"}
_SEPARATORS = str.maketrans(",;", "  ")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """What `mail/send` is given, and what of it breaks a limit of one recipient."""

    octets: bytes
    """JSON, in ASCII."""
    too_large: tuple[tuple[int, int], ...]
    """Deliveries whose values take more than SendGrid's limit, each with its bytes."""
    is_complete: bool
    """Whether subject, text and HTML all say something."""


class BodyTemplate:
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ("_document", "_envelope", "_head", "_is_complete", "_tags")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Encode all that the members share.

        Raises:
            InputError: a name or an id of `envelope`, or the subject, cannot stand in a header.
        """
        tags = tags_of(document, envelope.dispatch)
        subject = check_printable("the subject", _tagged(document.subject, tags)).strip()
        contents = {
            "text/plain": _tagged(document.text, tags),
            "text/html": _tagged(document.html, tags),
        }
        shared: dict[str, object] = {
            "from": _mailbox(envelope.sender),
            "subject": subject,
            "content": [{"type": kind, "value": value} for kind, value in contents.items()],
            "headers": {h.name: h.wire.replace("\r\n", "") for h in list_headers(envelope)},
            # By the number of the dispatch, SendGrid's log can be asked for it.
            "categories": [envelope.issue[:255], envelope.dispatch],
            "tracking_settings": _tracking(envelope),
        }
        if document.attachments:
            shared["attachments"] = [_attached(each) for each in document.attachments]
        if envelope.reply_to is not None:
            shared["reply_to"] = _mailbox(envelope.reply_to)
        if envelope.send_at is not None:
            shared["send_at"] = int(envelope.send_at.timestamp())
        if envelope.reservation:
            shared["batch_id"] = envelope.reservation
        self._envelope, self._document = envelope, document
        self._is_complete = bool(subject) and all(contents.values())
        self._head = json.dumps(shared, separators=(",", ":"))[:-1] + ',"personalizations":['
        self._tags = tuple(tags.items())

    def body(self, batch: Batch) -> RequestBody:
        """Write the body that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        values = Columns([each.values for each in batch.recipients])
        self._check_subjects(batch.recipients, values)
        # Each row is a join of literals, which repeat, and of one value of each column.
        columns: list[Iterable[str]] = [*self._opening(batch.recipients)]
        before = '"},"substitutions":{'
        for slot, tag in self._tags:
            columns += [repeat(f'{before}"{tag}":"'), json_column(values, slot)]
            before = '",'
        # Opaque numbers only in the arguments: SendGrid keeps them for ever and cannot redact
        # them.
        arguments = (
            f'{before.rstrip(",")}}},"custom_args":{{"nl_dispatch":{quoted(batch.envelope.dispatch)}'
            f',"nl_request":"{batch.request}","nl_delivery":"'
        )
        rows = list(map("".join, zip(*columns, repeat(arguments), columns[4], repeat('"}}'))))
        whole = f"{self._head}{','.join(rows)}]}}"
        return RequestBody(
            octets=whole.encode("ascii"),
            too_large=tuple(self._too_large(batch.recipients, rows)),
            is_complete=self._is_complete,
        )

    def _opening(self, recipients: Sequence[Recipient]) -> Iterator[Iterable[str]]:
        yield repeat('{"to":[{"email":')
        yield [quoted(each.address.wire) for each in recipients]
        yield [_named(each.name) for each in recipients]
        # Headers stand whole for each member: substitutions are not documented to reach them.
        yield repeat('}],"headers":{"Message-ID":"<')
        yield [str(each.delivery) for each in recipients]
        yield repeat(f'{within_quotes(message_id_end(self._envelope))}","List-Unsubscribe":"')
        yield map(within_quotes, unsubscribe_headers_for(recipients))

    def _check_subjects(self, recipients: Sequence[Recipient], values: Columns) -> None:
        """Refuse a line break that a value brings into the subject."""
        text = "".join("".join(values.raw(slot)) for slot in self._document.subject.slots)
        if not text.isprintable():  # which of them it is, and whether it matters
            for each in recipients:
                subject_for(self._document, each)

    def _too_large(
        self, recipients: Sequence[Recipient], rows: Sequence[str]
    ) -> Iterator[tuple[int, int]]:
        for recipient, row in zip(recipients, rows, strict=True):
            # JSON takes no fewer bytes than the values themselves, so it need not be counted
            # exactly unless it is large.
            if len(row) > MOST_VALUE_BYTES:
                size = self._substitution_bytes(recipient)
                if size > MOST_VALUE_BYTES:
                    yield recipient.delivery, size

    def _substitution_bytes(self, recipient: Recipient) -> int:
        filled = [unified(slot.fill(recipient.values)) for slot, _ in self._tags]
        tags = sum(len(tag) for _, tag in self._tags)
        return tags + sum(len(value.encode("utf-8", "surrogatepass")) for value in filled)


_TIDY = re.compile(r"[^\s,;]+(?: [^\s,;]+)*")
"""Nearly all members' names: no white space to be put in order, no separators."""


def _named(name: str) -> str:
    if _TIDY.fullmatch(name) and name.isprintable():
        return f',"name":{quoted(name)}'
    shown = sendgrid_name(name)
    return f',"name":{quoted(shown)}' if shown else ""


def tags_of(document: Document, dispatch: str) -> dict[Slot, str]:
    """Name each slot of what is sent by a tag that stands nowhere in the document.

    The tags are made from the dispatch, whose number nobody knew when the members' values were
    written, so no value can hold one either.
    """
    parts = (document.subject, document.text, document.html)
    literals = [literal for part in parts for literal in part.literals]
    nonce = _nonce(literals, dispatch)
    slots = dict.fromkeys(slot for part in parts for slot in part.slots)
    return {
        slot: f"-{nonce}s{number}{_LETTERS[slot.context]}-"
        for number, slot in enumerate(slots, start=1)
    }


def _nonce(literals: list[str], dispatch: str) -> str:
    digest = blake2b(dispatch.encode(), digest_size=4, person=b"nl-sendgrid")
    while any(digest.hexdigest() in literal for literal in literals):
        digest.update(b"again")
    return digest.hexdigest()


def _tagged(frozen: Frozen, tags: Mapping[Slot, str]) -> str:
    pieces = [unified(literal) for literal in frozen.literals]
    for at, slot in enumerate(frozen.slots):
        pieces[at] += tags[slot]
    return "".join(pieces)


def _attached(attachment: Attachment) -> dict[str, str]:
    """Write a file as mail/send takes it; one with a content id is shown within the HTML."""
    written = {
        "content": b64encode(attachment.content).decode("ascii"),
        # SendGrid refuses a type with a semicolon (errors of mail/send), so with parameters.
        "type": attachment.kind.partition(";")[0],
        "filename": attachment.name,
        "disposition": "inline" if attachment.content_id else "attachment",
    }
    return written | ({"content_id": attachment.content_id} if attachment.content_id else {})


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    name = sendgrid_name(mailbox.name)
    return (
        {"email": mailbox.address.wire, "name": name} if name else {"email": mailbox.address.wire}
    )


def sendgrid_name(name: str) -> str:
    """Write a display name as SendGrid takes it: a comma or a semicolon becomes a space.

    Its limitations page forbids both in names; `King, Jr.` arrives as `King Jr.`.

    Raises:
        InputError: the name has a line break or another control character in it.
    """
    shown = display_name(name)
    if "," in shown or ";" in shown:
        return " ".join(shown.translate(_SEPARATORS).split())
    return shown


def _tracking(envelope: Envelope) -> dict[str, dict[str, bool]]:
    """Leave links and pictures as the author wrote them, if nobody asks for anything else.

    A second way to unsubscribe beside our own never gets in.
    """
    return {
        "click_tracking": {"enable": envelope.tracks_clicks, "enable_text": False},
        "open_tracking": {"enable": envelope.tracks_opens},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
