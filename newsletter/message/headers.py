"""One complete message: its headers in order, its two bodies. Pure.

`message_for` is what the preview, the dry run and the proof show. `MimeTemplate` writes the same
for the wire, and the tests hold the two against each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import blake2b
from operator import add
from typing import NamedTuple

from newsletter.address import Mailbox
from newsletter.errors import InputError
from newsletter.message.batch import Envelope, Recipient
from newsletter.message.encoding import (
    check_printable,
    phrase,
    structured,
    unified,
    unstructured,
)
from newsletter.message.frozen import Attachment, Document, Frozen
from newsletter.message.recipients import Recipients

_ONE_URL = re.compile(r"https://[!#-;=?-~]{1,900}", re.ASCII)
"""Printable ASCII without quotes and angle brackets; the whole header line stays below 998."""
_MANY_URLS = re.compile(rf"{_ONE_URL.pattern}(?:\n{_ONE_URL.pattern})*", re.ASCII)
_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+", re.ASCII)
_DISPATCH = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_ISSUE = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)


class Header(NamedTuple):
    """One header of a message."""

    name: str
    text: str
    """As a reader sees it."""
    wire: str
    """As it is sent: ASCII, folded by CRLF and a space."""

    @property
    def line(self) -> str:
        """Write it for the wire, with its line end."""
        return f"{self.name}: {self.wire}\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The message that one member gets, complete."""

    sender: Mailbox
    recipient: Mailbox
    subject: str
    headers: tuple[Header, ...]
    """All of them but those of MIME, in the order of the wire."""
    html: str
    text: str
    attachments: tuple[Attachment, ...] = ()


def message_for(envelope: Envelope, document: Document, recipient: Recipient) -> Message:
    """Make the one message of `recipient`, exactly as it will arrive.

    Raises:
        InputError: a name, the subject or a link cannot stand in a header.
        KeyError: a slot has neither value nor fallback.
    """
    return Message(
        sender=envelope.sender,
        recipient=Mailbox(recipient.address, display_name(recipient.name)),
        subject=subject_for(document, recipient),
        headers=(
            *opening_headers(envelope),
            *own_headers(envelope, document, recipient),
            *list_headers(envelope),
        ),
        html=_filled(document.html, recipient.values),
        text=_filled(document.text, recipient.values),
        attachments=document.attachments,
    )


def _filled(frozen: Frozen, values: Mapping[str, str]) -> str:
    # Line ends are unified piece by piece, because they are encoded so.
    pieces = [unified(literal) for literal in frozen.literals]
    for at, slot in enumerate(frozen.slots):
        pieces[at] += unified(slot.fill(values))
    return "".join(pieces)


def opening_headers(envelope: Envelope) -> tuple[Header, ...]:
    """Write when and from whom: the same for all messages of a dispatch.

    Raises:
        InputError: a name or the issue cannot stand in a header.
    """
    date = format_datetime(envelope.date)
    headers = (Header("Date", date, date), _mailbox("From", envelope.sender))
    if envelope.reply_to is None:
        return headers
    return (*headers, _mailbox("Reply-To", envelope.reply_to))


def own_headers(envelope: Envelope, document: Document, recipient: Recipient) -> tuple[Header, ...]:
    """Write the headers that no two members share.

    Raises:
        InputError: the name, the subject or the link cannot stand in a header.
        KeyError: a slot of the subject has neither value nor fallback.
    """
    subject = subject_for(document, recipient)
    message_id = message_id_for(envelope, recipient)
    link = unsubscribe_header_for(recipient)
    return (
        _mailbox("To", Mailbox(recipient.address, recipient.name)),
        Header("Subject", subject, unstructured("Subject", subject)),
        Header("Message-ID", message_id, message_id),
        # Not folded, however long: folding it has broken DKIM signatures in practice.
        Header("List-Unsubscribe", link, link),
    )


def own_lines(envelope: Envelope, document: Document, recipients: Recipients) -> list[str]:
    """Write the lines of `own_headers` for each of `recipients`, as they are sent.

    Raises:
        InputError: a name, the subject or a link cannot stand in a header.
        KeyError: a slot of the subject has neither value nor fallback.
    """
    end = message_id_end(envelope)
    return [
        f"{_to_line(name, address)}Subject: {subject}\r\n"
        f"Message-ID: <{delivery}{end}\r\nList-Unsubscribe: {link}\r\n"
        for name, address, subject, delivery, link in zip(
            recipients.names,
            recipients.addresses,
            _subjects(document.subject, recipients),
            recipients.deliveries,
            unsubscribe_headers_for(recipients.link("unsubscribe_url")),
            strict=True,
        )
    ]


def _subjects(subject: Frozen, recipients: Recipients) -> list[str]:
    """Write the subject of each of `recipients` for the wire; the same one only once."""
    own = list(zip(*map(recipients.columns.raw, subject.slots), strict=True))
    texts = ["".join(map(add, subject.literals, (*each, ""))) for each in own or [()]]
    written = {each: unstructured("Subject", _subject(each)) for each in set(texts)}
    return [written[each] for each in texts] * (1 if own else len(recipients))


_SIMPLE_NAME = re.compile("[A-Za-z.,'-]+(?: [A-Za-z.,'-]+){0,4}", re.ASCII)
_LONGEST_LINE = 76


def _to_line(name: str, address: str) -> str:
    if _SIMPLE_NAME.fullmatch(name):
        line = f'To: "{name}" <{address}>\r\n'
        if len(line) - 2 <= _LONGEST_LINE:
            return line
    return f"To: {_wire_of('To', display_name(name), address)}\r\n"


def list_headers(envelope: Envelope) -> tuple[Header, ...]:
    """Write what tells mail programs that this is a list, and how to leave it.

    Raises:
        InputError: the list's name or id, the issue or the dispatch cannot stand in a header.
    """
    check_envelope(envelope)
    name = display_name(envelope.list_name)
    list_id = f"{phrase(name)} <{envelope.list_id}>"
    feedback_id = f"{envelope.issue[:64]}:{envelope.dispatch}:newsletter:{sender_id(envelope)}"
    return (
        # RFC 8058 section 3.1: the value is exactly this, no other pair.
        Header("List-Unsubscribe-Post", *_twice("List-Unsubscribe=One-Click")),
        # RFC 2919
        Header("List-Id", f"{name} <{envelope.list_id}>", structured("List-Id", list_id)),
        # Gmail's Feedback Loop: at most four fields, none of them about one recipient.
        Header("Feedback-ID", feedback_id, structured("Feedback-ID", feedback_id)),
        # Not in any standard, but out-of-office programs look for it: without it the society's
        # Reply-To drowns in their answers.
        Header("Precedence", *_twice("bulk")),
    )


def check_envelope(envelope: Envelope) -> None:
    """Check the names that go into headers and file names as they are.

    Raises:
        InputError: the issue, the dispatch or the list id has other characters than it may.
    """
    if not _ISSUE.fullmatch(envelope.issue):
        raise InputError(
            f"{envelope.issue!r} cannot name an issue",
            hint="use lower-case letters a to z, digits and dashes",
        )
    if not _DISPATCH.fullmatch(envelope.dispatch):
        raise InputError(
            f"{envelope.dispatch!r} cannot name a dispatch",
            hint="use at most 32 letters and digits",
        )
    if not _LIST_ID.fullmatch(envelope.list_id):
        raise InputError(
            f"{envelope.list_id!r} is not a list id",
            hint="write it like a host name, such as news.example.org",
        )


def sender_id(envelope: Envelope) -> str:
    """Name the sender to Gmail: 12 characters that stay as long as the list id does."""
    return "nl" + blake2b(envelope.list_id.lower().encode(), digest_size=5).hexdigest()


def subject_for(document: Document, recipient: Recipient) -> str:
    """Write the subject of one member, without white space around it.

    Raises:
        InputError: a value brings a line break or another control character.
        KeyError: a slot has neither value nor fallback.
    """
    return _subject(document.subject.fill(recipient.values))


def _subject(text: str) -> str:
    return check_printable("the subject", text).strip()


def message_id_for(envelope: Envelope, recipient: Recipient) -> str:
    """Name the message, always the same for one delivery.

    A message that was sent again after all can so be told from a new one, by receivers that care.
    """
    return f"<{recipient.delivery}{message_id_end(envelope)}"


def message_id_end(envelope: Envelope) -> str:
    """Give what the Message-IDs of one dispatch share: all behind the number of the delivery."""
    return f".{envelope.dispatch}@{envelope.sender.address.domain}>"


def unsubscribe_header_for(recipient: Recipient) -> str:
    """Write the value of List-Unsubscribe for one member.

    Raises:
        InputError: the link is not one https URL.
        KeyError: there is no link.
    """
    return _unsubscribe_header(recipient.unsubscribe_url)


def _unsubscribe_header(url: str) -> str:
    """Write the value of List-Unsubscribe: exactly one https URL (RFC 8058 section 3.1)."""
    if not _ONE_URL.fullmatch(url):
        raise InputError(
            f"the unsubscribe link {url!r} is not a plain https URL",
            hint="let base_url of [list] in newsletter.toml begin with https://",
        )
    return f"<{url}>"


def unsubscribe_headers_for(links: Sequence[str]) -> list[str]:
    """Write the value of List-Unsubscribe for each of the members whose links these are.

    Raises:
        InputError: a link is not one https URL.
    """
    if not _MANY_URLS.fullmatch("\n".join(links)):
        return [_unsubscribe_header(each) for each in links]  # says which it is
    return [f"<{link}>" for link in links]


def display_name(name: str) -> str:
    """Give a name as it stands in a header: in one line, every white space a single space.

    Raises:
        InputError: it has a line break or another control character in it.
    """
    return " ".join(check_printable("the name", name).split())


def _mailbox(header: str, mailbox: Mailbox) -> Header:
    name, address = display_name(mailbox.name), mailbox.address.wire
    shown = f"{name} <{address}>" if name else address
    return Header(header, shown, _wire_of(header, name, address))


def _wire_of(header: str, name: str, address: str) -> str:
    return structured(header, f"{phrase(name)} <{address}>") if name else address


def _twice(value: str) -> tuple[str, str]:
    return value, value
