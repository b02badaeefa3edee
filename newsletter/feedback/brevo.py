"""Events of Brevo's webhooks for transactional messages."""

import json
from datetime import datetime

from newsletter.feedback.diagnosis import Diagnosis, diagnose
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import Ours, by_message_id, by_text
from newsletter.feedback.payload import Found, Reading, load, read_each

_KINDS = {
    "request": Kind.PROCESSED,
    "delivered": Kind.DELIVERED,
    "deferred": Kind.DEFERRED,
    "soft_bounce": Kind.SOFT,
    "hard_bounce": Kind.HARD,
    "invalid_email": Kind.HARD,
    "blocked": Kind.DROPPED,
    "error": Kind.DROPPED,
    "spam": Kind.COMPLAINED,
    "complaint": Kind.COMPLAINED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "opened": Kind.OPENED,
    "unique_opened": Kind.OPENED,
    "proxy_open": Kind.OPENED,
    "unique_proxy_open": Kind.OPENED,
    "click": Kind.CLICKED,
}


def read(body: bytes) -> Reading:
    """Read one request: one event, or a list where batching is on.

    Raises:
        InputError: the body is not JSON.
    """
    found = load(body)
    return read_each(found.items or [found], _event)


def _event(found: Found) -> Event | None:
    name = found.at("event").text
    kind, ours = _KINDS.get(name), _ours(found)
    if kind is None or ours is None:
        return None
    words = found.at("reason").text
    became = _became(kind, name, words)
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        at=_moment(found),
        reason=became.reason,
        note=plain_note(words),
        id=found.at("id").text if found.at("uuid").text == "" else found.at("uuid").text,
        reference=found.at("message-id").text,
        agent=plain_agent(found.at("user_agent").text),
        link=plain_link(found.at("link").text),
        is_machine="proxy" in name,
    )


def _moment(found: Found) -> datetime:
    exact = found.at("ts_epoch")
    return (exact if exact.text else found.at("ts_event")).moment


def _ours(found: Found) -> Ours | None:
    custom = found.at("X-Mailin-custom").text
    tags = json.dumps(found.at("tags").value or found.at("tag").value)
    return by_text(custom) or by_text(tags) or by_message_id(found.at("message-id").text)


def _became(kind: Kind, name: str, words: str) -> Diagnosis:
    if kind is Kind.SOFT:
        found = diagnose("", words)
        # Brevo says that it may pass; an address is not given up against its word.
        return diagnose("", "") if found.kind is Kind.HARD else found
    if kind is Kind.HARD:
        found = diagnose("", words)
        is_ours = found.kind is Kind.BLOCKED and name == "hard_bounce"
        return found if is_ours else Diagnosis(kind, Reason.NO_SUCH_ADDRESS)
    if name == "blocked":
        return Diagnosis(kind, _remembered(words.lower()))
    return Diagnosis(kind, Reason.TECHNICAL if name == "error" else Reason.NONE)


def _remembered(words: str) -> Reason:
    if "unsub" in words:
        return Reason.UNSUBSCRIBED_BEFORE
    if "complain" in words or "spam" in words:
        return Reason.COMPLAINED_BEFORE
    return Reason.BOUNCED_BEFORE if "bounce" in words else Reason.OTHER
