"""What providers post, in the shapes that their documentation shows."""

import json
from typing import Any

REF = "0123456789abcdef"
OURS = {"nl_dispatch": REF, "nl_delivery": "7", "nl_request": "1"}
MESSAGE_ID = f"<7.{REF}@example.org>"


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def sendgrid(event: str, **more: Any) -> dict[str, Any]:
    return {
        "email": "ann@example.org",
        "timestamp": 1795435200,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": event,
        "category": ["spring"],
        "sg_event_id": "ZGVsaXZlcmVkLTAtNDI",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **OURS,
        **more,
    }


def ses(event: str, **parts: Any) -> dict[str, Any]:
    return {
        "eventType": event,
        "mail": {
            "timestamp": "2026-11-23T12:00:00.000Z",
            "source": "News <news@example.org>",
            "messageId": "EXAMPLE7c191be45-000000",
            "destination": ["ann@example.org"],
            "headers": [{"name": "Message-ID", "value": MESSAGE_ID}],
            "tags": {name: [value] for name, value in OURS.items()},
        },
        **parts,
    }


def ses_bounce(kind: str, detail: str, status: str = "", said: str = "") -> dict[str, Any]:
    recipient = {"emailAddress": "ann@example.org", "status": status, "diagnosticCode": said}
    return ses(
        "Bounce",
        bounce={
            "bounceType": kind,
            "bounceSubType": detail,
            "bouncedRecipients": [recipient],
            "timestamp": "2026-11-23T12:00:02.669Z",
            "feedbackId": "01000157c44f053b",
        },
    )


def postmark(record: str, **more: Any) -> dict[str, Any]:
    moments = dict.fromkeys(
        ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"), "2026-11-23T07:00:00.2735393-05:00"
    )
    return {
        "RecordType": record,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "ID": 42,
        "Email": "ann@example.org",
        "MessageStream": "broadcast",
        "Metadata": OURS,
        **moments,
        **more,
    }


def mailgun(event: str, **more: Any) -> dict[str, Any]:
    return {
        "signature": {"timestamp": "1795435200", "token": "t" * 50, "signature": "0" * 64},
        "event-data": {
            "event": event,
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1795435200.123,
            "message": {"headers": {"message-id": MESSAGE_ID.strip("<>")}},
            "recipient": "ann@example.org",
            "user-variables": OURS,
            **more,
        },
    }


def resend(type_: str, **data: Any) -> dict[str, Any]:
    return {
        "type": type_,
        "created_at": "2026-11-23T12:00:00.000Z",
        "data": {
            "created_at": "2026-11-23T11:00:00.000Z",
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
            "to": ["ann@example.org"],
            "tags": OURS,
            **data,
        },
    }


def brevo(event: str, **more: Any) -> dict[str, Any]:
    return {
        "event": event,
        "email": "ann@example.org",
        "id": 26224,
        "date": "2026-11-23 13:00:00",
        "ts": 1795435000,
        "ts_event": 1795435200,
        "ts_epoch": 1795435200123,
        "message-id": "<202611231200.123@smtp-relay.mailin.fr>",
        "X-Mailin-custom": json.dumps(OURS),
        "tags": ["spring"],
        **more,
    }
