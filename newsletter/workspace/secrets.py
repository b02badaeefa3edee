"""The secrets of a workspace: only the environment holds them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from newsletter.errors import SettingsError
from newsletter.providers.registry import all_secrets
from newsletter.workspace import feedback

_SHORTEST_SECRET = 32
"""Characters."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only the environment may hold."""

    links_key: bytes | None = field(repr=False)
    """Signs unsubscribe links; None where NEWSLETTER_SECRET is not set."""
    providers: Mapping[str, str] = field(repr=False)
    """Keys and passwords by the name of their variable."""
    events: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By which secrets providers prove that events are theirs."""
    imap_password: str = field(default="", repr=False)
    """Of the mailbox that bounces come back to."""
    old_links_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """Signed the links of emails before the secret was changed; they go on working."""
    metrics_token: str = field(default="", repr=False)
    """Whoever shows it may read `/metrics`; empty where only this machine may."""
    oidc: str = field(default="", repr=False)
    """Of our client at the issuer of OpenID Connect; empty for a public client."""

    @property
    def links_keys(self) -> tuple[bytes, ...]:
        """Give every key that may have signed a link, the one that signs now first."""
        return (*([self.links_key] if self.links_key else []), *self.old_links_keys)


def ledger_url() -> str:
    """Give the URL of the ledger, which may hold a password; empty where none is set."""
    return os.environ.get("NEWSLETTER_LEDGER", "")


def read_secrets() -> Secrets:
    """Read the secrets of the environment.

    Raises:
        SettingsError: NEWSLETTER_SECRET, an old one or NEWSLETTER_METRICS_TOKEN is too short to
            protect anything.
    """
    secret = os.environ.get("NEWSLETTER_SECRET", "")
    old = os.environ.get("NEWSLETTER_SECRET_OLD", "").strip()
    return Secrets(
        links_key=_links_key("NEWSLETTER_SECRET", secret) if secret else None,
        old_links_keys=tuple(_links_key("NEWSLETTER_SECRET_OLD", each) for each in _several(old)),
        events=feedback.event_secrets(os.environ),
        imap_password=os.environ.get("NEWSLETTER_IMAP_PASSWORD", ""),
        oidc=os.environ.get("NEWSLETTER_OIDC_SECRET", ""),
        metrics_token=_long_enough("NEWSLETTER_METRICS_TOKEN"),
        providers={name: os.environ[name] for name in all_secrets() if os.environ.get(name)},
    )


def _long_enough(name: str) -> str:
    token = os.environ.get(name, "").strip()
    if token and len(token) < _SHORTEST_SECRET:
        raise SettingsError(
            f"{name} has fewer than {_SHORTEST_SECRET} characters",
            hint="make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return token


def _links_key(name: str, secret: str) -> bytes:
    if len(secret) < _SHORTEST_SECRET:
        raise SettingsError(
            f"{name} has fewer than {_SHORTEST_SECRET} characters", hint=HOW_TO_MAKE_A_KEY
        )
    return blake2b(secret.encode(), digest_size=32, person=b"nl-links").digest()


def _several(text: str) -> tuple[str, ...]:
    """Take secrets apart at commas; one that has a comma in itself stays whole, too."""
    parts = [each.strip() for each in text.split(",") if each.strip()]
    are_secrets = all(len(each) >= _SHORTEST_SECRET for each in parts)
    return tuple(dict.fromkeys((text, *(parts if are_secrets else [])))) if text else ()


HOW_TO_MAKE_A_KEY = (
    "set it once and keep it: export NEWSLETTER_SECRET="
    "\"$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')\""
)
