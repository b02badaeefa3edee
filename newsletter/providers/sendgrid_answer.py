"""What SendGrid's answers mean for the members of a request. Pure."""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from newsletter.errors import (
    AccessRefused,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome, Receipt
from newsletter.providers.reply import note_of


class Answer(NamedTuple):
    """What SendGrid answered, whether it liked the request or not."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


def error_of(answer: Answer) -> ProviderError:
    """Tell what any answer but 202 means for the request."""
    said = _said(answer)
    match answer.status:
        case 401 | 403:
            return AccessRefused(
                f"SendGrid refuses the key or the sender ({answer.status}): {said}",
                hint="check SENDGRID_API_KEY, its Mail Send permission, and the verified sender",
            )
        case 301 | 302 | 307 | 308 | 404 | 405 | 407:
            return AccessRefused(
                f"SendGrid is not at this host ({answer.status})",
                hint="check `host` in [providers.sendgrid]: https://api.sendgrid.com",
            )
        case 408:
            return NotAccepted("SendGrid did not get the whole request (408)")
        case 429:
            return Throttled(
                "SendGrid asks for a pause (429)", retry_after=_seconds_to_wait(answer.headers)
            )
        case status if 400 <= status < 500:  # noqa: PLR2004 # the class of all 4xx answers
            return Rejected(f"SendGrid rejects the request ({status}): {said}")
        case status:
            return OutcomeUnknown(f"SendGrid answered {status} and may have the request: {said}")


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
    return note_of("; ".join(filter(None, messages))) or "it said nothing"


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


def _seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3) or X-RateLimit-Reset, in seconds from now.

    Times of day are taken against SendGrid's own clock, the Date of the same answer.
    """
    wanted = headers.get("retry-after", "")
    if wanted.isdecimal():
        return float(wanted)
    until = _seconds_at(wanted)
    if until is None and headers.get("x-ratelimit-reset", "").isdecimal():
        until = float(headers["x-ratelimit-reset"])
    now = _seconds_at(headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def _seconds_at(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
