"""Messages of Amazon SNS: what they say, and whether Amazon signed them. The door to cryptography.

After "Verifying the signatures of Amazon SNS messages": the certificate comes from Amazon's own
host and no other, and a message counts only where it is of the topic that the settings name.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from newsletter.feedback.payload import Found
from newsletter.feedback.proof import NotProven, must_be_fresh

PATIENCE = timedelta(hours=2)
"""SNS never repeats for more than an hour ("Message delivery retries": 3,600 seconds)."""
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp"),
        *("Token", "TopicArn", "Type"),
    ),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem", re.ASCII)
_SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic that carries our events."""

    arn: str

    @property
    def host(self) -> str:
        """Give the only host from which certificates and confirmations of it are taken."""
        _arn, partition, _service, region, *_rest = self.arn.split(":")
        return f"sns.{region}.{_SUFFIXES.get(partition, 'amazonaws.com')}"

    def is_certificate(self, url: str) -> bool:
        """Tell whether Amazon keeps the certificate of a message of this topic there."""
        parts = urlsplit(url)
        return (parts.scheme, parts.netloc, parts.query) == (
            "https",
            self.host,
            "",
        ) and _CERTIFICATE.fullmatch(parts.path) is not None

    def is_confirmation(self, url: str) -> bool:
        """Tell whether asking for `url` confirms a subscription to this topic."""
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        return (parts.scheme, parts.netloc) == ("https", self.host) and (
            asked.get("Action") == ["ConfirmSubscription"] and asked.get("TopicArn") == [self.arn]
        )


def check_message(
    message: Found, topic: Topic, certificate_of: Callable[[str], bytes], now: datetime
) -> str:
    """Check that Amazon sent a message of `topic`; return its type.

    `certificate_of` is asked for one of Amazon's own addresses only.

    Raises:
        NotProven: it is unsigned, forged, stale, or of another topic.
    """
    kind = message.at("Type").text
    if kind not in _SIGNED or not message.at("Signature").text:
        raise NotProven("there is no signature", is_missing=True)
    if message.at("TopicArn").text != topic.arn:
        raise NotProven("the message is of another topic")
    url = message.at("SigningCertURL").text
    if not topic.is_certificate(url):
        raise NotProven("the certificate is not Amazon's")
    _verify(message, kind, certificate_of(url), now)
    try:
        signed = message.at("Timestamp").moment
    except ValueError as reason:
        raise NotProven("the moment of the message cannot be read") from reason
    must_be_fresh(str(signed.timestamp()), now, PATIENCE)
    return kind


def _verify(message: Found, kind: str, certificate: bytes, now: datetime) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    # The other one, 1, signs with SHA-1.
    if message.at("SignatureVersion").text != "2":
        raise NotProven("set SignatureVersion of the topic to 2")
    try:
        read = load_pem_x509_certificate(certificate)
        key = read.public_key()
        signature = base64.b64decode(message.at("Signature").text, validate=True)
        if not isinstance(key, RSAPublicKey):
            raise NotProven("the certificate is not Amazon's")
        if not read.not_valid_before_utc <= now <= read.not_valid_after_utc:
            raise NotProven("the certificate is out of date")
        key.verify(signature, signed_text(message, kind), PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature) as reason:
        raise NotProven("the signature is not right") from reason


def signed_text(message: Found, kind: str) -> bytes:
    """Give what Amazon signs of a message: some fields, each after its name, line by line."""
    names = [name for name in _SIGNED[kind] if message.at(name).value is not None]
    return "".join(f"{name}\n{message.at(name).text}\n" for name in names).encode()
