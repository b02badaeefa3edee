"""Events of Mailgun's webhooks."""

from newsletter.feedback.diagnosis import OTHER, Diagnosis, diagnose
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import DELIVERY, DISPATCH, Ours, by_message_id, by_names
from newsletter.feedback.payload import Found, Reading, load, read_each

_KINDS = {
    "accepted": Kind.PROCESSED,
    "delivered": Kind.DELIVERED,
    "failed": Kind.SOFT,
    "rejected": Kind.DROPPED,
    "complained": Kind.COMPLAINED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
}
_REASONS = {
    "suppress-bounce": Diagnosis(Kind.DROPPED, Reason.BOUNCED_BEFORE),
    "suppress-complaint": Diagnosis(Kind.DROPPED, Reason.COMPLAINED_BEFORE),
    "suppress-unsubscribe": Diagnosis(Kind.DROPPED, Reason.UNSUBSCRIBED_BEFORE),
    "espblock": Diagnosis(Kind.BLOCKED, Reason.REPUTATION),
    "old": Diagnosis(Kind.SOFT, Reason.TECHNICAL),
}
"""Of `failed`; other reasons (`bounce`, `generic`) are left to the words of the server."""


def read(body: bytes) -> Reading:
    """Read one request: a signature and one event.

    Raises:
        InputError: the body is not JSON.
    """
    return read_each([load(body).at("event-data")], _event)


def _event(found: Found) -> Event | None:
    kind, ours = _KINDS.get(found.at("event").text), _ours(found)
    if kind is None or ours is None:
        return None
    status = found.at("delivery-status")
    words = status.at("message").text or status.at("description").text
    became = _became(kind, found, words)
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        at=found.at("timestamp").moment,
        reason=became.reason,
        note=plain_note(words),
        id=found.at("id").text,
        reference=found.at("message", "headers", "message-id").text,
        agent=plain_agent(found.at("client-info", "user-agent").text),
        link=plain_link(found.at("url").text),
        is_machine=found.at("client-info", "bot").text != "",
    )


def _ours(found: Found) -> Ours | None:
    variables = found.at("user-variables")
    return by_names(variables.at(DISPATCH).text, variables.at(DELIVERY).text) or by_message_id(
        found.at("message", "headers", "message-id").text
    )


def _became(kind: Kind, found: Found, words: str) -> Diagnosis:
    if kind is Kind.DROPPED:
        return Diagnosis(kind, Reason.CONTENT)  # `rejected`: Mailgun took it for spam
    if kind is not Kind.SOFT:
        return Diagnosis(kind, Reason.NONE)
    if found.at("severity").text == "temporary":
        return Diagnosis(Kind.DEFERRED, diagnose("", words).reason)
    known = _REASONS.get(found.at("reason").text)
    if known is not None:
        return known
    status = found.at("delivery-status")
    return diagnose(status.at("enhanced-code").text, words, _by_code(status.at("code").text))


def _by_code(code: str) -> Diagnosis:
    # Mailgun's own codes: 605 and 607 were not tried because of what it remembers.
    if code == "605":
        return Diagnosis(Kind.DROPPED, Reason.BOUNCED_BEFORE)
    if code == "607":
        return Diagnosis(Kind.DROPPED, Reason.COMPLAINED_BEFORE)
    return OTHER
