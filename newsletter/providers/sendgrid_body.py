"""The body of one SendGrid request: one document and the values of up to 1000 members. Pure.

SendGrid puts substitutions into the document as they are, without escaping. So a slot has a tag
for each context that it stands in, and each tag carries the value already escaped for its place.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NotRequired, TypedDict

from newsletter.address import Mailbox
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.encoding import check_printable, unified
from newsletter.message.frozen import Context, Document, Frozen, Slot
from newsletter.message.headers import (
    display_name,
    list_headers,
    message_id_for,
    subject_for,
    unsubscribe_header_for,
)


class Personalization(TypedDict):
    """One recipient in a request."""

    to: list[dict[str, str]]
    headers: dict[str, str]
    substitutions: dict[str, str]
    custom_args: dict[str, str]


RequestBody = TypedDict(
    "RequestBody",
    {
        "from": dict[str, str],
        "reply_to": NotRequired[dict[str, str]],
        "subject": str,
        "content": list[dict[str, str]],
        "headers": dict[str, str],
        "categories": list[str],
        "tracking_settings": dict[str, dict[str, bool]],
        "personalizations": list[Personalization],
    },
)
"""What `mail/send` takes, as far as we use it."""

_LETTERS = {Context.HTML: "h", Context.URL: "u", Context.LINK: "l", Context.PLAIN: "p"}
_SEPARATORS = str.maketrans(",;", "  ")

_TRACKING_OFF: dict[str, dict[str, bool]] = {
    # Links and pictures stay as the author wrote them, and no second way to unsubscribe
    # beside our own gets in.
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


def request_body(batch: Batch) -> RequestBody:
    """Write the body that hands over `batch`.

    Raises:
        InputError: a name, a link or an id cannot stand in a header.
        KeyError: a slot has neither value nor fallback.
    """
    envelope, document = batch.envelope, batch.document
    tags = tags_of(document, envelope.dispatch)
    body: RequestBody = {
        "from": _mailbox(envelope.sender),
        "subject": check_printable("the subject", _tagged(document.subject, tags)).strip(),
        "content": [
            {"type": "text/plain", "value": _tagged(document.text, tags)},
            {"type": "text/html", "value": _tagged(document.html, tags)},
        ],
        "headers": {h.name: h.wire.replace("\r\n", "") for h in list_headers(envelope)},
        "categories": [envelope.issue[:255]],
        "tracking_settings": _TRACKING_OFF,
        "personalizations": [_personalization(batch, each, tags) for each in batch.recipients],
    }
    if envelope.reply_to is not None:
        body["reply_to"] = _mailbox(envelope.reply_to)
    return body


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


def _personalization(
    batch: Batch, recipient: Recipient, tags: Mapping[Slot, str]
) -> Personalization:
    values = recipient.values
    if batch.document.subject.slots:
        subject_for(batch.document, recipient)  # refuses a line break that a value brings in
    return {
        "to": [_mailbox(Mailbox(recipient.address, recipient.name))],
        "headers": _own_headers(batch.envelope, recipient),
        "substitutions": {tag: unified(slot.fill(values)) for slot, tag in tags.items()},
        # Opaque numbers only: SendGrid keeps these for ever and cannot redact them.
        "custom_args": {
            "nl_dispatch": batch.envelope.dispatch,
            "nl_delivery": str(recipient.delivery),
            "nl_request": str(batch.request),
        },
    }


def _own_headers(envelope: Envelope, recipient: Recipient) -> dict[str, str]:
    # Whole for each member: substitutions are not documented to reach headers.
    return {
        "Message-ID": message_id_for(envelope, recipient),
        "List-Unsubscribe": unsubscribe_header_for(recipient),
    }


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


def substitution_bytes(personalization: Personalization) -> int:
    """Count the bytes that the substitutions of one recipient take."""
    values = personalization["substitutions"].items()
    return sum(len(tag) + len(value.encode()) for tag, value in values)
