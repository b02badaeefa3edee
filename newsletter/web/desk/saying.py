"""What one answer leaves for the next page to say, in a cookie of a few seconds."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

SAID = "desk-said"
SAID_SECONDS = 20
_LONGEST = 1_000
"""Characters: a cookie has 4096 bytes (RFC 6265 section 6.1)."""


def write_said(tone: str, words: str) -> str:
    """Write it as a cookie can carry it."""
    text = json.dumps([tone, words[:_LONGEST]], ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def read_said(cookie: str) -> tuple[str, str] | None:
    """Read it back; None where there is nothing, or nothing of ours."""
    try:
        tone, words = json.loads(urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
    except (ValueError, TypeError, Error):
        return None
    return (tone, words) if tone in ("good", "warn", "bad", "plain") else None
