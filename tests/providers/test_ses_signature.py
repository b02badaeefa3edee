"""Signatures, held against the examples that AWS publishes (its test suite of Signature V4)."""

from datetime import UTC, datetime

import pytest

from newsletter.providers.ses_signature import Call, Credentials, Scope, signed_headers

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
EXAMPLE, LENT = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "lent-for-an-hour"
KEY = Credentials(key_id="AKIDEXAMPLE", secret=EXAMPLE)
HOST = {"host": "example.amazonaws.com"}
FORM = {**HOST, "content-type": "application/x-www-form-urlencoded"}

EXAMPLES = {
    "get-vanilla": (
        Call("GET", "/", HOST, b""),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "post-vanilla": (
        Call("POST", "/", HOST, b""),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "post-x-www-form-urlencoded": (
        Call("POST", "/", FORM, b"Param1=value1"),
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "get-header-value-trim": (
        Call("GET", "/", {**HOST, "my-header1": " value1", "my-header2": ' "a   b   c"'}, b""),
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
}


@pytest.mark.parametrize(("call", "signature"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_call_is_signed_as_aws_signs_it(call: Call, signature: str) -> None:
    headers = signed_headers(call, KEY, Scope("us-east-1", "service"), NOW)

    names = ";".join(sorted({*call.headers, "x-amz-date"}))
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
        f" SignedHeaders={names}, Signature={signature}"
    )


def test_temporary_credentials_show_their_token_and_sign_it() -> None:
    temporary = Credentials(key_id="A", secret=EXAMPLE, token=LENT)
    headers = signed_headers(EXAMPLES["get-vanilla"][0], temporary, Scope("r", "ses"), NOW)

    assert headers["x-amz-security-token"] == LENT
    assert "x-amz-security-token" in headers["authorization"]


def test_credentials_show_no_secret() -> None:
    assert EXAMPLE not in repr(KEY)
    assert LENT not in repr(Credentials(key_id="A", secret=EXAMPLE, token=LENT))
