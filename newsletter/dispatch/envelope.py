"""The envelope of a dispatch as the ledger keeps it, so a resumed message is the same message."""

from collections.abc import Mapping
from datetime import datetime

from newsletter.address import Mailbox, parse_address
from newsletter.message.batch import Envelope


def to_json(envelope: Envelope) -> dict[str, object]:
    """Write `envelope` as JSON values."""
    return {
        "sender": _mailbox_to_json(envelope.sender),
        "reply_to": _mailbox_to_json(envelope.reply_to) if envelope.reply_to else None,
        "date": envelope.date.isoformat(),
        "dispatch": envelope.dispatch,
        "issue": envelope.issue,
        "list_id": envelope.list_id,
        "list_name": envelope.list_name,
        "send_at": envelope.send_at.isoformat() if envelope.send_at else None,
        "reservation": envelope.reservation,
        "tracks_opens": envelope.tracks_opens,
        "tracks_clicks": envelope.tracks_clicks,
        "public_variant": envelope.public_variant,
    }


def from_json(stored: Mapping[str, object]) -> Envelope:
    """Read what `to_json` wrote."""
    reply_to, send_at = stored["reply_to"], stored.get("send_at")
    public = stored.get("public_variant")
    return Envelope(
        sender=_mailbox_from_json(stored["sender"]),
        reply_to=_mailbox_from_json(reply_to) if reply_to is not None else None,
        date=datetime.fromisoformat(str(stored["date"])),
        dispatch=str(stored["dispatch"]),
        issue=str(stored["issue"]),
        list_id=str(stored["list_id"]),
        list_name=str(stored["list_name"]),
        send_at=datetime.fromisoformat(str(send_at)) if send_at else None,
        reservation=str(stored.get("reservation", "")),
        # A dispatch of an earlier version tracks nothing.
        tracks_opens=stored.get("tracks_opens") is True,
        tracks_clicks=stored.get("tracks_clicks") is True,
        public_variant=None if public is None else str(public),
    )


def _mailbox_to_json(mailbox: Mailbox) -> list[str]:
    return [mailbox.address.wire, mailbox.name]


def _mailbox_from_json(stored: object) -> Mailbox:
    match stored:
        case [str(address), str(name)]:
            return Mailbox(parse_address(address), name)
        case _:
            raise ValueError(stored)
