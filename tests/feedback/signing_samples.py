"""Keys of the tests' own, and requests that are signed with them as providers sign."""

import base64
import datetime as dt
import hmac
import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from newsletter.feedback.payload import Found
from newsletter.feedback.sns import signed_text

ARN = "arn:aws:sns:eu-west-1:123456789012:newsletter"
CERTIFICATE_URL = (
    "https://sns.eu-west-1.amazonaws.com/"
    "SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests").decode()


@cache
def ecdsa() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def verification_key() -> str:
    """The public key as SendGrid shows it: base64 without its frame."""
    der = (
        ecdsa()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


def sendgrid_headers(body: bytes, at: dt.datetime) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    signature = ecdsa().sign(moment.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": moment,
    }


def svix_headers(body: bytes, at: dt.datetime) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    signed = f"msg_1.{moment}.".encode() + body
    digest = hmac.digest(b"a secret of the tests", signed, sha256)
    signature = base64.b64encode(digest).decode()
    return {
        "svix-id": "msg_1",
        "svix-timestamp": moment,
        "svix-signature": f"v1,AAAA v1,{signature}",
    }


def mailgun_signed(event: dict[str, Any], key: str, at: dt.datetime, letter: str = "t") -> bytes:
    moment = str(int(at.timestamp()))
    signature = hmac.digest(key.encode(), (moment + letter * 50).encode(), sha256).hex()
    signed = {"timestamp": moment, "token": letter * 50, "signature": signature}
    return json.dumps({**event, "signature": signed}).encode()


@dataclass(frozen=True)
class AmazonKey:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: bytes


@cache
def amazon(year: int = 2026) -> AmazonKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(year, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(year + 2, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    return AmazonKey(key, made.public_bytes(serialization.Encoding.PEM))


def sns(
    message: object, at: dt.datetime, kind: str = "Notification", **more: str
) -> dict[str, Any]:
    """Make a message of SNS, signed."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    made: dict[str, Any] = {
        "Type": kind,
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "TopicArn": ARN,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": moment,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        **more,
    }
    signature = amazon().key.sign(
        signed_text(Found(made), kind), padding.PKCS1v15(), hashes.SHA256()
    )
    return {**made, "Signature": base64.b64encode(signature).decode()}
