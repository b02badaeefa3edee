"""A request that SendGrid looks at and never delivers: its sandbox mode. Pure.

SendGrid's page for-developers/sending-email/sandbox-mode: 200 where all is well, no event, no
credit.
"""

import json


def sandboxed(sender: str) -> bytes:
    """Write a message of `sender` to itself, for the sandbox."""
    return json.dumps(
        {
            "personalizations": [{"to": [{"email": sender}]}],
            "from": {"email": sender},
            "subject": "probe",
            "content": [{"type": "text/plain", "value": "probe"}],
            "mail_settings": {"sandbox_mode": {"enable": True}},
        }
    ).encode()
