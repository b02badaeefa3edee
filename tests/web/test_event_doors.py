"""Events that providers post, over real HTTP and in the ledger."""

import base64
import datetime as dt
import ssl
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from certificates import write_certificate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from public_samples import Society, key, sending
from web_samples import Answer, society

sys.path.insert(0, str(Path(__file__).parents[1] / "feedback"))

import signing_samples as signing
from told_samples import body, brevo, mailgun, postmark, resend, sendgrid, ses

from newsletter.audience.exclusion import SuppressionReason
from newsletter.clock import SystemClock
from newsletter.feedback.payload import Reading
from newsletter.feedback.policy import Policy
from newsletter.feedback.proof import NotProven, Told
from newsletter.feedback.sns import Topic
from newsletter.ledger.database import open_ledger
from newsletter.ledger.dispatches import list_dispatches
from newsletter.ledger.stages import Tally, tally
from newsletter.message.token import verify
from newsletter.web.amazon import Amazon, Unreachable, fetch
from newsletter.web.events import MOST_BYTES, Entrance, Reception, entrances

CLOCK = SystemClock()
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
PASSWORD = "a password of the tests"  # noqa: S105 - of nobody


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Society]:
    """A society that SendGrid and Postmark tell what became of its messages."""
    folder = society(tmp_path_factory.mktemp("told") / "society")
    with (folder / "newsletter.toml").open("a") as file:
        file.write(f'\n[feedback]\nsendgrid_key = "{signing.verification_key()}"\n')
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NEWSLETTER_EVENTS_POSTMARK", PASSWORD)
        with sending(folder) as found:
            yield found


def post(
    told: Society, path: str, sent: bytes, headers: dict[str, str], method: str = "POST"
) -> Answer:
    connection = HTTPConnection("127.0.0.1", told.program.port, timeout=30)
    try:
        connection.request(method, path, body=sent, headers=headers)
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read().decode())
    finally:
        connection.close()


def signed(told: Society, *events: dict[str, Any]) -> Answer:
    sent = body(list(events)) + b"\r\n"
    headers = signing.sendgrid_headers(sent, CLOCK.now())
    return post(told, "/events/sendgrid", sent, headers)


def ours(told: Society) -> tuple[str, dict[str, str]]:
    address, token = told.somebody()
    ref, delivery = verify(key(), token)
    return address, {"nl_dispatch": ref, "nl_delivery": str(delivery)}


def tallied(told: Society) -> Tally:
    (dispatch,) = [each for each in list_dispatches(told.ledger) if each.kind == "issue"]
    with told.ledger.read() as connection:
        return tally(connection, dispatch.id)


def test_signed_events_come_into_the_ledger_once(receiving: Society) -> None:
    address, names = ours(receiving)
    before = tallied(receiving)
    events = [sendgrid("processed", **names), sendgrid("delivered", **names)]
    assert (signed(receiving, *events).status, signed(receiving, *events).body) == (200, "0 new\n")
    complaint = {**sendgrid("spamreport", **names), "sg_event_id": "another"}
    assert signed(receiving, complaint, *events).body == "1 new\n"
    after = tallied(receiving)
    assert after.complained == before.complained + 1
    assert after.accepted == before.accepted + 1
    assert receiving.reason(address) is SuppressionReason.COMPLAINT


def test_a_password_in_the_url_is_proof_for_postmark(receiving: Society) -> None:
    address, names = ours(receiving)
    sent = body(postmark("Bounce", Type="HardBounce", Metadata=names))
    word = base64.b64encode(f"newsletter:{PASSWORD}".encode()).decode()
    assert post(receiving, "/events/postmark", sent, {}).status == 401
    wrong = {"Authorization": "Basic bm86bm8="}
    assert post(receiving, "/events/postmark", sent, wrong).status == 403
    assert receiving.reason(address) is None
    good = {"Authorization": f"Basic {word}"}
    answer = post(receiving, "/events/postmark", sent, good)
    assert (answer.status, answer.body) == (200, "1 new\n")
    assert receiving.reason(address) is SuppressionReason.HARD_BOUNCE


def test_unsigned_forged_and_stale_requests_change_nothing(receiving: Society) -> None:
    address, names = ours(receiving)
    sent = body([sendgrid("bounce", **names)])
    now = CLOCK.now()
    before = tallied(receiving)
    stale = signing.sendgrid_headers(sent, now - dt.timedelta(days=2))
    forged = signing.sendgrid_headers(sent + b" ", now)
    answers = [post(receiving, "/events/sendgrid", sent, each) for each in ({}, stale, forged)]
    assert [each.status for each in answers] == [401, 403, 403]
    assert (tallied(receiving), receiving.reason(address)) == (before, None)


@pytest.mark.parametrize("path", ["/events/mailgun", "/events/", "/events/else", "/events/a/b"])
def test_who_is_not_expected_finds_nothing(receiving: Society, path: str) -> None:
    assert post(receiving, path, b"[]", {}).status == 404


def test_events_are_posted_only_and_every_answer_has_the_headers_of_all_pages(
    receiving: Society,
) -> None:
    answer = post(receiving, "/events/sendgrid", b"", {}, "GET")
    assert answer.status == 405
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "location" not in answer.headers


def test_a_large_request_is_taken_and_a_huge_one_is_not(receiving: Society) -> None:
    _address, names = ours(receiving)
    many = [sendgrid("deferred", timestamp=1795435200 + at, **names) for at in range(2000)]
    assert signed(receiving, *many).body == "2000 new\n"
    too_much = {"Content-Length": str(MOST_BYTES + 1)}
    assert post(receiving, "/events/sendgrid", b"", too_much).status == 413
    assert post(receiving, "/u/x", b"x" * 20_000, {}).status == 413  # pages stay as they are


def test_what_is_signed_and_no_json_is_told_so(receiving: Society) -> None:
    sent = b"{"
    headers = signing.sendgrid_headers(sent, CLOCK.now())
    assert post(receiving, "/events/sendgrid", sent, headers).status == 400


def test_the_pages_are_there_as_before(receiving: Society) -> None:
    assert receiving.program.ask("/health").body == "ok\n"
    assert receiving.program.ask(f"/u/{receiving.any_token()}").status == 200


# --- Amazon ------------------------------------------------------------------------------------


class Asked:
    """Amazon's host: hands out the certificate and notes what it is asked for."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.urls.append(url)
        return signing.amazon().certificate


def told(message: dict[str, Any]) -> Told:
    return Told(headers={}, body=body(message), at=NOW)


def test_the_certificate_of_amazon_is_fetched_once() -> None:
    asked = Asked()
    amazon = Amazon(Topic(signing.ARN), asked)
    for _ in range(3):
        message = signing.sns(ses("Send"), NOW)
        amazon.check(told(message))
        assert len(amazon.read(body(message)).events) == 1
    assert asked.urls == [signing.CERTIFICATE_URL]


def test_a_subscription_of_our_topic_is_confirmed_and_no_other() -> None:
    asked = Asked()
    amazon = Amazon(Topic(signing.ARN), asked)
    host = "https://sns.eu-west-1.amazonaws.com/"
    good = f"{host}?Action=ConfirmSubscription&TopicArn={signing.ARN}&Token=t"
    message = signing.sns("x", NOW, "SubscriptionConfirmation", SubscribeURL=good)
    amazon.check(told(message))
    assert asked.urls == [signing.CERTIFICATE_URL, good]
    assert amazon.read(body(message)) == Reading()
    bad = signing.sns("x", NOW, "SubscriptionConfirmation", SubscribeURL="https://example.org/")
    with pytest.raises(NotProven, match="elsewhere"):
        amazon.check(told(bad))
    forged = message | {"TopicArn": signing.ARN + "2"}
    with pytest.raises(NotProven, match="another topic"):
        amazon.check(told(forged))
    assert len(asked.urls) == 2


def test_nobody_makes_us_ask_amazon_again_and_again() -> None:
    asked = Asked()
    amazon = Amazon(Topic(signing.ARN), asked)
    urls = [f"{signing.CERTIFICATE_URL[:-36]}{number:032x}.pem" for number in range(10)]
    messages = [signing.sns("x", NOW) | {"SigningCertURL": url, "Message": "y"} for url in urls]
    for message in messages[:5]:
        with pytest.raises(NotProven, match="not right"):
            amazon.check(told(message))
    for message in messages[5:]:
        with pytest.raises(Unreachable, match="too many"):
            amazon.check(told(message))
    assert asked.urls == urls[:5]


@pytest.fixture
def amazon_host(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server over TLS that has one page, and its certificate."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/here?a=b" else 302)
            self.send_header("Location", "/here?a=b")
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

        def log_message(self, *_words: object) -> None:
            """Keep still."""

    certificate = write_certificate(tmp_path / "amazon.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}", certificate
        server.shutdown()
        thread.join()


def test_amazon_is_asked_over_verified_tls_and_no_redirect_is_followed(
    amazon_host: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = amazon_host
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        fetch(f"{url}/here?a=b")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(f"{url}/here?a=b") == b"x" * 65_536  # no more than a certificate can be
    with pytest.raises(Unreachable, match="answered 302"):
        fetch(f"{url}/elsewhere")
    with pytest.raises(Unreachable, match="did not answer"):
        fetch("https://127.0.0.1:1/")


def test_a_message_of_amazon_that_holds_no_event_tells_nothing() -> None:
    amazon = Amazon(Topic(signing.ARN), Asked())
    assert amazon.read(body({"Type": "Notification"})) == Reading(foreign=1)


# --- every provider ----------------------------------------------------------------------------

KEYS = {
    "postmark": PASSWORD,
    "brevo": PASSWORD,
    "mailgun": "a signing key of the tests",
    "resend": signing.SECRET,
}


@pytest.fixture
def reception(tmp_path: Path) -> Iterator[Reception]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    made = entrances({"sendgrid": signing.verification_key(), "ses": signing.ARN}, KEYS)
    amazon = Amazon(Topic(signing.ARN), Asked())
    made["ses"] = Entrance(amazon, amazon.read)
    yield Reception(ledger=ledger, policy=Policy(), entrances=made, clock=CLOCK)
    ledger.close()


def _requests() -> dict[str, Told]:
    """What each provider posts, signed as it signs."""
    bearer = {"authorization": f"Bearer {PASSWORD}"}
    basic = {"authorization": "Basic " + base64.b64encode(f"n:{PASSWORD}".encode()).decode()}
    delivered = body([sendgrid("delivered")])
    bounced = body(resend("email.bounced", bounce={"type": "Permanent"}))
    return {
        "sendgrid": Told(headers=signing.sendgrid_headers(delivered, NOW), body=delivered, at=NOW),
        "ses": told(signing.sns(ses("Send"), NOW)),
        "postmark": Told(headers=basic, body=body(postmark("Delivery")), at=NOW),
        "brevo": Told(headers=bearer, body=body(brevo("delivered")), at=NOW),
        "mailgun": Told(
            headers={},
            body=signing.mailgun_signed(mailgun("delivered"), KEYS["mailgun"], NOW),
            at=NOW,
        ),
        "resend": Told(headers=signing.svix_headers(bounced, NOW), body=bounced, at=NOW),
    }


@pytest.mark.parametrize("provider", sorted(_requests()))
def test_every_provider_is_believed_with_its_own_proof_and_no_other(
    reception: Reception, provider: str
) -> None:
    assert set(reception.entrances) == set(_requests())
    for name, request in _requests().items():
        status, _words = reception.take(provider, request, "")
        if {name, provider} == {"postmark", "brevo"}:
            continue  # they share a secret here
        assert (status == HTTPStatus.OK) == (name == provider), name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(sorted(_requests())),
    st.dictionaries(
        st.sampled_from(
            ["authorization", "svix-id", "svix-timestamp", "svix-signature"]
            + ["x-twilio-email-event-webhook-" + each for each in ("signature", "timestamp")]
        ),
        st.text(max_size=30),
    ),
    st.binary(max_size=60) | st.sampled_from([each.body for each in _requests().values()]),
)
def test_nothing_that_is_sent_breaks_anything_or_gets_in(
    reception: Reception, provider: str, headers: dict[str, str], sent: bytes
) -> None:
    if provider in ("ses", "mailgun") and sent == _requests()[provider].body:
        return  # these carry their signature within
    status, _words = reception.take(provider, Told(headers=headers, body=sent, at=NOW), "")
    assert 400 <= status < 500
