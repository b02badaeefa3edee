"""DKIM signatures (RFC 6376, 8301, 8463) over our own messages; the door to `cryptography`.

RFC 8058 section 4 wants a valid signature over both List-Unsubscribe headers, or one-click
unsubscribing is not offered. So they are signed always, and so is whatever else tells a reader
who writes what to whom. Bodies are taken as they are (`simple`): ours are in ASCII, have lines
of 76 characters that end in no white space, and one line end at their end.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

Key = RSAPrivateKey | Ed25519PrivateKey

_SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "precedence"),
)
_ONCE_ONLY = ("from", "to", "subject", "date", "reply-to", "list-unsubscribe")
"""Named once more than they occur, so that nobody can add another (RFC 6376 section 5.4.2)."""
_FEWEST_BITS = 2048
"""RFC 8301 section 3.2: signers should use no fewer."""
_LINE = 70
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_WHITE_SPACE = re.compile(rb"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the messages of one domain."""

    selector: str
    """Names the public key in the DNS: `SELECTOR._domainkey.DOMAIN`."""
    key: Key = field(repr=False)
    domain: str = ""
    """Whose signature it is; the sender's own domain where it is empty."""

    def signature(self, message: Sequence[bytes], sender_domain: str, seconds: int) -> bytes:
        """Write the header that signs `message`, whose octets are in pieces; it goes on top.

        Args:
            message: with CRLF line ends, each header once.
            sender_domain: that of the address in From.
            seconds: since 1970, when it is signed.
        """
        head, _, body = b"".join(message).partition(b"\r\n\r\n")
        headers = dict(map(_canonical, _FIELD_END.split(head)))
        names = [name for name in _SIGNED if name.encode() in headers]
        kind = "ed25519" if isinstance(self.key, Ed25519PrivateKey) else "rsa"
        listed = _folded(":".join([*names, *_ONCE_ONLY]), ":")
        unsigned = (
            f"v=1; a={kind}-sha256; c=relaxed/simple; d={self.domain or sender_domain};"
            f"\r\n s={self.selector}; t={seconds};\r\n h={listed};"
            f"\r\n bh={_base64(hashlib.sha256(body).digest())};\r\n b="
        )
        name, own = _canonical(f"DKIM-Signature: {unsigned}".encode("ascii"))
        lines = [name.encode() + b":" + headers[name.encode()] for name in names]
        signed = b"\r\n".join([*lines, name + b":" + own])
        return f"DKIM-Signature: {unsigned}{_folded(_base64(self._sign(signed)))}\r\n".encode()

    def _sign(self, octets: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(octets, PKCS1v15(), SHA256())
        # RFC 8463 section 3: what is signed is the hash.
        return self.key.sign(hashlib.sha256(octets).digest())


def read_key(pem: str) -> Key | None:
    """Read a private key; None where it is none that mail servers would take."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        return None
    if isinstance(key, RSAPrivateKey):
        return key if key.key_size >= _FEWEST_BITS else None
    return key if isinstance(key, Ed25519PrivateKey) else None


def _canonical(field_: bytes) -> tuple[bytes, bytes]:
    """Write a header as it is signed (RFC 6376 section 3.4.2): its name, and its value."""
    name, _, value = field_.partition(b":")
    return name.strip().lower(), _WHITE_SPACE.sub(b" ", value).strip()


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def _folded(text: str, behind: str = "") -> str:
    """Break `text` into lines, behind a character where one is given."""
    if not behind:
        return "\r\n ".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))
    lines = [""]
    for word in text.split(behind):
        if len(lines[-1]) + len(word) >= _LINE:
            lines.append("")
        lines[-1] += word + behind
    return "\r\n ".join(lines)[: -len(behind)]
