"""Events of Amazon SES, as its configuration sets publish them to SNS.

Also the older feedback notifications of an identity, which lack the tags: there the Message-ID
that we wrote tells whose they are.
"""

from newsletter.feedback.bouncetypes import bounced
from newsletter.feedback.diagnosis import Diagnosis
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import DELIVERY, DISPATCH, Ours, by_message_id, by_names
from newsletter.feedback.payload import Found, Reading, read_each

_KINDS = {
    "send": Kind.PROCESSED,
    "delivery": Kind.DELIVERED,
    "deliverydelay": Kind.DEFERRED,
    "bounce": Kind.SOFT,
    "complaint": Kind.COMPLAINED,
    "reject": Kind.DROPPED,
    "rendering failure": Kind.DROPPED,
    "subscription": Kind.UNSUBSCRIBED,
    "open": Kind.OPENED,
    "click": Kind.CLICKED,
}
_PARTS = {"deliverydelay": "deliveryDelay", "rendering failure": "failure"}
"""Where the details lie, if not below the type in small letters."""


def read(event: Found) -> Reading:
    """Read the one event that an SNS message carries."""
    return read_each([event], _event)


def _event(found: Found) -> Event | None:
    name = (found.at("eventType").text or found.at("notificationType").text).lower()
    part = found.at(_PARTS.get(name, name))
    ours = _ours(found.at("mail"))
    kind = _KINDS.get(name)
    if kind is None or ours is None or not _counts(name, part):
        return None
    words = _words(name, part)
    became = _became(kind, part, words)
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        # A sending has no moment of its own, the message has.
        at=(part if part.at("timestamp").text else found.at("mail")).at("timestamp").moment,
        reason=became.reason,
        note=plain_note(words),
        id=part.at("feedbackId").text,
        reference=found.at("mail", "messageId").text,
        agent=plain_agent(part.at("userAgent").text) if kind in _SEEN else "",
        link=plain_link(part.at("link").text),
    )


_SEEN = (Kind.OPENED, Kind.CLICKED)


def _ours(mail: Found) -> Ours | None:
    dispatch, delivery = (mail.at("tags", name).items for name in (DISPATCH, DELIVERY))
    if dispatch and delivery:
        return by_names(dispatch[0].text, delivery[0].text)
    return by_message_id(mail.at("headers").header("message-id"))


def _counts(name: str, part: Found) -> bool:
    """Tell whether an event means what its type says."""
    if name == "complaint":  # RFC 5965 section 7.3: somebody took it out of their spam folder
        return part.at("complaintFeedbackType").text != "not-spam"
    if name == "subscription":
        return part.at("newTopicPreferences", "unsubscribeAll").flag
    return True


def _words(name: str, part: Found) -> str:
    recipients = (*part.at("bouncedRecipients").items, *part.at("delayedRecipients").items)
    said = next((each.at("diagnosticCode").text for each in recipients), "")
    if name == "bounce":
        # Where the server said nothing, the kind of bounce is all there is to tell.
        return said or f"{part.at('bounceType').text} {part.at('bounceSubType').text}"
    return said or part.at("reason").text or part.at("smtpResponse").text


def _became(kind: Kind, part: Found, words: str) -> Diagnosis:
    if kind is Kind.SOFT:
        recipients = part.at("bouncedRecipients").items
        status = next((each.at("status").text for each in recipients), "")
        return bounced(part.at("bounceType").text, part.at("bounceSubType").text, status, words)
    if kind is Kind.COMPLAINED and part.at("complaintSubType").text:
        # `OnAccountSuppressionList`: Amazon remembered, and nobody got anything.
        return Diagnosis(Kind.DROPPED, Reason.COMPLAINED_BEFORE)
    if kind is Kind.DROPPED:
        is_template = bool(part.at("errorMessage").text)
        return Diagnosis(kind, Reason.TECHNICAL if is_template else Reason.CONTENT)
    return Diagnosis(kind, Reason.NONE)
