"""What the answers of Amazon SES mean for one message. Pure.

Errors: the page of SendEmail in the SES API v2 reference, and "Amazon SES email sending errors".
"""

from newsletter.errors import AccessRefused, OutcomeUnknown, ProviderError, Rejected, Throttled
from newsletter.message.state import DeliveryState
from newsletter.providers.answer import (
    Accent,
    Answer,
    error_of,
    number_in,
    object_of,
    seconds_to_wait,
)
from newsletter.providers.protocol import Outcome
from newsletter.providers.reply import note_of, reference_of
from newsletter.providers.steps import Step, untried

_OK = 200
_ABOUT_US = {
    "AccountSuspendedException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",  # the configuration set
    "SendingPausedException",
}
_TOO_FAST = {"TooManyRequestsException", "ThrottlingException", "LimitExceededException"}


def _said(answer: Answer) -> str:
    found = object_of(answer)
    return note_of(str(found.get("message") or found.get("Message") or ""))


def _kind(answer: Answer) -> str:
    """Name the error: in a header, or in the body behind the name of its schema."""
    named = answer.headers.get("x-amzn-errortype") or str(object_of(answer).get("__type", ""))
    return named.partition(":")[0].rpartition("#")[2]


SES = Accent(
    name="Amazon SES",
    key_hint="check AWS_ACCESS_KEY_ID and its secret, the verified sender, and `configuration_set`",
    host_hint="check `region` in [providers.ses]",
    said=_said,
)


def step_of(answer: Answer) -> Step:
    """Tell what became of the one message, and whether the next may be tried."""
    if answer.status == _OK:
        reference = reference_of(object_of(answer).get("MessageId", ""))
        if reference:
            return Step(Outcome(DeliveryState.ACCEPTED, reference=reference))
    failure = error_from(answer)
    if isinstance(failure, Rejected):
        return Step(Outcome(DeliveryState.REJECTED, failure.problem))
    if isinstance(failure, OutcomeUnknown):
        return in_doubt(failure)
    return untried(failure)


def in_doubt(doubt: OutcomeUnknown) -> Step:
    """Stop at a message that may have been sent."""
    return Step(Outcome(DeliveryState.UNSURE, doubt.problem), doubt)


def allowance_in(answer: Answer) -> int | None:
    """Read how many more messages the account may send now; None where there is no limit.

    Raises:
        ProviderError: the answer does not tell.
        AccessRefused: the account may send nothing.
    """
    found = object_of(answer)
    quota = found.get("SendQuota")
    if answer.status != _OK or not isinstance(quota, dict):
        raise error_from(answer)
    if found.get("SendingEnabled") is False:
        raise AccessRefused("Amazon SES has paused the sending of this account", hint=SES.key_hint)
    most, sent = number_in(quota, "Max24HourSend"), number_in(quota, "SentLast24Hours")
    if most is None or sent is None:
        raise OutcomeUnknown("Amazon SES did not say how much it takes")
    # Its page on GetSendQuota: -1 says that there is no limit.
    return None if most < 0 else max(0, int(most - sent))


def error_from(answer: Answer) -> ProviderError:
    """Tell what an answer without a message's id means."""
    kind, said = _kind(answer), _said(answer)
    if kind in _TOO_FAST:
        if "daily" in said.lower():
            hint = "wait until the last 24 hours hold fewer messages, or ask AWS for more"
            return AccessRefused(f"Amazon SES takes no more today: {said}", hint=hint)
        return Throttled("Amazon SES asks for a pause", retry_after=seconds_to_wait(answer.headers))
    # An unverified sender, or anybody at all while the account is in the sandbox.
    if kind in _ABOUT_US or (kind == "MessageRejected" and "not verified" in said):
        return AccessRefused(f"Amazon SES refuses us ({kind}): {said}", hint=SES.key_hint)
    return error_of(answer, SES)
