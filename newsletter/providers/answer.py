"""What an answer over HTTP means, whichever provider gives it. Pure."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from newsletter.providers.reply import note_of

_IN_MILLISECONDS = 100_000_000_000
"""As seconds this lies in the year 5138: a moment beyond it is told in milliseconds."""
_A_MOMENT = 1_000_000_000
"""As seconds of waiting this is 30 years: a number beyond it is a moment since 1970."""


class Answer(NamedTuple):
    """What a provider answered, whether it liked the request or not."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accent:
    """How the answers of one provider are read, and told to people."""

    name: str
    """As its own pages write it."""
    key_hint: str
    """What to do where it refuses us."""
    host_hint: str
    """What to do where it is not there."""
    said: Callable[[Answer], str]
    """Takes from an answer what a person needs of it, without any address."""


def error_of(answer: Answer, accent: Accent) -> ProviderError:
    """Tell what any answer but that of success means for the request."""
    name, said = accent.name, accent.said(answer) or "it said nothing"
    match answer.status:
        case 401 | 402 | 403:
            return AccessRefused(
                f"{name} refuses the key or the sender ({answer.status}): {said}",
                hint=accent.key_hint,
            )
        case 301 | 302 | 307 | 308 | 404 | 405 | 407:
            return AccessRefused(
                f"{name} is not at this host ({answer.status})", hint=accent.host_hint
            )
        case 408:
            return NotAccepted(f"{name} did not get the whole request (408)")
        case 429:
            return Throttled(
                f"{name} asks for a pause (429)", retry_after=seconds_to_wait(answer.headers)
            )
        case status if 400 <= status < 500:  # noqa: PLR2004 # the class of all 4xx answers
            return Rejected(f"{name} rejects the request ({status}): {said}")
        case status:
            return OutcomeUnknown(f"{name} answered {status} and may have the request: {said}")


def object_of(answer: Answer) -> Mapping[str, object]:
    """Read the JSON object that an answer is; empty where it is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def number_in(found: Mapping[str, object], name: str) -> float | None:
    """Read a finite number; None where there is none under `name`."""
    value = found.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(str(value)) if is_number and math.isfinite(float(str(value))) else None


def message_of(answer: Answer) -> str:
    """Take the `message` of an answer, as most providers call what they have to say."""
    return note_of(str(object_of(answer).get("message", "")))


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds a provider wants us to wait; None where it does not say.

    Retry-After is that of RFC 9110 section 10.2.3. The headers of rate limits hold seconds, or a
    moment since 1970, in seconds or in milliseconds. Moments are taken against the provider's own
    clock, the Date of the same answer.
    """
    now = _seconds_at(headers.get("date", ""))
    wanted = headers.get("retry-after", "")
    if wanted.isdecimal():
        return float(wanted)
    until = _seconds_at(wanted)
    for name in ("x-ratelimit-reset", "ratelimit-reset", "x-sib-ratelimit-reset"):
        said = headers.get(name, "")
        if until is None and said.isdecimal():
            number = float(said)
            if number < _A_MOMENT:
                return number
            until = number / 1000 if number > _IN_MILLISECONDS else number
    return None if until is None or now is None else max(0.0, until - now)


def _seconds_at(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
