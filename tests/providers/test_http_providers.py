"""The providers over HTTP: what each answer means, what is refused, what they are told."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import api_servers
import pytest
from fault_server import (
    Behaviour,
    FaultServer,
    answering,
    close_after_reading,
    cut_answer,
    cut_status_line,
    garbage,
    hang,
    redirecting,
    reset_after_reading,
    running_server,
)
from ports import free_port
from provider_samples import DOCUMENT, ENVELOPE, batch, recipient

from newsletter.address import EmailAddress, Mailbox
from newsletter.errors import (
    AccessRefused,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.message.frozen import Attachment, Context, Frozen, Slot
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Provider
from newsletter.providers.registry import build

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "the-secret-key",
    "POSTMARK_SERVER_TOKEN": "the-secret-token",
    "MAILGUN_API_KEY": "the-secret-key",
    "RESEND_API_KEY": "re_the-secret-key",
    "BREVO_API_KEY": "xkeysib-the-secret-key",
}
SERVERS: dict[str, Behaviour] = {
    "ses": api_servers.ses,
    "postmark": api_servers.postmark,
    "mailgun": api_servers.mailgun,
    "resend": api_servers.resend,
    "brevo": api_servers.brevo,
}
OPTIONS: dict[str, dict[str, object]] = {
    "ses": {"region": "eu-west-1"},
    "mailgun": {"domain": "mg.example.org"},
}
PENDING, ACCEPTED = DeliveryState.PENDING, DeliveryState.ACCEPTED
REJECTED, UNSURE = DeliveryState.REJECTED, DeliveryState.UNSURE
# Without a brace: Brevo would read two of them.
PLAIN = replace(DOCUMENT, text=Frozen(("Dear ", "."), (Slot("first_name", Context.PLAIN, "you"),)))
ONE = batch(recipient(0, "Ada"), document=PLAIN)
TWO = batch(recipient(0, "Ada"), recipient(1, "Bob"), document=PLAIN)


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(name: str) -> Iterator[FaultServer]:
    with running_server(SERVERS[name]) as running:
        yield running


def provider_at(name: str, url: str, **options: object) -> Provider:
    return build(name, {"host": url, **OPTIONS.get(name, {}), **options}, SECRETS)


def said(*, code: int = 300) -> bytes:
    """Say no in the words of all of them."""
    return json.dumps({"message": "no", "Message": "no", "ErrorCode": code}).encode()


MEANINGS: dict[str, tuple[Behaviour, type[ProviderError]]] = {
    "200 without a word": (answering(200), OutcomeUnknown),
    "201 without a word": (answering(201), OutcomeUnknown),
    "200 of a proxy": (answering(200, body=b"<html>Welcome</html>"), OutcomeUnknown),
    "200 with less than was asked": (answering(200, body=b'{"data": []}'), OutcomeUnknown),
    "202": (answering(202, body=b"{}"), OutcomeUnknown),
    "204": (answering(204), OutcomeUnknown),
    "301 to a place that says 200": (redirecting(301), AccessRefused),
    "302 to a place that says 200": (redirecting(302), AccessRefused),
    "303 to a place that says 200": (redirecting(303), OutcomeUnknown),
    "307 to a place that says 200": (redirecting(307), AccessRefused),
    "308 to a place that says 200": (redirecting(308), AccessRefused),
    "400": (answering(400, body=said()), Rejected),
    "400 without a word": (answering(400), Rejected),
    "400 of a proxy": (answering(400, body=b"<html>Bad Request</html>"), Rejected),
    "401": (answering(401, body=said(code=10)), AccessRefused),
    "402": (answering(402), AccessRefused),
    "403": (answering(403), AccessRefused),
    "404": (answering(404), AccessRefused),
    "408": (answering(408), NotAccepted),
    "413": (answering(413), Rejected),
    "422": (answering(422, body=said()), Rejected),
    "429": (answering(429, {"Retry-After": "7"}), Throttled),
    "500": (answering(500), OutcomeUnknown),
    "502": (answering(502), OutcomeUnknown),
    "503": (answering(503), OutcomeUnknown),
    "504": (answering(504), OutcomeUnknown),
    "a reset once the request was read": (reset_after_reading, OutcomeUnknown),
    "a close once the request was read": (close_after_reading, OutcomeUnknown),
    "garbage": (garbage, OutcomeUnknown),
    "an answer cut off in its body": (cut_answer, OutcomeUnknown),
    "an answer cut off in its first line": (cut_status_line, OutcomeUnknown),
}


def meaning_of(send: Callable[[], object]) -> type[Exception]:
    """Give the error, whether it was raised or stands in the receipt of single messages."""
    try:
        receipt = send()
    except ProviderError as error:
        return type(error)
    (outcome,) = receipt.outcomes
    expected = UNSURE if type(receipt.stopped_by) is OutcomeUnknown else REJECTED
    assert outcome.state is expected
    return Rejected if expected is REJECTED else OutcomeUnknown


@pytest.mark.parametrize(("behaviour", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_every_answer_means_exactly_one_outcome_and_nothing_is_tried_twice(
    name: str, server: FaultServer, behaviour: Behaviour, meaning: type[ProviderError]
) -> None:
    server.script = [behaviour]
    provider = provider_at(name, server.url)

    assert meaning_of(lambda: provider.send(ONE)) is meaning

    provider.close()
    assert len(server.requests) == 1
    assert not server.accepted


def test_an_answer_that_never_comes_leaves_the_message_unsure(
    name: str, server: FaultServer
) -> None:
    server.script = [hang]
    began = time.monotonic()

    provider = provider_at(name, server.url, timeout=0.2)

    assert meaning_of(lambda: provider.send(ONE)) is OutcomeUnknown
    assert time.monotonic() - began < 5
    assert len(server.requests) == 1


def test_a_refused_connection_was_surely_not_sent(name: str) -> None:
    port = free_port()

    with pytest.raises(NotAccepted, match="not reached"):
        provider_at(name, f"http://127.0.0.1:{port}").send(ONE)


def test_a_pause_is_as_long_as_the_provider_asks(name: str, server: FaultServer) -> None:
    server.script = [answering(429, {"Retry-After": "7"})]

    with pytest.raises(Throttled) as caught:
        provider_at(name, server.url).send(ONE)

    assert caught.value.retry_after == 7


def test_requests_share_a_connection(name: str, server: FaultServer) -> None:
    provider = provider_at(name, server.url)
    for number in range(10):
        provider.send(replace(ONE, request=number))
    provider.close()

    assert server.connections == 1
    assert len(server.accepted) == 10


def test_neither_key_nor_address_is_in_a_log_record_or_an_error(
    name: str, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [answering(500, body=said()), answering(401), answering(400)]
    provider = provider_at(name, server.url)
    seen = []
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            try:
                seen.append(repr(provider.send(ONE)))
            except ProviderError as error:
                seen.append(f"{error!r} {error.hint} {error.__cause__!r}")
    provider.close()

    everything = " ".join([*(record.getMessage() for record in caplog.records), *seen])
    assert "the-secret" not in everything
    assert "member0" not in everything


def test_members_are_known_by_opaque_numbers_only(name: str, server: FaultServer) -> None:
    provider = provider_at(name, server.url)
    provider.send(TWO)
    provider.close()

    told = [
        {
            "ses": lambda each: {t["Name"]: t["Value"] for t in each["tags"]},
            "postmark": lambda each: each["Metadata"],
            "mailgun": lambda each: {
                "nl_dispatch": each["v:nl_dispatch"],
                "nl_request": each["v:nl_request"],
                "nl_delivery": each["own"]["nl_delivery"],
            },
            "resend": lambda each: {t["name"]: t["value"] for t in each["tags"]},
            "brevo": lambda each: dict(
                pair.split(":") for pair in each["headers"]["X-Mailin-custom"].split("|")
            ),
        }[name](each)
        for each in server.accepted
    ]
    assert told == [
        {"nl_dispatch": ENVELOPE.dispatch, "nl_request": "3", "nl_delivery": str(n)}
        for n in range(2)
    ]


LARGEST = {"postmark": 500, "mailgun": 1000, "resend": 100, "brevo": 1000}


def test_as_many_as_the_provider_takes_go_in_one_request(name: str, server: FaultServer) -> None:
    most = LARGEST.get(name, 20)
    provider = provider_at(name, server.url)

    receipt = provider.send(batch(*(recipient(n, f"M{n}") for n in range(most)), document=PLAIN))
    provider.close()

    assert [each.state for each in receipt.outcomes] == [ACCEPTED] * most
    assert len(server.requests) == (most if name == "ses" else 1)


@pytest.mark.parametrize("name", LARGEST, indirect=True)
def test_more_than_the_provider_takes_is_refused(name: str, server: FaultServer) -> None:
    most = LARGEST[name]
    sent = batch(*(recipient(n) for n in range(most + 1)), document=PLAIN)
    provider = provider_at(name, server.url)

    assert f"1 to {most} recipients" in " ".join(provider.refusals(sent))
    with pytest.raises(Rejected, match=f"not {most + 1}"):
        provider.send(sent)
    assert not server.requests


@pytest.mark.parametrize("name", LARGEST, indirect=True)
@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_a_message_without_a_part_is_refused(name: str, server: FaultServer, part: str) -> None:
    sent = replace(ONE, document=replace(PLAIN, **{part: Frozen(("",))}))

    assert "without a subject" in " ".join(provider_at(name, server.url).refusals(sent))


def test_a_message_that_is_too_large_is_refused(name: str, server: FaultServer) -> None:
    sent = replace(ONE, document=replace(PLAIN, html=Frozen(("x" * 41_000_000,))))

    assert "bytes" in " ".join(provider_at(name, server.url).refusals(sent))


def test_the_same_batch_is_always_the_same_request(name: str, server: FaultServer) -> None:
    if name == "ses":
        return  # it is signed for its moment
    for _ in range(2):
        provider = provider_at(name, server.url)
        provider.send(TWO)
        provider.close()

    first, second = server.requests
    assert (first.body, first.headers) == (second.body, second.headers)


FILE = Attachment(name="meeting.ics", kind="text/calendar; charset=utf-8", content=b"y")
PICTURE = Attachment(name="oak.png", kind="image/png", content=b"x", content_id="oak.png@e.org")


@pytest.mark.parametrize(("file", "kind"), [(FILE, "file"), (PICTURE, "picture")])
def test_what_a_provider_says_of_files_is_what_it_refuses(
    name: str, server: FaultServer, file: Attachment, kind: str
) -> None:
    sent = replace(ONE, document=replace(PLAIN, attachments=(file,)))
    provider = provider_at(name, server.url)
    able = provider.capabilities.carries_files
    if kind == "picture":
        able = able and provider.capabilities.shows_files_within

    assert (provider.refusals(sent) == ()) is able


def test_files_go_along(name: str, server: FaultServer) -> None:
    carried = {
        "ses": lambda each: b"meeting.ics" in each["octets"],
        "postmark": lambda each: each["Attachments"][0]["Content"] == "eQ==",
        "mailgun": lambda each: each["attachment"] == "y",
        "brevo": lambda each: each["attachment"] == [{"name": "meeting.ics", "content": "eQ=="}],
    }
    if name not in carried:
        return
    provider = provider_at(name, server.url)
    provider.send(replace(ONE, document=replace(PLAIN, attachments=(FILE,))))
    provider.close()

    (accepted,) = server.accepted
    assert carried[name](accepted)


# Postmark ------------------------------------------------------------------------------------


def postmark_says(*codes: int) -> Behaviour:
    said = [{"ErrorCode": code, "Message": "m", "MessageID": "i"} for code in codes]
    return answering(200, body=json.dumps(said).encode())


@pytest.mark.parametrize("name", ["postmark"], indirect=True)
@pytest.mark.parametrize(
    ("codes", "states", "stop"),
    [
        ((0, 0), [ACCEPTED, ACCEPTED], None),
        ((0, 406), [ACCEPTED, REJECTED], None),
        ((300, 0), [REJECTED, ACCEPTED], None),
        ((0, 405), [ACCEPTED, PENDING], AccessRefused),
        ((0, 429), [ACCEPTED, PENDING], Throttled),
        ((100, 0), [PENDING, ACCEPTED], NotAccepted),
        ((406, 406), [REJECTED, REJECTED], None),
    ],
)
def test_postmark_tells_of_each_message(
    name: str,
    server: FaultServer,
    codes: tuple[int, ...],
    states: list[DeliveryState],
    stop: type[ProviderError] | None,
) -> None:
    server.script = [postmark_says(*codes)]

    receipt = provider_at(name, server.url).send(TWO)

    assert [each.state for each in receipt.outcomes] == states
    assert type(receipt.stopped_by) is (stop or type(None))


@pytest.mark.parametrize("name", ["postmark"], indirect=True)
@pytest.mark.parametrize(
    ("behaviour", "meaning"),
    [
        (postmark_says(0), OutcomeUnknown),
        (postmark_says(0, 0, 0), OutcomeUnknown),
        (postmark_says(412, 412), AccessRefused),
        (answering(200, body=b'[{"ErrorCode": 0}, 3]'), OutcomeUnknown),
        (answering(422, body=said(code=405)), AccessRefused),
        (answering(422, body=said(code=1235)), AccessRefused),
        (answering(422, body=said(code=402)), Rejected),
        (answering(422, body=said(code=429)), Throttled),
    ],
)
def test_postmark_may_tell_of_the_whole_request(
    name: str, server: FaultServer, behaviour: Behaviour, meaning: type[ProviderError]
) -> None:
    server.script = [behaviour]

    with pytest.raises(ProviderError) as caught:
        provider_at(name, server.url).send(TWO)

    assert type(caught.value) is meaning


# Resend and Brevo ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["resend"], indirect=True)
@pytest.mark.parametrize(
    ("status", "kind", "meaning"),
    [
        (409, "invalid_idempotent_request", OutcomeUnknown),
        (409, "concurrent_idempotent_requests", OutcomeUnknown),
        (429, "rate_limit_exceeded", Throttled),
        (429, "daily_quota_exceeded", AccessRefused),
        (429, "monthly_quota_exceeded", AccessRefused),
        (422, "validation_error", Rejected),
        (403, "invalid_from_address", AccessRefused),
    ],
)
def test_resend_names_its_errors(
    name: str, server: FaultServer, status: int, kind: str, meaning: type[ProviderError]
) -> None:
    server.script = [answering(status, body=json.dumps({"name": kind, "message": "m"}).encode())]

    with pytest.raises(ProviderError) as caught:
        provider_at(name, server.url).send(TWO)

    assert type(caught.value) is meaning


@pytest.mark.parametrize("name", ["resend"], indirect=True)
def test_resend_takes_no_punctuation_in_the_name_of_the_sender(
    name: str, server: FaultServer
) -> None:
    sender = Mailbox(EmailAddress("news@society.example.org"), "Meridian Society, Inc.")
    sent = replace(ONE, envelope=replace(ENVELOPE, sender=sender))

    assert "change `name` of [sender]" in " ".join(provider_at(name, server.url).refusals(sent))


KEYS: dict[str, Callable[[FaultServer, int], str]] = {
    "resend": lambda server, at: server.requests[at].headers["idempotency-key"],
    "brevo": lambda server, at: json.loads(server.requests[at].body)["headers"]["idempotencyKey"],
}


@pytest.mark.parametrize("name", KEYS, indirect=True)
def test_a_key_is_that_of_the_attempt(name: str, server: FaultServer) -> None:
    provider = provider_at(name, server.url)
    for sent in (ONE, ONE, replace(ONE, attempt=2), replace(ONE, request=4)):
        provider.send(sent)
    provider.close()

    first, again, later, other = (KEYS[name](server, at) for at in range(4))
    assert first == again
    assert len({first, later, other}) == 3
    assert provider.capabilities.remembers_keys


@pytest.mark.parametrize("name", ["brevo"], indirect=True)
def test_a_request_that_brevo_had_before_is_not_called_anything(
    name: str, server: FaultServer
) -> None:
    body = json.dumps({"code": "duplicate_parameter", "message": "m"}).encode()
    server.script = [answering(400, body=body)]

    with pytest.raises(OutcomeUnknown, match="same key"):
        provider_at(name, server.url).send(TWO)


@pytest.mark.parametrize("name", ["brevo"], indirect=True)
@pytest.mark.parametrize(("file", "able"), [("a.ics", True), ("A.PDF", True), ("a.svg", False)])
def test_brevo_takes_the_files_that_it_knows_by_name(
    name: str, server: FaultServer, file: str, *, able: bool
) -> None:
    document = replace(PLAIN, attachments=(replace(FILE, name=file),))
    refusals = provider_at(name, server.url).refusals(replace(ONE, document=document))

    assert (refusals == ()) is able


# Mailgun -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mailgun"], indirect=True)
@pytest.mark.parametrize(
    "text", ["%recipient.name%", "%RECIPIENT_email%", "%unsubscribe_url%", "%tag_unsubscribe_url%"]
)
def test_what_mailgun_fills_by_itself_is_refused_wherever_it_stands(
    name: str, server: FaultServer, text: str
) -> None:
    provider = provider_at(name, server.url)
    written = replace(ONE, document=replace(PLAIN, html=Frozen((f"<p>{text}</p>",))))

    assert "by itself" in " ".join(provider.refusals(written))
    value = batch(recipient(0, text), document=PLAIN)
    assert "a value of delivery 0" in " ".join(provider.refusals(value))


@pytest.mark.parametrize("name", ["mailgun"], indirect=True)
def test_mailgun_uses_the_domain_of_the_sender_where_none_is_set(
    name: str, server: FaultServer
) -> None:
    server.script = [answering(404)]

    with pytest.raises(AccessRefused):
        provider_at(name, server.url, domain="").send(ONE)

    assert server.requests[0].path == "/v3/society.example.org/messages"


# Amazon SES ----------------------------------------------------------------------------------


def ses_says(kind: str, message: str = "m", status: int = 400) -> Behaviour:
    body = json.dumps({"message": message}).encode()
    return answering(status, {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/"}, body)


@pytest.mark.parametrize("name", ["ses"], indirect=True)
@pytest.mark.parametrize(
    ("behaviour", "meaning"),
    [
        (ses_says("MessageRejected", "Email address is not verified."), AccessRefused),
        (ses_says("MailFromDomainNotVerifiedException"), AccessRefused),
        (ses_says("SendingPausedException"), AccessRefused),
        (ses_says("AccountSuspendedException"), AccessRefused),
        (ses_says("NotFoundException", status=404), AccessRefused),
        (ses_says("ExpiredTokenException", status=403), AccessRefused),
        (ses_says("TooManyRequestsException", "Maximum sending rate", 429), Throttled),
        (ses_says("TooManyRequestsException", "Daily message quota", 429), AccessRefused),
        (ses_says("LimitExceededException", "Maximum sending rate exceeded."), Throttled),
    ],
)
def test_ses_names_its_errors(
    name: str, server: FaultServer, behaviour: Behaviour, meaning: type[ProviderError]
) -> None:
    server.script = [behaviour]

    with pytest.raises(ProviderError) as caught:
        provider_at(name, server.url).send(TWO)

    assert type(caught.value) is meaning


@pytest.mark.parametrize("name", ["ses"], indirect=True)
@pytest.mark.parametrize(
    ("second", "states", "stop"),
    [
        (ses_says("MessageRejected", "virus"), [ACCEPTED, REJECTED, ACCEPTED], None),
        (ses_says("BadRequestException"), [ACCEPTED, REJECTED, ACCEPTED], None),
        (answering(500), [ACCEPTED, UNSURE, PENDING], OutcomeUnknown),
        (close_after_reading, [ACCEPTED, UNSURE, PENDING], OutcomeUnknown),
        (answering(429), [ACCEPTED, PENDING, PENDING], Throttled),
        (answering(403), [ACCEPTED, PENDING, PENDING], AccessRefused),
    ],
)
def test_each_message_through_ses_has_an_outcome_of_its_own(
    name: str,
    server: FaultServer,
    second: Behaviour,
    states: list[DeliveryState],
    stop: type[ProviderError] | None,
) -> None:
    server.script = [answering(200, body=b'{"MessageId": "1"}'), second]
    sent = batch(*(recipient(n, f"M{n}") for n in range(3)), document=PLAIN)
    provider = provider_at(name, server.url)

    receipt = provider.send(sent)
    provider.close()

    assert [each.state for each in receipt.outcomes] == states
    assert type(receipt.stopped_by) is (stop or type(None))


@pytest.mark.parametrize("name", ["ses"], indirect=True)
def test_a_configuration_set_goes_along_where_it_is_wanted(name: str, server: FaultServer) -> None:
    provider = provider_at(name, server.url, configuration_set="newsletters")
    provider.send(ONE)
    provider.close()

    assert json.loads(server.requests[0].body)["ConfigurationSetName"] == "newsletters"
