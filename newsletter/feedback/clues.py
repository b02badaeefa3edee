"""What a message that came back still has of ours: Message-ID, link, Feedback-ID, To."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from newsletter.feedback.ours import Ours, by_message_id, dispatch_by_feedback_id

_TOKEN = re.compile(r"/[upst]/([A-Za-z0-9_-]{40})(?![A-Za-z0-9_-])", re.ASCII)
_MESSAGE_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^>\s]{1,200}>)", re.IGNORECASE | re.MULTILINE)
_FEEDBACK_ID = re.compile(r"^[>\s]*Feedback-ID:\s*(\S{1,200})", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^[>\s]*To:\s*(.{1,300})$", re.IGNORECASE | re.MULTILINE)
_MOST_TEXT = 300_000
"""Characters that are looked at: a returned message may be as long as ours was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What leads to the delivery, the surest first."""

    tokens: tuple[str, ...] = ()
    """Of our links; signed, so whoever has one had the message."""
    message_id: Ours | None = None
    """Anybody can write one; it counts only together with the address."""
    dispatch: str = ""
    """Of our Feedback-ID; the same."""
    written_to: tuple[str, ...] = ()
    """To whom the returned message was written, as addresses are compared."""


def clues_in(message: Message) -> Clues:
    """Find what a message that came back has of ours, in its parts or quoted in its text."""
    inner = "\n".join(_returned_parts(message))
    if not inner:
        # Free-form reports quote what they return.
        inner = text_of(message)
        headers = f"{message.get('In-Reply-To', '')} {message.get('References', '')}".split()
    else:
        headers = []
    ids = [*_MESSAGE_ID.findall(inner), *headers]
    written = getaddresses(_TO.findall(inner))
    return Clues(
        tokens=tuple(dict.fromkeys(_TOKEN.findall(inner)))[:20],
        message_id=next(filter(None, map(by_message_id, ids)), None),
        dispatch=next(filter(None, map(dispatch_by_feedback_id, _FEEDBACK_ID.findall(inner))), ""),
        written_to=tuple(
            dict.fromkeys(address.lower() for _name, address in written if "@" in address)
        )[:20],
    )


def text_of(message: Message) -> str:
    """Give the words of a message, without what it returns."""
    texts = (part for part in _outer(message) if part.get_content_maintype() == "text")
    own = (part for part in texts if part.get_content_subtype() != "rfc822-headers")
    return "\n".join(map(_decoded, own))[:_MOST_TEXT]


def _outer(message: Message) -> Iterator[Message]:
    """Walk over the parts, but not into messages within."""
    yield message
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _outer(part)


def _returned_parts(message: Message) -> Iterator[str]:
    """Give the headers, and the text, of what is returned."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            yield _decoded(part)
        elif kind in ("message/rfc822", "message/global"):
            held = part.get_payload()
            inside = held[0] if isinstance(held, list) and held else None
            if isinstance(inside, Message):
                lines = (f"{name}: {' '.join(str(text).split())}" for name, text in inside.items())
                yield "\n".join(lines)
                yield text_of(inside)


def _decoded(part: Message) -> str:
    held = part.get_payload(decode=True)
    if not isinstance(held, bytes):
        return ""
    try:
        return held.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that nobody knows
        return held.decode("utf-8", "replace")
