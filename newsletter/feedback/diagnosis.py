"""What a mail server meant: its enhanced status code (RFC 3463), else its words."""

import re
from typing import NamedTuple

from newsletter.feedback.event import Kind, Reason


class Diagnosis(NamedTuple):
    """What became of a message and why."""

    kind: Kind
    reason: Reason


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

_NO_ADDRESS = Diagnosis(Kind.HARD, Reason.NO_SUCH_ADDRESS)
_FULL = Diagnosis(Kind.SOFT, Reason.MAILBOX_FULL)
_CLOSED = Diagnosis(Kind.SOFT, Reason.MAILBOX_CLOSED)
_CONTENT = Diagnosis(Kind.BLOCKED, Reason.CONTENT)
_REPUTATION = Diagnosis(Kind.BLOCKED, Reason.REPUTATION)
_IDENTITY = Diagnosis(Kind.BLOCKED, Reason.IDENTITY)
_TOO_MUCH = Diagnosis(Kind.BLOCKED, Reason.TOO_MUCH)
_TOO_LARGE = Diagnosis(Kind.BLOCKED, Reason.TOO_LARGE)
_TECHNICAL = Diagnosis(Kind.SOFT, Reason.TECHNICAL)
OTHER = Diagnosis(Kind.SOFT, Reason.OTHER)
"""What nobody can tell is never held against an address at once."""

_EXACT = {
    # RFC 3463 section 3.2 and the IANA registry of enhanced status codes.
    "1.1": _NO_ADDRESS,
    "1.2": _NO_ADDRESS,
    "1.3": _NO_ADDRESS,
    "1.6": _NO_ADDRESS,  # the mailbox has moved, and nobody says where to
    "1.10": _NO_ADDRESS,  # RFC 7505: the domain takes no mail
    "1.7": _IDENTITY,  # it is the sender's address that is wrong
    "1.8": _IDENTITY,
    "2.1": _CLOSED,
    "2.2": _FULL,
    "2.3": _TOO_LARGE,
    "3.4": _TOO_LARGE,
    "7.20": _IDENTITY,  # RFC 7372: DKIM, SPF, reverse DNS
    "7.21": _IDENTITY,
    "7.22": _IDENTITY,
    "7.23": _IDENTITY,
    "7.24": _IDENTITY,
    "7.25": _IDENTITY,
    "7.26": _IDENTITY,
    "7.27": _IDENTITY,
    "7.28": _TOO_MUCH,
    "7.515": _IDENTITY,  # Outlook, for senders of more than 5,000 a day
}
_BY_SUBJECT = {"3": _TECHNICAL, "4": _TECHNICAL, "5": _TECHNICAL, "6": _CONTENT, "7": _REPUTATION}
_SECOND_LOOK = frozenset({"0", "7"})
"""Subjects whose words say more than their number."""

_WHOSE = r"(user|recipient|mailbox|address|account|alias)"
_ABSENT = r"(unknown|not found|not exist|n't exist|no longer|invalid|unavailable here|not listed)"
_WORDS = (
    (r"over ?quota|quota exceeded|mailbox (is )?full|out of storage|insufficient storage", _FULL),
    (r"\b(dmarc|dkim|spf)\b|unauthenticated|reverse dns|\bptr\b", _IDENTITY),
    (r"rate.?limit|too many|throttl|unusual(ly high)? rate|frequency", _TOO_MUCH),
    (r"reputation|black.?list|block.?list|dnsbl|\brbl\b|spamhaus|barracuda", _REPUTATION),
    (r"(ip|host|network|sender)( \S+){0,3} (is |has been )?(blocked|banned)", _REPUTATION),
    (r"\bspam\b|junk|virus|malware|phish|content|message (was )?(rejected|refused)", _CONTENT),
    (
        rf"{_WHOSE}\b.{{0,40}}{_ABSENT}|no such {_WHOSE}|no such person|unknown {_WHOSE}",
        _NO_ADDRESS,
    ),
    (rf"unrouteable address|not a (known|valid) {_WHOSE}|no mailbox here", _NO_ADDRESS),
    (r"(mailbox|account|user)\b.{0,40}(disabled|inactive|suspended|closed|locked)", _CLOSED),
    (r"too (large|big)|size limit|exceeds.*size", _TOO_LARGE),
    (r"timed? ?out|connection|host not found|dns|no route|tls|temporar", _TECHNICAL),
)
"""The first that is found counts, so what is our fault comes before what is the member's."""
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), found) for words, found in _WORDS)


def diagnose(status: str, words: str, otherwise: Diagnosis = OTHER) -> Diagnosis:
    """Tell what a refusal means.

    Args:
        status: the enhanced code, such as `5.1.1`; may be empty, then one in `words` counts.
        words: what the server said.
        otherwise: where neither tells.
    """
    found = _STATUS.search(status) or _STATUS.search(words)
    if found is None:
        return _by_words(words) or otherwise
    subject, detail = found[2], f"{found[2]}.{found[3]}"
    exact = _EXACT.get(detail)
    if exact is not None:
        # A temporary failure says nothing for ever.
        return _closed_for_now(exact) if found[1] == "4" else exact
    said = _by_words(words) if subject in _SECOND_LOOK else None
    if subject == "7" and said is not None and said.kind is not Kind.BLOCKED:
        # Policy servers word their refusals like missing mailboxes; the number is to be believed.
        said = None
    if found[1] == "4" and said is not None:
        said = _closed_for_now(said)
    return said or _BY_SUBJECT.get(subject, otherwise)


def _by_words(words: str) -> Diagnosis | None:
    return next((found for pattern, found in _PATTERNS if pattern.search(words)), None)


def _closed_for_now(found: Diagnosis) -> Diagnosis:
    return _CLOSED if found is _NO_ADDRESS else found
