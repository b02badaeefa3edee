"""Signature Version 4, by which AWS knows who calls. Pure.

botocore would do it, too: 16 MB of descriptions of all of AWS, for one header. So this is AWS's
page "Create a signed AWS API request" in code, for requests without a query whose paths need no
escaping; the tests hold it against AWS's own examples.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who calls."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Goes along with temporary credentials; empty for others."""


class Scope(NamedTuple):
    """What a signature is good for, besides its day."""

    region: str
    service: str


class Call(NamedTuple):
    """What is signed."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name, `host` among them."""
    body: bytes


def signed_headers(
    call: Call, credentials: Credentials, scope: Scope, now: datetime
) -> dict[str, str]:
    """Give the headers of `call` and those that sign it at `now`, which is aware and in UTC."""
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    headers = {**call.headers, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            call.method,
            call.path,
            "",
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            names,
            hashlib.sha256(call.body).hexdigest(),
        ]
    )
    place = f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{credentials.secret}".encode()
    for part in place.split("/"):
        key = _mac(key, part)
    signature = _mac(key, f"{_ALGORITHM}\n{moment}\n{place}\n{digest}").hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.key_id}/{place},"
        f" SignedHeaders={names}, Signature={signature}"
    )
    return headers


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
