"""What mail servers mean, by their codes and by their words."""

import pytest

from newsletter.feedback.diagnosis import OTHER, diagnose
from newsletter.feedback.event import Kind, Reason

SAID = [
    ("5.1.1", "550 5.1.1 user unknown", Kind.HARD, Reason.NO_SUCH_ADDRESS),
    ("", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", Kind.HARD, Reason.NO_SUCH_ADDRESS),
    ("5.1.2", "bad destination host", Kind.HARD, Reason.NO_SUCH_ADDRESS),
    ("5.2.1", "account disabled", Kind.SOFT, Reason.MAILBOX_CLOSED),
    ("5.2.2", "mailbox full", Kind.SOFT, Reason.MAILBOX_FULL),
    ("4.2.2", "over quota", Kind.SOFT, Reason.MAILBOX_FULL),
    ("5.3.4", "message too big", Kind.BLOCKED, Reason.TOO_LARGE),
    ("5.4.1", "no answer from host", Kind.SOFT, Reason.TECHNICAL),
    ("5.7.1", "blocked by Spamhaus", Kind.BLOCKED, Reason.REPUTATION),
    ("5.7.1", "looks like spam", Kind.BLOCKED, Reason.CONTENT),
    ("5.7.26", "unauthenticated", Kind.BLOCKED, Reason.IDENTITY),
    ("5.7.515", "Access denied", Kind.BLOCKED, Reason.IDENTITY),
    ("5.7.1", "Recipient address rejected: user not found", Kind.BLOCKED, Reason.REPUTATION),
    ("4.1.1", "try again", Kind.SOFT, Reason.MAILBOX_CLOSED),
    ("5.0.0", "550 No such user here", Kind.HARD, Reason.NO_SUCH_ADDRESS),
    ("", "550 Requested action not taken: mailbox unavailable", Kind.SOFT, Reason.OTHER),
    ("", "The mailbox ann does not exist", Kind.HARD, Reason.NO_SUCH_ADDRESS),
    ("", "450 4.7.28 unusual rate", Kind.BLOCKED, Reason.TOO_MUCH),
    ("", "SPF check failed, user unknown", Kind.BLOCKED, Reason.IDENTITY),
    ("", "I am on holiday until Monday", Kind.SOFT, Reason.OTHER),
    ("", "connection timed out", Kind.SOFT, Reason.TECHNICAL),
    ("", "", Kind.SOFT, Reason.OTHER),
]


@pytest.mark.parametrize(("status", "words", "kind", "reason"), SAID)
def test_a_refusal_is_understood(status: str, words: str, kind: Kind, reason: Reason) -> None:
    assert diagnose(status, words) == (kind, reason)


@pytest.mark.parametrize("words", ["version 5.1.1.2 of the server", "10.4.1.1 said no"])
def test_numbers_of_other_things_are_no_codes(words: str) -> None:
    assert diagnose("", words) == OTHER
