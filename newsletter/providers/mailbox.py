"""Mailboxes as the APIs of providers take them. Pure."""

import re

from newsletter.address import Mailbox
from newsletter.message.batch import Recipient
from newsletter.message.encoding import encoded, phrase
from newsletter.message.headers import display_name

_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
"""RFC 5322 section 3.2.3: a name with one of these has to be quoted."""


def mailbox_of(recipient: Recipient) -> Mailbox:
    """Give the mailbox of `recipient`."""
    return Mailbox(recipient.address, recipient.name)


def in_quotes(mailbox: Mailbox) -> str:
    """Write `mailbox` with its name as it is, between quotes.

    Raises:
        InputError: the name has a control character in it.
    """
    name, address = display_name(mailbox.name), mailbox.address.wire
    if not name:
        return address
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def in_ascii(mailbox: Mailbox) -> str:
    """Write `mailbox` as a header would have it: a quoted string, or encoded words (RFC 2047).

    Raises:
        InputError: the name has a control character in it.
    """
    name, address = display_name(mailbox.name), mailbox.address.wire
    return f"{phrase(name)} <{address}>" if name else address


def without_quotes(mailbox: Mailbox) -> str:
    """Write `mailbox` with a bare name where that can be, and otherwise in encoded words.

    Raises:
        InputError: the name has a control character in it.
    """
    name, address = display_name(mailbox.name), mailbox.address.wire
    if not name:
        return address
    return f"{bare_name(name)} <{address}>"


def bare_name(name: str) -> str:
    """Write a display name without quotes, so that no special character stands in it bare."""
    is_bare = name.isascii() and not has_special(name) and "=?" not in name
    return name if is_bare else encoded(name)


def has_special(name: str) -> bool:
    """Tell whether `name` would have to be quoted in a header."""
    return bool(_SPECIAL.search(name))
