"""Events of SendGrid's Event Webhook (its page `tracking-events/event`)."""

from newsletter.feedback.diagnosis import OTHER, Diagnosis, diagnose
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import DELIVERY, DISPATCH, Ours, by_message_id, by_names
from newsletter.feedback.payload import Found, Reading, load, read_each

_KINDS = {
    "processed": Kind.PROCESSED,
    "delivered": Kind.DELIVERED,
    "deferred": Kind.DEFERRED,
    "bounce": Kind.SOFT,
    "dropped": Kind.DROPPED,
    "spamreport": Kind.COMPLAINED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
    "open": Kind.OPENED,
    "click": Kind.CLICKED,
}
_CLASSES = {
    "content": Diagnosis(Kind.BLOCKED, Reason.CONTENT),
    "frequency or volume too high": Diagnosis(Kind.BLOCKED, Reason.TOO_MUCH),
    "invalid address": Diagnosis(Kind.HARD, Reason.NO_SUCH_ADDRESS),
    "mailbox unavailable": Diagnosis(Kind.SOFT, Reason.MAILBOX_CLOSED),
    "reputation": Diagnosis(Kind.BLOCKED, Reason.REPUTATION),
    "technical failure": Diagnosis(Kind.SOFT, Reason.TECHNICAL),
}
"""SendGrid's bounce classifications; `Unclassified` is left to the words of the server."""
_DROPS = (
    ("unsubscribed address", Reason.UNSUBSCRIBED_BEFORE),
    ("bounced address", Reason.BOUNCED_BEFORE),
    ("spam reporting address", Reason.COMPLAINED_BEFORE),
    ("spam content", Reason.CONTENT),
    ("recipient list over package quota", Reason.PLAN),
    ("invalid smtpapi header", Reason.TECHNICAL),
    ("invalid", Reason.NO_SUCH_ADDRESS),
)


def read(body: bytes) -> Reading:
    """Read one request: a list of events.

    Raises:
        InputError: the body is not JSON.
    """
    return read_each(load(body).items, _event)


def _event(found: Found) -> Event | None:
    kind = _KINDS.get(found.at("event").text)
    ours = _ours(found)
    if kind is None or ours is None:
        return None
    words = found.at("reason").text or found.at("response").text
    became = _became(kind, found, words)
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        at=found.at("timestamp").moment,
        reason=became.reason,
        note=plain_note(words),
        id=found.at("sg_event_id").text,
        # What stands before the first dot is the X-Message-Id of the request.
        reference=found.at("sg_message_id").text.partition(".")[0],
        agent=plain_agent(found.at("useragent").text),
        link=plain_link(found.at("url").text),
        is_machine=found.at("sg_machine_open").flag,
    )


def _ours(found: Found) -> Ours | None:
    # Custom arguments lie flat among the fields of the event.
    return by_names(found.at(DISPATCH).text, found.at(DELIVERY).text) or by_message_id(
        found.at("smtp-id").text
    )


def _became(kind: Kind, found: Found, words: str) -> Diagnosis:
    if kind is Kind.DROPPED:
        said = words.lower()
        return Diagnosis(
            kind, next((r for start, r in _DROPS if said.startswith(start)), OTHER.reason)
        )
    if kind is not Kind.SOFT:
        return Diagnosis(kind, Reason.NONE)
    known = _CLASSES.get(found.at("bounce_classification").text.lower())
    is_block = found.at("type").text == "blocked"
    otherwise = Diagnosis(Kind.BLOCKED, Reason.OTHER) if is_block else OTHER
    became = known or diagnose(found.at("status").text, words, otherwise)
    if is_block and became.kind is Kind.HARD:
        # SendGrid itself goes on sending to an address that blocked once.
        return Diagnosis(Kind.SOFT, Reason.MAILBOX_CLOSED)
    return became
