"""Providers are asked whether they would take our mail, and none is sent."""

import json
from pathlib import Path

import pytest
from fault_server import FaultServer, answering, running_server
from smtp_server import Post, running_smtp
from test_http_providers import OPTIONS, SECRETS

from newsletter.address import parse_address
from newsletter.errors import AccessRefused, NotAccepted, ProviderError
from newsletter.providers.probe import Probeable, Probed
from newsletter.providers.registry import build

SENDER = parse_address("news@ferns.org")
KEYS = {**SECRETS, "SENDGRID_API_KEY": "SG.the-secret-key", "NEWSLETTER_SMTP_PASSWORD": "wrong"}
ACCOUNT = (
    b'{"SendingEnabled": true, "ProductionAccessEnabled": true,'
    b' "SendQuota": {"Max24HourSend": 50000, "SentLast24Hours": 100}}'
)
CALLS = {
    "sendgrid": ("POST /v3/mail/send", 200, b""),
    "ses": ("GET /v2/email/account", 200, ACCOUNT),
    "postmark": ("GET /server", 200, b"{}"),
    "mailgun": ("POST /v3/mg.example.org/messages", 400, b'{"message": "from is missing"}'),
    "resend": ("POST /emails", 422, b'{"name": "missing_required_field"}'),
    "brevo": ("GET /v3/account", 200, b"{}"),
}


def probe(name: str, **options: object) -> Probed:
    provider = build(name, {**OPTIONS.get(name, {}), **options}, KEYS)
    assert isinstance(provider, Probeable)
    try:
        return provider.probe(SENDER)
    finally:
        provider.close()


def asked(server: FaultServer) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


@pytest.mark.parametrize("name", CALLS)
def test_a_good_key_is_told_by_a_call_that_sends_nothing(name: str) -> None:
    call, status, body = CALLS[name]
    with running_server(answering(status, body=body)) as server:
        told = probe(name, host=server.url)
    assert "takes the key" in told.words
    assert asked(server) == [call]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_told_without_showing_it(name: str, status: int) -> None:
    with (
        running_server(answering(status, body=b'{"message": "no"}')) as server,
        pytest.raises(AccessRefused) as caught,
    ):
        probe(name, host=server.url)
    assert "the-secret" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize("name", CALLS)
def test_a_provider_that_is_not_reached_is_no_wrong_key(name: str) -> None:
    with running_server(answering(200)) as server:
        url = server.url
    with pytest.raises(NotAccepted):
        probe(name, host=url)


@pytest.mark.parametrize("name", CALLS)
def test_a_provider_that_is_down_says_nothing_of_the_key(name: str) -> None:
    with (
        running_server(answering(503, body=b"{}")) as server,
        pytest.raises(ProviderError) as caught,
    ):
        probe(name, host=server.url)
    assert not isinstance(caught.value, AccessRefused)


def test_sendgrid_is_asked_in_its_sandbox() -> None:
    with running_server(answering(200)) as server:
        probe("sendgrid", host=server.url)
    (request,) = server.requests
    body = json.loads(request.body)
    assert body["mail_settings"] == {"sandbox_mode": {"enable": True}}
    assert body["from"] == {"email": "news@ferns.org"}


def test_an_smtp_server_lets_us_in_and_gets_no_message() -> None:
    post = Post()
    with running_smtp(post) as port:
        told = probe("smtp", host="127.0.0.1", port=port, security="none")
    assert told.words == "the SMTP server lets us in"
    assert (post.tried, post.arrived) == ([], [])


def test_an_smtp_server_that_cannot_encrypt_is_told() -> None:
    with running_smtp(Post()) as port, pytest.raises(AccessRefused):
        probe("smtp", host="127.0.0.1", port=port, security="starttls")


def test_the_outbox_is_tried_by_a_file_that_is_gone_again(tmp_path: Path) -> None:
    probe("outbox", folder=str(tmp_path / "outbox"))
    assert list((tmp_path / "outbox").iterdir()) == []
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(AccessRefused):
        probe("outbox", folder=str(tmp_path / "file"))
