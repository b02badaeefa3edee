"""The types of bounces as Amazon SES names them; Resend, which sends through it, does the same."""

from newsletter.feedback.diagnosis import OTHER, Diagnosis, diagnose
from newsletter.feedback.event import Kind, Reason

_TRANSIENT = {
    "mailboxfull": Diagnosis(Kind.SOFT, Reason.MAILBOX_FULL),
    "messagetoolarge": Diagnosis(Kind.BLOCKED, Reason.TOO_LARGE),
    "contentrejected": Diagnosis(Kind.BLOCKED, Reason.CONTENT),
    "attachmentrejected": Diagnosis(Kind.BLOCKED, Reason.CONTENT),
    "customtimeoutexceeded": Diagnosis(Kind.SOFT, Reason.TECHNICAL),
}
_PERMANENT = {
    # Amazon's own memory, and that of the account: nobody tried.
    "suppressed": Diagnosis(Kind.DROPPED, Reason.BOUNCED_BEFORE),
    "onaccountsuppressionlist": Diagnosis(Kind.DROPPED, Reason.BOUNCED_BEFORE),
    "unsubscribedrecipient": Diagnosis(Kind.DROPPED, Reason.UNSUBSCRIBED_BEFORE),
}


def bounced(kind: str, detail: str, status: str, words: str) -> Diagnosis:
    """Tell what a `bounceType` and `bounceSubType` mean, with the server's status and words."""
    kind, detail = kind.lower(), detail.lower()
    if kind == "permanent":
        return _PERMANENT.get(detail) or _permanent(status, words)
    known = _TRANSIENT.get(detail) if kind == "transient" else None
    if known is not None:
        return known
    found = diagnose(status, words)
    # Amazon says that it may pass; an address is not given up against its word.
    return OTHER if found.kind is Kind.HARD else found


def _permanent(status: str, words: str) -> Diagnosis:
    """Believe Amazon that it is for ever, unless the server said that it was us."""
    found = diagnose(status, words)
    if found.kind is Kind.BLOCKED:
        return found
    return Diagnosis(Kind.HARD, Reason.NO_SUCH_ADDRESS)
