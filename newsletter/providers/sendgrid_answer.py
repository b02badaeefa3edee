"""What SendGrid's answers mean for the members of a request. Pure."""

import json
from collections.abc import Mapping

from newsletter.errors import NotAccepted
from newsletter.message.state import DeliveryState
from newsletter.providers.answer import Accent, Answer
from newsletter.providers.protocol import Outcome, Receipt
from newsletter.providers.reply import note_of


def _errors(answer: Answer) -> list[Mapping[str, object]]:
    try:
        errors = json.loads(answer.body)["errors"]
    except (ValueError, KeyError, TypeError):
        return []
    if not isinstance(errors, list):
        return []
    return [error for error in errors if isinstance(error, dict)]


def _said(answer: Answer) -> str:
    messages = [str(error.get("message", "")) for error in _errors(answer)]
    return note_of("; ".join(filter(None, messages)))


SENDGRID = Accent(
    name="SendGrid",
    key_hint="check SENDGRID_API_KEY, its Mail Send permission, and the verified sender",
    host_hint="check `host` in [providers.sendgrid]: https://api.sendgrid.com",
    said=_said,
)


def receipt_of_some(answer: Answer, count: int) -> Receipt | None:
    """Tell which of `count` recipients a refusal is about, by what it says; None if about all.

    SendGrid refuses a request whole, but names the personalization at fault: the others were
    surely not sent, and need not be given up for one address.
    """
    rejected: dict[int, str] = {}
    for error in _errors(answer):
        field, place, *_ = [*str(error.get("field", "")).split("."), ""]
        if field != "personalizations" or not place.isdecimal() or int(place) >= count:
            return None
        rejected[int(place)] = note_of(str(error.get("message", "")))
    if not rejected:
        return None
    rest = NotAccepted("SendGrid rejected the request because of some of its recipients")
    pending = Outcome(DeliveryState.PENDING, rest.problem)
    outcomes = [
        Outcome(DeliveryState.REJECTED, rejected[at]) if at in rejected else pending
        for at in range(count)
    ]
    return Receipt(tuple(outcomes), stopped_by=rest)
