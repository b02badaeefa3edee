"""SendGrid's signature of events: the door to the verifier of its package.

The verifier takes text only, lets broken base64 through as an error of its own, and does not look
at the moment; each of these is a refusal here.
"""

from datetime import timedelta
from typing import Any

from newsletter.errors import SettingsError
from newsletter.feedback.proof import NotProven, Told, must_be_fresh

PATIENCE = timedelta(hours=25)
"""SendGrid repeats for 24 hours what was not taken, and does not say whether it signs anew."""
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_MOMENT = "x-twilio-email-event-webhook-timestamp"


class SendgridSignature:
    """ECDSA over the moment and the raw body, with the key that SendGrid shows."""

    def __init__(self, public_key: str) -> None:
        """Judge by the verification key of the signed event webhook.

        Raises:
            SettingsError: it is no such key.
        """
        from sendgrid import EventWebhook

        try:
            self._verifier: Any = EventWebhook(public_key.strip() or "none")
        except ValueError as reason:
            raise SettingsError(
                "sendgrid_key of [feedback] is not a verification key",
                hint="copy it from Settings, Mail Settings, Event Webhooks of SendGrid",
            ) from reason

    def check(self, told: Told) -> None:
        """Let the request pass.

        Raises:
            NotProven: it is unsigned, forged or stale.
        """
        signature, moment = told.headers.get(_SIGNATURE, ""), told.headers.get(_MOMENT, "")
        if not signature or not moment:
            raise NotProven("there is no signature", is_missing=True)
        if not self._is_right(told.body, signature, moment):
            raise NotProven("the signature is not right")
        must_be_fresh(moment, told.at, PATIENCE)

    def _is_right(self, body: bytes, signature: str, moment: str) -> bool:
        try:
            # Broken base64 and a body that is no UTF-8 are both a ValueError.
            return bool(self._verifier.verify_signature(body.decode("utf-8"), signature, moment))
        except ValueError:
            return False
