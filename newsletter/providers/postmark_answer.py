"""What Postmark's answers mean for the members of a request. Pure.

Codes: Postmark's page developer/api/overview.
"""

import json
from collections.abc import Mapping

from newsletter.errors import AccessRefused, NotAccepted, OutcomeUnknown, ProviderError, Throttled
from newsletter.message.state import DeliveryState
from newsletter.providers.answer import Accent, Answer, error_of
from newsletter.providers.protocol import Outcome, Receipt
from newsletter.providers.reply import note_of
from newsletter.providers.steps import Step, untried

_UNPROCESSABLE = 422
_OK = 0
_MAINTENANCE, _RATE_LIMIT = 100, 429
_ABOUT_US = frozenset({10, 400, 401, 405, 412, 413})
"""The token, the sender, or what the account may send."""
_STREAMS = range(1221, 1300)
"""The message stream is unknown, archived, or not for this."""


def _said(answer: Answer) -> str:
    found = _parsed(answer)
    return note_of(str(found.get("Message", ""))) if isinstance(found, dict) else ""


def _parsed(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


POSTMARK = Accent(
    name="Postmark",
    key_hint="check POSTMARK_SERVER_TOKEN, the confirmed sender, and `stream`",
    host_hint="check `host` in [providers.postmark]: https://api.postmarkapp.com",
    said=_said,
)


def refusal_of(answer: Answer) -> ProviderError:
    """Tell what any answer but 200 means for the request."""
    found = _parsed(answer)
    if answer.status == _UNPROCESSABLE and isinstance(found, dict):
        stopped_by = _step(found).stopped_by
        if stopped_by is not None:
            return stopped_by
    return error_of(answer, POSTMARK)


def receipt_of_all(answer: Answer, count: int) -> Receipt:
    """Read what became of each of `count` messages, which Postmark tells in their order.

    Raises:
        ProviderError: none was accepted, or nobody knows which.
    """
    found = _parsed(answer)
    are_objects = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    if not isinstance(found, list) or not are_objects or len(found) != count:
        raise OutcomeUnknown("Postmark took the request, and did not say what became of it")
    steps = [_step(each) for each in found]
    # Each message was tried, whatever happened to others: nothing here breaks off the rest.
    stopped_by = next((step.stopped_by for step in steps if step.stopped_by is not None), None)
    outcomes = tuple(step.outcome for step in steps)
    if stopped_by is not None and all(o.state is DeliveryState.PENDING for o in outcomes):
        raise stopped_by
    return Receipt(outcomes, stopped_by=stopped_by)


def _step(said: Mapping[str, object]) -> Step:
    code, note = said.get("ErrorCode"), note_of(str(said.get("Message", "")))
    if code == _OK:
        reference = note_of(str(said.get("MessageID", "")))
        return Step(Outcome(DeliveryState.ACCEPTED, reference=reference))
    if not isinstance(code, int):
        doubt = OutcomeUnknown("Postmark did not say whether it took the message")
        return Step(Outcome(DeliveryState.UNSURE, doubt.problem), doubt)
    if code in _ABOUT_US or code in _STREAMS:
        problem = f"Postmark refuses the token, the sender or the stream ({code}): {note}"
        return untried(AccessRefused(problem, hint=POSTMARK.key_hint))
    if code == _RATE_LIMIT:
        return untried(Throttled(f"Postmark asks for a pause ({code})"))
    if code == _MAINTENANCE:
        return untried(NotAccepted(f"Postmark is being maintained ({code})"))
    return Step(Outcome(DeliveryState.REJECTED, f"{code} {note}"))
