"""Checks of who sends: what mailbox providers refuse from bulk senders."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.check.domains import is_aligned, is_freemail
from newsletter.finding import Finding, error, warning
from newsletter.message.batch import Envelope

_UNREAD = frozenset({"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "nobody"})
_LONGEST_LIST_ID = 255
"""Characters, RFC 2919 section 2."""
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", re.ASCII)
_UNMANAGED = re.compile(r"(?:.*[.-])?[0-9a-f]{32}(?:[.-].*)?\.localhost", re.IGNORECASE)
"""RFC 2919 section 3: below `localhost` an identifier holds 32 random hexadecimal digits."""
_PLACE = "newsletter.toml"


def check_sender(envelope: Envelope, *, base_url: str = "", dkim: str = "") -> Iterator[Finding]:
    """Look at From, Reply-To and List-Id, and whether their domains belong together.

    `base_url` is where the links of members lead; `dkim` the domain that signs, where it is known.
    """
    domain = envelope.sender.address.domain
    if is_freemail(domain):
        yield error(
            "sender-freemail",
            f"nobody accepts bulk mail that claims to come from {domain} (its DMARC policy)",
            hint=f"send from the society's own domain: [sender] in {_PLACE}",
        )
    if not envelope.sender.name:
        yield warning(
            "sender-nameless",
            "inboxes show the bare address of the sender",
            hint=f"add `name` to [sender] in {_PLACE}",
        )
    yield from _check_reply(envelope)
    yield from _check_list_id(envelope.list_id)
    if not is_freemail(domain):
        host = urlsplit(base_url).hostname or ""
        yield from _check_alignment(domain, envelope.list_id, host, dkim)


def _check_reply(envelope: Envelope) -> Iterator[Finding]:
    address = (envelope.reply_to or envelope.sender).address
    local = address.wire.rpartition("@")[0].partition("+")[0].lower()
    if local in _UNREAD:
        yield warning(
            "reply-unread",
            f"answers go to {address}, which says that it does not read them",
            hint=f"let `reply_to` in [sender] of {_PLACE} name somebody who answers",
        )
    if (
        envelope.reply_to
        and is_freemail(address.domain)
        and not is_freemail(envelope.sender.address.domain)
    ):
        yield warning(
            "reply-freemail",
            f"answers go to {address.domain}; filters distrust a sender who does not read them"
            " at home",
            hint=f"give [sender] in {_PLACE} a `reply_to` of the society's own domain",
        )


def _check_list_id(list_id: str) -> Iterator[Finding]:
    labels = list_id.split(".")
    is_written = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    is_local = labels[-1].lower() == "localhost" and not _UNMANAGED.fullmatch(list_id)
    if not is_written or is_local or len(list_id) > _LONGEST_LIST_ID:
        yield error(
            "list-id",
            f"{list_id!r} cannot name the list (RFC 2919)",
            hint=f"write `id` in [list] of {_PLACE} like a host name of yours: news.example.org",
        )


def _check_alignment(domain: str, list_id: str, host: str, dkim: str) -> Iterator[Finding]:
    for what, other, how in (
        ("the list id", list_id, "`id` in [list]"),
        ("the links of members", host, "`base_url` in [list]"),
        ("the DKIM signature", dkim, "`dkim_domain` in [checks]"),
    ):
        if other and "localhost" not in other and not is_aligned(domain, other):
            yield warning(
                "sender-unaligned",
                f"the sender is of {domain}, and {what} of {other};"
                " filters trust an email whose domains belong together",
                hint=f"let {how} of {_PLACE} be of the domain that sends",
            )
