"""How an SMTP server is reached, as the settings say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.providers.account import PRINTABLE, read_secret
from newsletter.providers.host import is_host, is_this_machine
from newsletter.tables import Table

if TYPE_CHECKING:
    from newsletter.providers.dkim import Signer

_VARIABLE = "NEWSLETTER_SMTP_PASSWORD"
_DKIM_VARIABLE = "NEWSLETTER_DKIM_KEY"
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONGEST_TIMEOUT = 3600


class Security(StrEnum):
    """How a connection is protected."""

    STARTTLS = "starttls"
    """Opened in clear and encrypted before anything is said (port 587)."""
    TLS = "tls"
    """Encrypted from the first octet (port 465)."""
    NONE = "none"
    """In clear: for a relay on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach an SMTP server."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    """Empty for a server that asks for none."""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    """Certificates to trust instead of those of the system, for a relay with its own."""
    hello: str | None = None
    """The host name we introduce ourselves by; the system's where it is None."""
    timeout: float = 60.0
    """Seconds to wait for each answer but the last."""
    final_timeout: float = 600.0
    """Seconds to wait for the answer to the final dot: RFC 5321 section 4.5.3.2.6 asks for 10
    minutes, and every answer not waited for is a message that nobody knows about."""
    batch_size: int = 100
    connections: int = 4
    messages_per_connection: int = 100
    """Many servers hang up after some hundred messages, in the middle of one."""
    signer: "Signer | None" = None
    """Signs messages by DKIM, where the server does not."""


def read_smtp(table: Table, secrets: Mapping[str, str]) -> SmtpSettings:
    """Read the settings from `table`; what is wrong becomes a problem of the table."""
    table.allow(
        *("host", "port", "security", "username", "ca_file", "hello", "timeout", "final_timeout"),
        *("batch_size", "connections", "messages_per_connection"),
        *("dkim_selector", "dkim_domain", "dkim_key_file"),
    )
    settings = SmtpSettings(
        host=table.text("host"),
        port=table.number("port", 587, low=1, high=65535),
        security=Security(table.choice("security", tuple(Security), Security.STARTTLS)),
        username=table.text("username"),
        password=read_secret(table, secrets, _VARIABLE),
        ca_file=table.text("ca_file") or None,
        hello=table.text("hello") or None,
        timeout=table.seconds("timeout", 60.0, most=_LONGEST_TIMEOUT),
        final_timeout=table.seconds("final_timeout", 600.0, most=_LONGEST_TIMEOUT),
        batch_size=table.number("batch_size", 100, low=1, high=1000),
        connections=table.number("connections", 4, low=1, high=64),
        messages_per_connection=table.number("messages_per_connection", 100, low=1, high=100_000),
        signer=_signer(table, secrets),
    )
    if not is_host(settings.host):
        table.problem("host", f"cannot be {settings.host!r}", "write the name of the SMTP server")
    if settings.ca_file and not Path(settings.ca_file).is_file():
        table.problem("ca_file", f"names no file: {settings.ca_file!r}", "name a PEM file")
    if settings.username:
        _check_login(table, settings)
    return settings


def _signer(table: Table, secrets: Mapping[str, str]) -> "Signer | None":
    selector = table.matching("dkim_selector", "", _NAME, "a name in the DNS, such as news2026")
    domain = table.matching("dkim_domain", "", _NAME, "a domain, such as example.org")
    file = table.text("dkim_key_file")
    if not selector:
        if domain or file:
            table.problem("dkim_selector", "is missing", "name the key as the DNS does")
        return None
    from newsletter.providers.dkim import Signer, read_key

    pem = _pem(table, file) if file else secrets.get(_DKIM_VARIABLE, "").replace("\\n", "\n")
    key = read_key(pem)
    if key is not None:
        return Signer(selector, key, domain)
    where = file or _DKIM_VARIABLE
    problem = f"{where} holds no private key for DKIM" if pem else f"{where} is not set"
    table.fault(problem, "let it be PEM without a password: RSA of 2048 bits or more, or Ed25519")
    return None


def _pem(table: Table, file: str) -> str:
    try:
        return Path(file).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        table.problem("dkim_key_file", f"cannot be read: {file!r}", "name a PEM file")
        return ""


def _check_login(table: Table, settings: SmtpSettings) -> None:
    if not PRINTABLE.fullmatch(settings.username):
        table.problem("username", "has letters beyond ASCII", "use one that SMTP can carry")
    if not settings.password:
        table.fault(f"{_VARIABLE} is not set", "set it, or leave out `username`")
    if settings.security is Security.NONE and not is_this_machine(settings.host):
        problem = "the password would cross the network in clear"
        table.problem("security", f"is none, so {problem}", "let it be starttls or tls")
