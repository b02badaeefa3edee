"""The body of one Brevo request: a version of the message for each member, whole. Pure.

Brevo fills values into HTML by a template language of its own, and says nowhere how it escapes
them. So each version comes with its parts filled here, and whatever Brevo would read as that
language is refused. Pages: developers.brevo.com/reference/sendtransacemail, .../docs/
batch-send-transactional-emails, .../docs/heterogenous-versions-batch-emails.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID, uuid5

from newsletter.address import Mailbox
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.headers import display_name
from newsletter.providers.bound import Bound
from newsletter.providers.mailbox import bare_name, has_special, mailbox_of
from newsletter.providers.whole import WholeMessage, own_ids

_KEYS = UUID("6f0e2f6c-6a0b-5c53-9d6e-0d6a1f6f2d51")
"""The namespace of our keys (RFC 9562 section 5.5), so that nobody else's can be the same."""
_TEMPLATE_MARKS = ("{{", "{%", "{#")


class BrevoBody(NamedTuple):
    """What Brevo is given."""

    octets: bytes
    sizes: list[int]
    """Of the version of each member, in bytes."""
    clashes: list[str]
    """What Brevo would read as its template language, each as a sentence."""


class BrevoTemplate:
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ("_has_mark", "_message", "_shared")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Encode all that the members share.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        shared: dict[str, object] = {
            "sender": _mailbox(envelope.sender),
            "tags": [envelope.issue[:64], envelope.dispatch],
        }
        if envelope.reply_to is not None:
            shared["replyTo"] = _reply_to(envelope.reply_to)
        if document.attachments:
            shared["attachment"] = [
                {"name": each.name, "content": b64encode(each.content).decode("ascii")}
                for each in document.attachments
            ]
        self._shared = json.dumps(shared, separators=(",", ":"))[:-1]
        self._message = WholeMessage(envelope, document)
        parts = (document.subject, document.text, document.html)
        literals = [literal for part in parts for literal in part.literals]
        slots = [slot for part in parts for slot in part.slots]
        own = [slot.fallback or "" for slot in slots]
        own += [text for slot in slots if slot.choices for _, text in slot.choices.pairs]
        self._has_mark = any(mark in each for each in literals for mark in _TEMPLATE_MARKS)
        # Two braces can also meet where a slot is filled.
        self._has_mark |= any(each.endswith("{") for each in literals)
        self._has_mark |= any("{" in each for each in own)

    @property
    def bound(self) -> Bound:
        """Tell how large the messages can be at most."""
        return self._message.bound

    def may_clash(self, batch: Batch) -> bool:
        """Tell whether Brevo could read anything in `batch` as its template language."""
        values = (value for each in batch.recipients for value in each.values.values())
        return self._has_mark or any("{" in value for value in values)

    def body(self, batch: Batch) -> BrevoBody:
        """Write the body that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        versions = [self._version(batch, each) for each in batch.recipients]
        # Outside of the versions Brevo wants the parts, too; no version is without its own.
        outside = "".join(f",{self._parts(each)}" for each in batch.recipients[:1])
        key = f',"headers":{{"idempotencyKey":"{idempotency_key(batch)}"}}'
        octets = f'{self._shared}{outside}{key},"messageVersions":[{",".join(versions)}]}}'
        return BrevoBody(
            octets.encode("ascii"),
            [len(each) for each in versions],
            list(_clashes(batch, versions)),
        )

    def _version(self, batch: Batch, recipient: Recipient) -> str:
        to = json.dumps(_mailbox(mailbox_of(recipient)))
        headers = json.dumps(self._headers(batch, recipient))
        return f'{{"to":[{to}],{self._parts(recipient)},"headers":{headers}}}'

    def _parts(self, recipient: Recipient) -> str:
        message = self._message
        return (
            f'"subject":{message.subject(recipient)},"htmlContent":{message.html(recipient)}'
            f',"textContent":{message.text(recipient)}'
        )

    def _headers(self, batch: Batch, recipient: Recipient) -> dict[str, str]:
        headers = self._message.headers(recipient)
        if "=?" in headers["List-Id"]:
            # Brevo decodes encoded words and sends raw octets, which no header may hold.
            headers["List-Id"] = f"<{batch.envelope.list_id}>"
        ids = own_ids(batch, recipient)
        return {**headers, "X-Mailin-custom": "|".join(f"{n}:{v}" for n, v in ids.items())}


def idempotency_key(batch: Batch) -> str:
    """Make the key of `batch` as Brevo wants it: a UUID, always the same for one attempt."""
    return str(uuid5(_KEYS, batch.key))


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    name, address = display_name(mailbox.name), mailbox.address.wire
    if not name:
        return {"email": address}
    # Brevo drops a name in which special characters and letters beyond ASCII meet.
    is_safe = "=?" not in name and (name.isascii() or not has_special(name))
    return {"email": address, "name": name if is_safe else bare_name(name)}


def _reply_to(mailbox: Mailbox) -> dict[str, str]:
    # Here Brevo sends letters beyond ASCII raw, whatever they are written as.
    name = display_name(mailbox.name)
    return _mailbox(mailbox) if name.isascii() else {"email": mailbox.address.wire}


def _clashes(batch: Batch, versions: list[str]) -> Iterator[str]:
    for recipient, version in zip(batch.recipients, versions, strict=True):
        # The object itself begins by {"to":[{" and holds no other two of them in a row.
        for mark in _TEMPLATE_MARKS:
            if mark in version:
                yield (
                    f"Brevo would read {mark!r} as its template language, in the message of"
                    f" delivery {recipient.delivery}."
                )
