"""Events of Postmark's webhooks."""

from newsletter.feedback.diagnosis import Diagnosis, diagnose
from newsletter.feedback.event import Event, Kind, Reason, plain_agent, plain_link, plain_note
from newsletter.feedback.ours import DELIVERY, DISPATCH, by_names
from newsletter.feedback.payload import Found, Reading, load, read_each

_RECORDS = {
    "Delivery": (Kind.DELIVERED, "DeliveredAt"),
    "Bounce": (Kind.SOFT, "BouncedAt"),
    "SpamComplaint": (Kind.COMPLAINED, "BouncedAt"),
    "SubscriptionChange": (Kind.UNSUBSCRIBED, "ChangedAt"),
    "Open": (Kind.OPENED, "ReceivedAt"),
    "Click": (Kind.CLICKED, "ReceivedAt"),
}
_HARD = Diagnosis(Kind.HARD, Reason.NO_SUCH_ADDRESS)
_TYPES = {
    # The bounce types of Postmark's API reference.
    "HardBounce": _HARD,
    "BadEmailAddress": _HARD,
    "Transient": Diagnosis(Kind.SOFT, Reason.TECHNICAL),
    "DnsError": Diagnosis(Kind.SOFT, Reason.TECHNICAL),
    "ManuallyDeactivated": Diagnosis(Kind.DROPPED, Reason.OTHER),
    "Unconfirmed": Diagnosis(Kind.DROPPED, Reason.OTHER),
    "SMTPApiError": Diagnosis(Kind.DROPPED, Reason.TECHNICAL),
    "TemplateRenderingFailed": Diagnosis(Kind.DROPPED, Reason.TECHNICAL),
    "SpamComplaint": Diagnosis(Kind.COMPLAINED, Reason.NONE),
    "Unsubscribe": Diagnosis(Kind.UNSUBSCRIBED, Reason.NONE),
    "Blocked": Diagnosis(Kind.BLOCKED, Reason.REPUTATION),
    "SpamNotification": Diagnosis(Kind.BLOCKED, Reason.CONTENT),
    "VirusNotification": Diagnosis(Kind.BLOCKED, Reason.CONTENT),
    "DMARCPolicy": Diagnosis(Kind.BLOCKED, Reason.IDENTITY),
}
_ANSWERS = frozenset(
    {
        *("AutoResponder", "AddressChange", "ChallengeVerification"),
        *("Subscribe", "OpenRelayTest", "InboundError"),
    }
)
"""Types that are answers of people and programs: the message arrived, or was none of ours."""


def read(body: bytes) -> Reading:
    """Read one request: one event.

    Raises:
        InputError: the body is not JSON.
    """
    return read_each([load(body)], _event)


def _event(found: Found) -> Event | None:
    record, type_ = found.at("RecordType").text, found.at("Type").text
    ours = by_names(found.at("Metadata", DISPATCH).text, found.at("Metadata", DELIVERY).text)
    known = _RECORDS.get(record)
    if known is None or ours is None or type_ in _ANSWERS:
        return None
    kind, moment = known
    if kind is Kind.UNSUBSCRIBED and not _left(found):
        return None
    words = found.at("Details").text or found.at("Description").text
    became = _became(kind, type_, words)
    return Event(
        dispatch=ours.dispatch,
        delivery=ours.delivery,
        kind=became.kind,
        at=found.at(moment).moment,
        reason=became.reason,
        note=plain_note(words),
        id=found.at("ID").text,
        reference=found.at("MessageID").text,
        agent=plain_agent(found.at("UserAgent").text),
        link=plain_link(found.at("OriginalLink").text),
    )


def _left(found: Found) -> bool:
    """Tell whether the member themselves left: bounces and complaints have records of their own."""
    is_theirs = found.at("SuppressionReason").text == "ManualSuppression"
    return found.at("SuppressSending").flag and is_theirs and found.at("Origin").text == "Recipient"


def _became(kind: Kind, type_: str, words: str) -> Diagnosis:
    if kind is not Kind.SOFT:
        return Diagnosis(kind, Reason.NONE)
    known = _TYPES.get(type_)
    if known is not None:
        return known
    found = diagnose("", words)  # SoftBounce, Unknown: Postmark does not give up, nor do we
    return diagnose("", "") if found.kind is Kind.HARD else found
