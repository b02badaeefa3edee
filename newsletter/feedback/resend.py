"""Events of Resend's webhooks."""

from newsletter.feedback.bouncetypes import bounced
from newsletter.feedback.diagnosis import Diagnosis
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import DELIVERY, DISPATCH, Ours, by_message_id, by_names
from newsletter.feedback.payload import Found, Reading, load, read_each

_KINDS = {
    "email.sent": Kind.PROCESSED,
    "email.delivered": Kind.DELIVERED,
    "email.delivery_delayed": Kind.DEFERRED,
    "email.bounced": Kind.SOFT,
    "email.complained": Kind.COMPLAINED,
    "email.failed": Kind.DROPPED,
    "email.suppressed": Kind.DROPPED,
    "email.opened": Kind.OPENED,
    "email.clicked": Kind.CLICKED,
}


def read(body: bytes) -> Reading:
    """Read one request: one event.

    Raises:
        InputError: the body is not JSON.
    """
    return read_each([load(body)], _event)


def _event(found: Found) -> Event | None:
    data, kind = found.at("data"), _KINDS.get(found.at("type").text)
    ours = _ours(data)
    if kind is None or ours is None:
        return None
    bounce, click = data.at("bounce"), data.at("click")
    words = bounce.at("message").text or data.at("failed", "reason").text
    words = words or data.at("suppressed", "message").text
    became = Diagnosis(kind, Reason.NONE)
    if kind is Kind.SOFT:
        became = bounced(bounce.at("type").text, bounce.at("subType").text, "", words)
    elif kind is Kind.DROPPED:
        became = Diagnosis(kind, _dropped(found.at("type").text, data))
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        # `created_at` of the data is that of the message.
        at=found.at("created_at").moment,
        reason=became.reason,
        note=plain_note(words),
        reference=data.at("email_id").text,
        agent=plain_agent(click.at("userAgent").text or data.at("open", "userAgent").text),
        link=plain_link(click.at("link").text),
    )


def _ours(data: Found) -> Ours | None:
    tags = data.at("tags")
    named = (tags.at(DISPATCH).text, tags.at(DELIVERY).text)
    listed = (tags.header(DISPATCH), tags.header(DELIVERY))  # older events list them
    return (
        by_names(*named)
        or by_names(*listed)
        or by_message_id(data.at("headers").header("message-id"))
        or by_message_id(data.at("message_id").text)
    )


def _dropped(type_: str, data: Found) -> Reason:
    if type_ == "email.failed":
        is_plan = "quota" in data.at("failed", "reason").text
        return Reason.PLAN if is_plan else Reason.TECHNICAL
    said = (data.at("suppressed", "type").text + data.at("suppressed", "message").text).lower()
    return Reason.COMPLAINED_BEFORE if "complain" in said else Reason.BOUNCED_BEFORE
