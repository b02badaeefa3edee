"""Checks of who sends: what mailbox providers refuse from bulk senders."""

from collections.abc import Iterator

from newsletter.finding import Finding, error, warning
from newsletter.message.batch import Envelope

_FREEMAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "ymail.com",
        "aol.com",
        "hotmail.com",
        "outlook.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "mail.ru",
        "proton.me",
        "protonmail.com",
    ]
)


def check_sender(envelope: Envelope) -> Iterator[Finding]:
    """Look at From, Reply-To and List-Id."""
    domain = envelope.sender.address.domain
    if domain in _FREEMAIL:
        yield error(
            "sender-freemail",
            f"nobody accepts bulk mail that claims to come from {domain} (its DMARC policy)",
            hint="send from the society's own domain: [sender] in newsletter.toml",
        )
    if not envelope.sender.name:
        yield warning(
            "sender-nameless",
            "inboxes show the bare address of the sender",
            hint="add `name` to [sender] in newsletter.toml",
        )
    local = envelope.sender.address.wire.partition("@")[0].lower()
    if envelope.reply_to is None and local in {"noreply", "no-reply", "donotreply"}:
        yield warning(
            "reply-unread",
            "answers go to an address that says it does not read them",
            hint="add `reply_to` to [sender] in newsletter.toml",
        )
