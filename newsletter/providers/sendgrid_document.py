"""One document of one dispatch as SendGrid takes it: with a tag at each place of a member's own.

SendGrid puts substitutions into the document as they are, without escaping. So a slot has a tag
for each context that it stands in, and each tag carries the value already escaped for its place.
Of a link only the token is a member's own: the rest stands in the document, once for everybody.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from hashlib import blake2b

from newsletter.address import Mailbox
from newsletter.message.batch import Envelope
from newsletter.message.encoding import check_printable, unified
from newsletter.message.frozen import Attachment, Context, Document, Frozen, Slot
from newsletter.message.headers import display_name, list_headers

_PLAIN_LINK = re.compile(r"[A-Za-z0-9:/._~-]*", re.ASCII)
"""Means the same in HTML, in plain text and in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedDocument:
    """What all members of a dispatch who get one document share."""

    shared: bytes
    """The request as JSON, up to the first of `personalizations`."""
    tags: tuple[tuple[str, Slot], ...]
    """Each tag, with the slot whose value it stands for."""
    token: str | None
    """The tag of the token; None where no link shows it."""
    is_complete: bool
    """Whether subject, text and HTML all say something."""


def tag_document(
    envelope: Envelope, document: Document, links: Mapping[str, str], same: AbstractSet[Slot]
) -> TaggedDocument:
    """Write all that the members share.

    `links`: by their slots, what links begin with. `same`: slots that none of the members has a
    value for that needs escaping, so that they are filled as in plain text.

    Raises:
        InputError: a name or an id of `envelope`, or the subject, cannot stand in a header.
    """
    tags = tags_of(document, envelope.dispatch)
    token = f"-{_nonce(_literals(document), envelope.dispatch)}0-"
    begun = {slot: f"{links[slot.name]}{token}" for slot in tags if _is_link(slot, links)}
    filled = {slot: _plain(slot) if slot in same else slot for slot in tags if slot not in begun}
    written = {**begun, **{slot: tags.get(by, tags[slot]) for slot, by in filled.items()}}
    subject = check_printable("the subject", _tagged(document.subject, written)).strip()
    contents = {
        "text/plain": _tagged(document.text, written),
        "text/html": _tagged(document.html, written),
    }
    shared = {
        **_of_envelope(envelope),
        "subject": subject,
        "content": [{"type": kind, "value": value} for kind, value in contents.items()],
    }
    if document.attachments:
        shared["attachments"] = [_attached(each) for each in document.attachments]
    fields = json.dumps(shared, separators=(",", ":"))
    return TaggedDocument(
        shared=f'{fields[:-1]},"personalizations":['.encode("ascii"),
        tags=tuple({written[slot]: by for slot, by in filled.items()}.items()),
        token=token if begun else None,
        is_complete=bool(subject) and all(contents.values()),
    )


def _plain(slot: Slot) -> Slot:
    return replace(slot, context=Context.PLAIN)


def _is_link(slot: Slot, links: Mapping[str, str]) -> bool:
    return (
        slot.context is not Context.URL  # there it is quoted as a whole
        and slot.choices is None
        and slot.name in links
        and _PLAIN_LINK.fullmatch(links[slot.name]) is not None
    )


def _of_envelope(envelope: Envelope) -> dict[str, object]:
    written: dict[str, object] = {
        "from": _mailbox(envelope.sender),
        "headers": {h.name: h.wire.replace("\r\n", "") for h in list_headers(envelope)},
        # By the number of the dispatch, SendGrid's log can be asked for it.
        "categories": [envelope.issue[:255], envelope.dispatch],
        "tracking_settings": _tracking(envelope),
    }
    if envelope.reply_to is not None:
        written["reply_to"] = _mailbox(envelope.reply_to)
    if envelope.send_at is not None:
        written["send_at"] = int(envelope.send_at.timestamp())
    if envelope.reservation:
        written["batch_id"] = envelope.reservation
    return written


def tags_of(document: Document, dispatch: str) -> dict[Slot, str]:
    """Name each slot of what is sent by a tag that stands nowhere in the document.

    The tags are made from the dispatch, whose number nobody knew when the members' values were
    written, so no value can hold one either.
    """
    nonce = _nonce(_literals(document), dispatch)
    slots = dict.fromkeys(slot for part in _parts(document) for slot in part.slots)
    return {slot: f"-{nonce}{number}-" for number, slot in enumerate(slots, start=1)}


def _parts(document: Document) -> tuple[Frozen, ...]:
    return document.subject, document.text, document.html


def _literals(document: Document) -> Iterator[str]:
    return (literal for part in _parts(document) for literal in part.literals)


def _nonce(literals: Iterable[str], dispatch: str) -> str:
    digest, whole = (
        blake2b(dispatch.encode(), digest_size=3, person=b"nl-sendgrid"),
        "\n".join(literals),
    )
    while digest.hexdigest() in whole:
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
        return " ".join(_without_separators(shown).split())
    return shown


def _without_separators(names: str) -> str:
    return names.replace(",", " ").replace(";", " ")


def sendgrid_names(names: Sequence[str]) -> list[str]:
    """Write display names as `sendgrid_name` does, all of them in one go.

    Raises:
        InputError: a name has a line break or another control character in it.
    """
    lines = "\n".join(names)
    # What is printable is no white space but the plain one.
    if lines.count("\n") != len(names) - 1 or not lines.replace("\n", "").isprintable():
        return [sendgrid_name(each) for each in names]
    lines = f"\n{_without_separators(lines)}\n"
    while "  " in lines:
        lines = lines.replace("  ", " ")
    return lines.replace("\n ", "\n").replace(" \n", "\n")[1:-1].split("\n")


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
