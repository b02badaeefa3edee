"""Email addresses: one strict reading of them for the whole package."""

import re
from dataclasses import dataclass
from functools import lru_cache

from newsletter.errors import InputError

_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII
)
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}", re.ASCII
)
"""The plain addresses that nearly everybody has; all others go to email-validator."""

_SPECIAL_USE = frozenset({"arpa", "example", "invalid", "local", "localhost", "onion", "test"})
"""RFC 6761 and its kin: no mail is ever delivered there."""

_LONGEST, _LONGEST_LOCAL, _LONGEST_DOMAIN = 254, 64, 253
"""RFC 5321 section 4.5.3.1, in octets."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One address that a mail server would take, made by `parse_address` only."""

    wire: str
    """As it goes to the provider: domain in lower-case ASCII (IDNA), local part as written."""

    @property
    def key(self) -> str:
        """Give the form two addresses share when they mean one mailbox: all lower case."""
        return self.wire.lower()

    @property
    def domain(self) -> str:
        """Give the part behind the @."""
        return self.wire.rpartition("@")[2]

    def __str__(self) -> str:
        """Show it as it goes to the provider."""
        return self.wire


def parse_address(text: str) -> EmailAddress:
    """Read one bare address.

    Raises:
        InputError: `text` is not an address that a mail server would take.
    """
    wire = plain_wire(text)
    return EmailAddress(wire) if wire else _parse_unusual(text)


def plain_wire(text: str) -> str:
    """Give the wire form of a plain address; empty where only `parse_address` can tell.

    A list of a million has a million local parts and few domains, so those are remembered.
    """
    local, _, domain = text.rpartition("@")
    lowered = _plain_domain(domain)
    if (
        not lowered
        or len(local) > _LONGEST_LOCAL
        or len(text) > _LONGEST
        or not _LOCAL.fullmatch(local)
    ):
        return ""
    return text if lowered == domain else f"{local}@{lowered}"


@lru_cache(maxsize=16_384)
def _plain_domain(domain: str) -> str:
    """Give a plain domain in small letters; empty where it is not plain."""
    lowered = domain.lower()
    is_plain = (
        len(domain) <= _LONGEST_DOMAIN
        and "--" not in domain  # xn-- and its kin are checked as what they stand for
        and _DOMAIN.fullmatch(domain)
        and lowered.rpartition(".")[2] not in _SPECIAL_USE
    )
    return lowered if is_plain else ""


def _parse_unusual(text: str) -> EmailAddress:
    # Imported here: it takes 50 ms, and a list of plain addresses never needs it.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as reason:
        raise InputError(
            f"{text!r} is not an email address: {reason}",
            hint="write it as name@example.org",
        ) from reason
    if found.ascii_email is None:
        raise InputError(
            f"{text!r} has letters before the @ that most mail servers do not take",
            hint="ask the member for an address in plain letters",
        )
    local, _, domain = found.ascii_email.rpartition("@")
    return EmailAddress(f"{local}@{domain.lower()}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown beside it (RFC 5322 section 3.4)."""

    address: EmailAddress
    name: str = ""
