"""What Resend's answers mean for the members of a request. Pure.

Errors: Resend's pages docs/api-reference/errors, docs/dashboard/emails/idempotency-keys.
"""

from newsletter.errors import AccessRefused, OutcomeUnknown, ProviderError
from newsletter.message.state import DeliveryState
from newsletter.providers.answer import Accent, Answer, error_of, message_of, object_of
from newsletter.providers.protocol import Outcome, Receipt
from newsletter.providers.reply import reference_of

_KEY_TAKEN, _TOO_MANY = 409, 429
_QUOTAS = {"daily_quota_exceeded", "monthly_quota_exceeded"}


RESEND = Accent(
    name="Resend",
    key_hint="check RESEND_API_KEY, the verified domain of the sender, and your plan",
    host_hint="check `host` in [providers.resend]: https://api.resend.com",
    said=message_of,
)


def refusal_of(answer: Answer) -> ProviderError:
    """Tell what any answer but 200 means for the request."""
    kind, said = str(object_of(answer).get("name", "")), message_of(answer)
    if answer.status == _KEY_TAKEN:
        # A request with this key is there already: under way, or with another body.
        return OutcomeUnknown(f"Resend has had a request with the same key ({_KEY_TAKEN}): {said}")
    if answer.status == _TOO_MANY and kind in _QUOTAS:
        problem = f"Resend takes no more from us in this period: {said}"
        return AccessRefused(problem, hint="wait for the next period, or take a larger plan")
    return error_of(answer, RESEND)


def receipt_of_all(answer: Answer, count: int) -> Receipt:
    """Read the id of each of `count` messages, which Resend gives in their order.

    Raises:
        OutcomeUnknown: it did not.
    """
    found = object_of(answer).get("data")
    if not isinstance(found, list) or len(found) != count:
        raise OutcomeUnknown("Resend took the request, and did not say what became of it")
    ids = [str(each.get("id", "")) if isinstance(each, dict) else "" for each in found]
    return Receipt(
        tuple(Outcome(DeliveryState.ACCEPTED, reference=reference_of(each)) for each in ids)
    )
