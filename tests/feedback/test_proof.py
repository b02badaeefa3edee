"""Requests prove that a provider made them; nothing else is taken."""

import base64
import datetime as dt
import json
from typing import Any

import pytest
import signing_samples as signing
from told_samples import body, mailgun, sendgrid, ses

from newsletter.errors import SettingsError
from newsletter.feedback.payload import Found
from newsletter.feedback.proof import (
    MailgunSignature,
    NotProven,
    Proof,
    SharedSecret,
    SvixSignature,
    Told,
)
from newsletter.feedback.sendgrid_proof import SendgridSignature
from newsletter.feedback.sns import Topic, check_message

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
BODY = body([sendgrid("delivered")]) + b"\r\n"


def told(headers: dict[str, str], sent: bytes = BODY, at: dt.datetime = NOW) -> Told:
    return Told(headers=headers, body=sent, at=at)


def refused(proof: Proof, request: Told, words: str, *, is_missing: bool = False) -> None:
    with pytest.raises(NotProven, match=words) as doubt:
        proof.check(request)
    assert doubt.value.is_missing is is_missing


def ago(**time: float) -> dt.datetime:
    return NOW - dt.timedelta(**time)


# --- SendGrid ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_sendgrid() -> SendgridSignature:
    return SendgridSignature(signing.verification_key())


@pytest.mark.parametrize("at", [NOW, ago(hours=24), ago(minutes=-4)])
def test_sendgrid_signs_the_moment_and_the_raw_body(
    of_sendgrid: SendgridSignature, at: dt.datetime
) -> None:
    of_sendgrid.check(told(signing.sendgrid_headers(BODY, at)))


@pytest.mark.parametrize("at", [ago(hours=26), ago(minutes=-6)])
def test_a_stale_signature_of_sendgrid_is_refused(
    of_sendgrid: SendgridSignature, at: dt.datetime
) -> None:
    refused(of_sendgrid, told(signing.sendgrid_headers(BODY, at)), "stale")


@pytest.mark.parametrize("sent", [BODY.strip(), BODY + b" ", b"\xff", b""])
def test_another_body_than_sendgrid_signed_is_refused(
    of_sendgrid: SendgridSignature, sent: bytes
) -> None:
    refused(of_sendgrid, told(signing.sendgrid_headers(BODY, NOW), sent), "not right")


@pytest.mark.parametrize("signature", ["A", "not base64!", "é", "AAAA", "=" * 9])
def test_a_broken_signature_is_a_refusal_and_no_fault(
    of_sendgrid: SendgridSignature, signature: str
) -> None:
    headers = signing.sendgrid_headers(BODY, NOW)
    headers["x-twilio-email-event-webhook-signature"] = signature
    refused(of_sendgrid, told(headers), "not right")


def test_a_request_without_a_signature_is_refused(of_sendgrid: SendgridSignature) -> None:
    refused(of_sendgrid, told({}), "no signature", is_missing=True)


@pytest.mark.parametrize("key", ["", "A" * 80, "not a key"])
def test_a_key_that_is_none_is_told_at_once(key: str) -> None:
    with pytest.raises(SettingsError, match="not a verification key"):
        SendgridSignature(key)


# --- Postmark and Brevo ------------------------------------------------------------------------


def basic(words: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(words.encode()).decode()}


PASSWORD = "a password, long: enough ü"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    "headers",
    [
        basic(f"newsletter:{PASSWORD}"),
        basic(f":{PASSWORD}"),
        {"authorization": f"Bearer {PASSWORD}"},
    ],
)
def test_a_shared_secret_is_a_password_or_a_token(headers: dict[str, str]) -> None:
    SharedSecret(PASSWORD).check(told(headers))


@pytest.mark.parametrize(
    "headers",
    [
        basic(PASSWORD),
        basic("newsletter:wrong"),
        {"authorization": "Basic !!!"},
        {"authorization": "Basic"},
        {"authorization": "Bearer wrong"},
        {"authorization": f"bearer{PASSWORD}"},
    ],
)
def test_another_secret_is_refused(headers: dict[str, str]) -> None:
    refused(SharedSecret(PASSWORD), told(headers), "another")


def test_a_request_without_a_secret_is_refused() -> None:
    refused(SharedSecret(PASSWORD), told({}), "no Authorization", is_missing=True)
    assert PASSWORD not in repr(SharedSecret(PASSWORD))


# --- Resend ------------------------------------------------------------------------------------


def test_resend_signs_id_moment_and_body() -> None:
    proof = SvixSignature(signing.SECRET)
    proof.check(told(signing.svix_headers(BODY, NOW)))
    refused(proof, told(signing.svix_headers(BODY, ago(minutes=6))), "stale")
    refused(proof, told(signing.svix_headers(BODY, ago(minutes=-6))), "stale")
    refused(proof, told(signing.svix_headers(BODY, NOW), BODY + b" "), "not right")
    another = signing.svix_headers(BODY, NOW) | {"svix-id": "msg_2"}
    refused(proof, told(another), "not right")
    refused(proof, told({}), "no signature", is_missing=True)
    unreadable = signing.svix_headers(BODY, NOW) | {"svix-timestamp": "now"}
    refused(proof, told(unreadable), "cannot be read")
    never = signing.svix_headers(BODY, NOW) | {"svix-timestamp": "nan"}
    refused(proof, told(never), "stale")
    refused(SvixSignature("no base64"), told(signing.svix_headers(BODY, NOW)), "not right")


# --- Mailgun -----------------------------------------------------------------------------------


def test_mailgun_signs_a_moment_and_a_token() -> None:
    proof = MailgunSignature("key")
    sent = signing.mailgun_signed(mailgun("delivered"), "key", NOW)
    proof.check(told({}, sent))
    proof.check(told({}, sent))  # repeated, as when our answer was lost
    refused(MailgunSignature("other"), told({}, sent), "not right")
    late = signing.mailgun_signed(mailgun("delivered"), "key", ago(hours=8), "u")
    proof.check(told({}, late))
    stale = signing.mailgun_signed(mailgun("delivered"), "key", ago(hours=10), "v")
    refused(proof, told({}, stale), "stale")


def test_a_token_of_mailgun_cannot_be_used_for_another_event() -> None:
    proof = MailgunSignature("key")
    proof.check(told({}, signing.mailgun_signed(mailgun("delivered"), "key", NOW)))
    caught = signing.mailgun_signed(mailgun("complained"), "key", NOW)
    refused(proof, told({}, caught), "used before")


@pytest.mark.parametrize("sent", [b"", b"[]", b"{}", b'{"signature": 7}', body(mailgun("x"))])
def test_what_mailgun_did_not_sign_is_refused(sent: bytes) -> None:
    with pytest.raises(NotProven):
        MailgunSignature("key").check(told({}, sent))


# --- Amazon ------------------------------------------------------------------------------------


def certificate_of(url: str) -> bytes:
    assert url == signing.CERTIFICATE_URL
    return signing.amazon().certificate


def judged(message: dict[str, Any], at: dt.datetime = NOW) -> str:
    return check_message(Found(message), Topic(signing.ARN), certificate_of, at)


def test_amazon_signs_the_fields_of_a_message() -> None:
    assert judged(signing.sns(ses("Send"), NOW)) == "Notification"
    assert judged(signing.sns("hello", NOW, Subject="A subject")) == "Notification"
    asked = {"Token": "t", "SubscribeURL": "u"}
    confirmation = signing.sns("x", NOW, "SubscriptionConfirmation", **asked)
    assert judged(confirmation) == "SubscriptionConfirmation"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Message": "{}"}, "not right"),
        ({"Signature": "A"}, "not right"),
        ({"Signature": ""}, "no signature"),
        ({"Type": "Else"}, "no signature"),
        ({"TopicArn": signing.ARN + "x"}, "another topic"),
        ({"SignatureVersion": "1"}, "SignatureVersion of the topic to 2"),
        ({"SigningCertURL": "https://example.org/x.pem"}, "certificate is not Amazon's"),
        ({"SigningCertURL": signing.CERTIFICATE_URL.replace("https", "http")}, "not Amazon's"),
        ({"SigningCertURL": signing.CERTIFICATE_URL.replace("eu", "us")}, "not Amazon's"),
        (
            {"SigningCertURL": signing.CERTIFICATE_URL.replace("sns.", "a@b.sns.")},
            "not Amazon's",
        ),
        ({"SigningCertURL": signing.CERTIFICATE_URL + "?x"}, "not Amazon's"),
        ({"Timestamp": "yesterday"}, "not right"),
    ],
)
def test_a_message_that_amazon_did_not_sign_is_refused(change: dict[str, str], words: str) -> None:
    with pytest.raises(NotProven, match=words):
        judged(signing.sns(ses("Send"), NOW) | change)


def test_an_old_message_and_an_old_certificate_are_refused() -> None:
    with pytest.raises(NotProven, match="stale"):
        judged(signing.sns(ses("Send"), ago(hours=3)))
    with pytest.raises(NotProven, match="out of date"):
        judged(signing.sns(ses("Send"), ago(days=-900)), ago(days=-900))
    judged(signing.sns(ses("Send"), ago(minutes=59)))


def test_what_is_no_certificate_is_a_refusal() -> None:
    with pytest.raises(NotProven, match="not right"):
        check_message(
            Found(signing.sns(ses("Send"), NOW)), Topic(signing.ARN), lambda _url: b"no", NOW
        )


@pytest.mark.parametrize(
    ("arn", "host"),
    [
        (signing.ARN, "sns.eu-west-1.amazonaws.com"),
        ("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn"),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "sns.us-gov-west-1.amazonaws.com"),
    ],
)
def test_amazon_is_asked_at_the_host_of_the_topic_alone(arn: str, host: str) -> None:
    assert Topic(arn).host == host


def test_only_the_confirmation_of_our_topic_counts() -> None:
    topic = Topic(signing.ARN)
    asked = f"?Action=ConfirmSubscription&TopicArn={signing.ARN}&Token=t"
    assert topic.is_confirmation(f"https://{topic.host}/{asked}")
    assert not topic.is_confirmation(f"https://{topic.host}/{asked}x&TopicArn=other")
    assert not topic.is_confirmation(f"https://example.org/{asked}")
    assert not topic.is_confirmation(f"https://{topic.host}/?Action=Publish&TopicArn={signing.ARN}")


def test_a_request_does_not_show_what_it_holds() -> None:
    assert "secret" not in repr(told({"authorization": "secret"}, b"secret"))
    assert json.loads(BODY)
