"""The form of one Mailgun request: one document and the values of up to 1000 members. Pure.

Mailgun puts the variables of a recipient into the document as they are, without escaping. So a
slot has a variable for each context that it stands in, already escaped for its place. A request
always carries variables for every recipient: without them Mailgun would show all addresses to
all (its page docs/mailgun/user-manual/sending-messages/batch-sending).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.encoding import check_printable, unified
from newsletter.message.frozen import Attachment, Document, Frozen, Slot
from newsletter.message.headers import subject_for, unsubscribe_header_for
from newsletter.providers.mailbox import in_ascii, mailbox_of
from newsletter.providers.whole import unfolded_list_headers

_ITS_OWN = re.compile(r"%(?:recipient|(?:tag_|mailing_list_)?unsubscribe_)", re.IGNORECASE)
"""What Mailgun fills by itself wherever it stands: its pages on batches and on unsubscribing."""
_DELIVERY, _LEAVE = "nl_delivery", "nl_leave"
_YES = {True: "yes", False: "no"}


class Field(NamedTuple):
    """One field of a form."""

    name: str
    content: bytes
    file: str = ""
    """Its name, where the field is a file."""
    kind: str = ""
    """Its media type, where the field is a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What Mailgun is given."""

    octets: bytes
    kind: str
    """The Content-Type of the request."""
    clashes: tuple[str, ...]
    """What Mailgun would take for a variable of its own, each as a sentence."""


class FormTemplate:
    """One document of one dispatch as a form, but for what differs between its members."""

    __slots__ = ("_boundary", "_clashes", "_document", "_shared", "_variables")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Encode all that the members share.

        Raises:
            InputError: a name or an id of `envelope`, or the subject, cannot stand in a header.
        """
        parts = (document.subject, document.text, document.html)
        slots = dict.fromkeys(slot for part in parts for slot in part.slots)
        variables = {slot: f"s{number}" for number, slot in enumerate(slots, start=1)}
        subject = check_printable("the subject", _tagged(document.subject, variables)).strip()
        shared = {
            "from": in_ascii(envelope.sender),
            "subject": subject,
            "text": _tagged(document.text, variables),
            "html": _tagged(document.html, variables),
            "o:tag": envelope.issue[:128],
            # Links and pictures stay as the author wrote them, if nobody asks for it.
            "o:tracking": _YES[envelope.tracks_opens or envelope.tracks_clicks],
            "o:tracking-clicks": _YES[envelope.tracks_clicks],
            "o:tracking-opens": _YES[envelope.tracks_opens],
            "v:nl_dispatch": envelope.dispatch,
            "v:nl_delivery": f"%recipient.{_DELIVERY}%",
            "h:List-Unsubscribe": f"%recipient.{_LEAVE}%",
            **{f"h:{name}": value for name, value in unfolded_list_headers(envelope).items()},
        }
        if envelope.reply_to is not None:
            shared["h:Reply-To"] = in_ascii(envelope.reply_to)
        fields = [Field(name, value.encode()) for name, value in shared.items()]
        fields += [_attached(each) for each in document.attachments]
        self._document = document
        self._variables = variables
        # `=_` and the number of the dispatch: nobody who wrote a value could know it.
        self._boundary = f"=_nl-form-{envelope.dispatch}"
        self._shared = b"".join(self._written(field) for field in fields)
        literals = (literal for part in parts for literal in part.literals)
        self._clashes = tuple(_clash("the announcement", each) for each in literals if _fills(each))

    def form(self, batch: Batch) -> Form:
        """Write the form that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        clashes = [*self._clashes]
        variables: dict[str, Mapping[str, str]] = {}
        fields = [Field("v:nl_request", str(batch.request).encode())]
        for recipient in batch.recipients:
            own = self._own(recipient)
            clashes += _clashes_of(recipient, own)
            variables[recipient.address.wire] = own
            fields.append(Field("to", in_ascii(mailbox_of(recipient)).encode("ascii")))
        fields.append(Field("recipient-variables", json.dumps(variables).encode("ascii")))
        octets = [self._shared, *map(self._written, fields), f"--{self._boundary}--\r\n".encode()]
        return Form(
            octets=b"".join(octets),
            kind=f'multipart/form-data; boundary="{self._boundary}"',
            clashes=tuple(clashes),
        )

    def _own(self, recipient: Recipient) -> Mapping[str, str]:
        values = recipient.values
        subject_for(self._document, recipient)  # refuses a line break that a value brings in
        return {
            _DELIVERY: str(recipient.delivery),
            _LEAVE: unsubscribe_header_for(recipient),
            **{name: unified(slot.fill(values)) for slot, name in self._variables.items()},
        }

    def _written(self, field: Field) -> bytes:
        file = f'; filename="{field.file}"\r\nContent-Type: {field.kind}' if field.file else ""
        head = f'Content-Disposition: form-data; name="{field.name}"{file}'
        return f"--{self._boundary}\r\n{head}\r\n\r\n".encode("ascii") + field.content + b"\r\n"


def _tagged(frozen: Frozen, variables: Mapping[Slot, str]) -> str:
    pieces = [unified(literal) for literal in frozen.literals]
    for at, slot in enumerate(frozen.slots):
        pieces[at] += f"%recipient.{variables[slot]}%"
    return "".join(pieces)


def _attached(attachment: Attachment) -> Field:
    # Mailgun shows an inline file under its name, which so has to be its content id.
    name, file = "attachment", attachment.name
    if attachment.content_id:
        name, file = "inline", attachment.content_id
    return Field(name, attachment.content, file, attachment.kind)


def _fills(text: str) -> bool:
    return "%" in text and _ITS_OWN.search(text) is not None


def _clash(where: str, text: str) -> str:
    found = _ITS_OWN.search(text)
    shown = text[found.start() : found.start() + 40] if found else ""
    return f"Mailgun would fill {shown!r} in {where} by itself."


def _clashes_of(recipient: Recipient, own: Mapping[str, str]) -> Iterator[str]:
    for value in own.values():
        if _fills(value):
            yield _clash(f"a value of delivery {recipient.delivery}", value)
