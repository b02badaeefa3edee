import inspect
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fault_server import (
    Behaviour,
    FaultServer,
    answering,
    behave,
    close_after_reading,
    cut_answer,
    cut_status_line,
    errors,
    garbage,
    hang,
    redirecting,
    reset_after_reading,
    reset_before_reading,
    running_server,
    staying_open,
)
from hypothesis import given
from hypothesis import strategies as st
from ports import free_port
from provider_samples import DOCUMENT, ENVELOPE, batch, recipient
from python_http_client import exceptions

from newsletter.errors import (
    AccessRefused,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.message.frozen import Attachment, Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.account import Account
from newsletter.providers.answer import Answer, error_of
from newsletter.providers.registry import build
from newsletter.providers.sendgrid import SendGridProvider
from newsletter.providers.sendgrid_answer import SENDGRID
from newsletter.providers.sendgrid_body import BodyTemplate
from newsletter.providers.sendgrid_document import sendgrid_name, sendgrid_names, tags_of

KEY = "SG.the-secret-key"
TWO = batch(recipient(0, "Ada"), recipient(1, "Bob"))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_server() as running:
        yield running


def provider_at(url: str, *, timeout: float = 5.0) -> SendGridProvider:
    return SendGridProvider(Account(key=KEY, host=url, timeout=timeout, batch_size=1000))


# What each answer means ---------------------------------------------------------------------

MEANINGS: dict[str, tuple[Behaviour, type[ProviderError]]] = {
    "200, which is not 202": (answering(200), OutcomeUnknown),
    "201": (answering(201), OutcomeUnknown),
    "204": (answering(204), OutcomeUnknown),
    "301 to a place that says 200": (redirecting(301), AccessRefused),
    "302 to a place that says 200": (redirecting(302), AccessRefused),
    "303 to a place that says 200": (redirecting(303), OutcomeUnknown),
    "307 to a place that says 200": (redirecting(307), AccessRefused),
    "308 to a place that says 200": (redirecting(308), AccessRefused),
    "400": (answering(400, body=errors("bad")), Rejected),
    "400 without a word": (answering(400), Rejected),
    "400 of a proxy": (answering(400, body=b"<html>Bad Request</html>"), Rejected),
    "401": (answering(401, body=errors("no")), AccessRefused),
    "403": (answering(403, body=errors("no")), AccessRefused),
    "404": (answering(404), AccessRefused),
    "405": (answering(405), AccessRefused),
    "408": (answering(408), NotAccepted),
    "413": (answering(413), Rejected),
    "415": (answering(415), Rejected),
    "429": (answering(429), Throttled),
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


@pytest.mark.parametrize(("behaviour", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_every_answer_means_exactly_one_outcome_and_nothing_is_tried_twice(
    server: FaultServer, behaviour: Behaviour, meaning: type[ProviderError]
) -> None:
    server.script = [behaviour]

    with pytest.raises(ProviderError) as caught:
        provider_at(server.url).send(TWO)

    assert type(caught.value) is meaning
    assert len(server.requests) == 1
    assert not server.accepted


def test_an_answer_that_never_comes_leaves_the_whole_batch_unsure(server: FaultServer) -> None:
    server.script = [hang]
    began = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        provider_at(server.url, timeout=0.2).send(TWO)

    assert time.monotonic() - began < 5
    assert len(server.requests) == 1


def test_a_refused_connection_was_surely_not_sent() -> None:
    port = free_port()

    with pytest.raises(NotAccepted, match="not reached"):
        provider_at(f"http://127.0.0.1:{port}").send(TWO)


def test_a_host_without_an_address_was_surely_not_reached() -> None:
    with pytest.raises(NotAccepted):
        provider_at("http://no-such-host.invalid").send(TWO)


def test_a_reset_before_the_request_was_read_is_never_taken_for_accepted(
    server: FaultServer,
) -> None:
    server.script = [reset_before_reading]

    with pytest.raises((NotAccepted, OutcomeUnknown)):
        provider_at(server.url).send(TWO)


def test_a_request_that_could_not_be_written_whole_was_surely_not_sent(
    server: FaultServer,
) -> None:
    large = replace(DOCUMENT, html=Frozen(("x" * 12_000_000,)))
    server.script = [reset_before_reading]

    with pytest.raises(NotAccepted):
        provider_at(server.url).send(batch(recipient(0), document=large))


VENDOR_ERRORS = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, exceptions.HTTPError)
]


@pytest.mark.parametrize("kind", VENDOR_ERRORS)
def test_every_error_of_the_package_has_a_meaning(
    server: FaultServer, kind: type[exceptions.HTTPError]
) -> None:
    status = next((s for s, each in exceptions.err_dict.items() if each is kind), 502)
    server.script = [answering(status)]

    with pytest.raises(ProviderError) as caught:
        provider_at(server.url).send(TWO)

    assert type(caught.value) is type(error_of(Answer(status, {}, b""), SENDGRID))


@given(st.integers(100, 999).filter(lambda status: status != 202))
def test_only_4xx_and_redirects_are_ever_called_surely_not_sent(status: int) -> None:
    unsure = isinstance(error_of(Answer(status, {}, b""), SENDGRID), OutcomeUnknown)

    assert unsure or 400 <= status < 500 or status in {301, 302, 307, 308}


@given(st.binary(), st.integers(400, 599))
def test_no_body_of_an_answer_can_break_the_reading_of_it(body: bytes, status: int) -> None:
    assert error_of(Answer(status, {}, body), SENDGRID).problem


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        (
            {
                "Retry-After": "Sun, 01 Mar 2026 09:30:20 GMT",
                "Date": "Sun, 01 Mar 2026 09:30:00 GMT",
            },
            20.0,
        ),
        ({"X-RateLimit-Reset": "1772357430", "Date": "Sun, 01 Mar 2026 09:30:00 GMT"}, 30.0),
        ({"X-RateLimit-Reset": "1772350000", "Date": "Sun, 01 Mar 2026 09:30:00 GMT"}, 0.0),
        ({"X-RateLimit-Reset": "1772357430500", "Date": "Sun, 01 Mar 2026 09:30:00 GMT"}, 30.5),
        ({"ratelimit-reset": "1"}, 1.0),
        ({"X-RateLimit-Reset": "1772357430"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_as_long_as_sendgrid_asks(
    server: FaultServer, headers: dict[str, str], seconds: float | None
) -> None:
    server.script = [answering(429, headers)]

    with pytest.raises(Throttled) as caught:
        provider_at(server.url).send(TWO)

    assert caught.value.retry_after == seconds


def test_a_refusal_of_one_recipient_does_not_give_up_the_others(server: FaultServer) -> None:
    said = errors("ada@x.org is no address", "personalizations.1.to.0.email")
    server.script = [answering(400, body=said)]

    receipt = provider_at(server.url).send(TWO)

    states = [each.state for each in receipt.outcomes]
    assert states == [DeliveryState.PENDING, DeliveryState.REJECTED]
    assert receipt.outcomes[1].note == "(address) is no address"
    assert type(receipt.stopped_by) is NotAccepted


@pytest.mark.parametrize(
    "field",
    ["personalizations.2.to", "personalizations.-1.to", "subject", None, "personalizations"],
)
def test_a_refusal_that_names_no_recipient_of_ours_rejects_the_request(
    server: FaultServer, field: str | None
) -> None:
    server.script = [answering(400, body=errors("bad", field))]

    with pytest.raises(Rejected):
        provider_at(server.url).send(TWO)


def test_what_sendgrid_says_is_kept_without_addresses(server: FaultServer) -> None:
    server.script = [answering(400, body=errors("no mail for Ada <ada@x.org>\r\n, sorry"))]

    with pytest.raises(Rejected, match=r"no mail for Ada \(address\) , sorry"):
        provider_at(server.url).send(TWO)


# What is sent -------------------------------------------------------------------------------


def test_the_reference_is_the_id_that_the_events_will_begin_with(server: FaultServer) -> None:
    receipt = provider_at(server.url).send(TWO)

    assert [each.reference for each in receipt.outcomes] == ["req1", "req1"]


def test_members_are_known_to_sendgrid_by_opaque_numbers_only(server: FaultServer) -> None:
    provider_at(server.url).send(TWO)

    (body,) = server.accepted
    assert [each["custom_args"] for each in body["personalizations"]] == [
        {"nl_dispatch": ENVELOPE.dispatch, "nl_delivery": "0"},
        {"nl_dispatch": ENVELOPE.dispatch, "nl_delivery": "1"},
    ]
    assert body["categories"] == ["spring-meeting", ENVELOPE.dispatch]


def test_every_kind_of_tracking_is_off(server: FaultServer) -> None:
    provider_at(server.url).send(TWO)

    (body,) = server.accepted
    settings = body["tracking_settings"]
    assert set(settings) >= {"click_tracking", "open_tracking", "subscription_tracking"}
    assert not any(value for each in settings.values() for value in each.values())


def test_a_thousand_members_go_in_one_request_in_their_order(server: FaultServer) -> None:
    provider_at(server.url).send(batch(*(recipient(n, f"M{n}") for n in range(1000))))

    (body,) = server.accepted
    sent = [each["custom_args"]["nl_delivery"] for each in body["personalizations"]]
    assert sent == [str(n) for n in range(1000)]


def test_more_than_sendgrid_takes_is_refused_before_anything_is_sent(server: FaultServer) -> None:
    provider = provider_at(server.url)
    cases = {
        "1 to 1000 recipients": batch(*(recipient(n) for n in range(1001))),
        "10,000": batch(recipient(1, "é" * 5000)),
        "30,000,000": batch(
            recipient(1), document=replace(DOCUMENT, html=Frozen(("x" * 30_000_000,)))
        ),
        "without a subject": batch(recipient(1), document=replace(DOCUMENT, subject=Frozen(("",)))),
        "an HTML part": batch(recipient(1), document=replace(DOCUMENT, html=Frozen(("",)))),
    }

    for reason, impossible in cases.items():
        assert reason in " ".join(provider.refusals(impossible))
        with pytest.raises(Rejected, match=reason):
            provider.send(impossible)
    assert not server.requests


def test_a_document_cannot_hold_the_tags_of_its_own_slots() -> None:
    tags = tags_of(DOCUMENT, ENVELOPE.dispatch)
    spiteful = replace(DOCUMENT, text=replace(DOCUMENT.text, literals=(*tags.values(),)))

    again = tags_of(spiteful, ENVELOPE.dispatch)

    assert not set(tags.values()) & set(again.values())


def test_the_same_batch_is_always_the_same_request() -> None:
    once, twice = (BodyTemplate(ENVELOPE, DOCUMENT).body(batch()) for _ in range(2))

    assert once == twice


# The connection -----------------------------------------------------------------------------


def test_requests_share_a_connection_for_as_long_as_it_lasts(server: FaultServer) -> None:
    server.script = [staying_open(10)]
    provider = provider_at(server.url)
    for number in range(10):
        provider.send(replace(TWO, request=number))
    provider.close()

    assert server.connections == 1
    assert len(server.accepted) == 10


def test_a_connection_that_was_closed_meanwhile_puts_no_request_in_doubt(
    server: FaultServer,
) -> None:
    server.script = [staying_open(1), staying_open(1), staying_open(1)]
    provider = provider_at(server.url)
    for number in range(3):
        receipt = provider.send(replace(TWO, request=number))
        assert {each.state for each in receipt.outcomes} == {DeliveryState.ACCEPTED}
        time.sleep(0.05)  # noqa: TID251 - the close needs a moment to arrive
    provider.close()

    assert server.connections == 3


def test_after_a_broken_connection_the_next_request_gets_a_new_one(server: FaultServer) -> None:
    server.script = [close_after_reading, behave]
    provider = provider_at(server.url)
    with pytest.raises(OutcomeUnknown):
        provider.send(TWO)

    assert provider.send(TWO).outcomes[0].state is DeliveryState.ACCEPTED
    provider.close()


def test_a_proxy_of_the_office_is_asked_for_the_way(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    server.script = [answering(407)]

    with pytest.raises(NotAccepted, match="407"):
        provider_at("https://sendgrid.example").send(TWO)

    (request,) = server.requests
    assert (request.method, request.path) == ("CONNECT", "sendgrid.example:443")
    assert "authorization" not in request.headers


# The key ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "python_http_client", "python_http_client.client"])
def test_the_key_is_in_no_log_record_even_at_debug(
    server: FaultServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    server.script = [answering(500, body=errors("oops")), answering(401), behave]
    provider = provider_at(server.url)
    with caplog.at_level(logging.DEBUG, logger=name or None):
        for failure in (OutcomeUnknown, AccessRefused):
            with pytest.raises(failure):
                provider.send(TWO)
            caplog.set_level(logging.DEBUG, logger=name or None)
        provider.send(TWO)

    everything = " ".join(record.getMessage() for record in caplog.records)
    assert KEY not in everything
    assert "member0" not in everything


@pytest.mark.parametrize("behaviour", [each for each, _ in MEANINGS.values()], ids=MEANINGS)
def test_the_key_is_in_no_error(server: FaultServer, behaviour: Behaviour) -> None:
    server.script = [behaviour]

    with pytest.raises(ProviderError) as caught:
        provider_at(server.url).send(TWO)

    seen: BaseException | None = caught.value
    while seen is not None:
        assert KEY not in f"{seen!r} {seen} {getattr(seen, 'hint', '')}"
        seen = seen.__cause__ or seen.__context__


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\r\nX: y", f"{KEY}é", f"\x00{KEY}"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(Exception, match="SENDGRID_API_KEY") as caught:
        build("sendgrid", {}, {"SENDGRID_API_KEY": key})

    assert "the-secret" not in repr(caught.value)


def test_the_settings_do_not_show_the_key() -> None:
    assert KEY not in repr(Account(key=KEY, host="https://api.example.org", batch_size=1))


def test_files_and_pictures_go_once_a_request() -> None:
    picture = Attachment(name="oak.png", kind="image/png", content=b"x", content_id="oak.png@e.org")
    file = Attachment(name="meeting.ics", kind="text/calendar; charset=utf-8", content=b"y")
    document = replace(DOCUMENT, attachments=(picture, file))
    sent = json.loads(
        b"".join(BodyTemplate(ENVELOPE, document).body(batch(document=document)).pieces)
    )

    assert sent["attachments"] == [
        {
            "content": "eA==",
            "type": "image/png",
            "filename": "oak.png",
            "disposition": "inline",
            "content_id": "oak.png@e.org",
        },
        {
            "content": "eQ==",
            "type": "text/calendar",
            "filename": "meeting.ics",
            "disposition": "attachment",
        },
    ]


def test_tracking_is_on_where_the_workspace_asks_for_it(server: FaultServer) -> None:
    asked = replace(TWO, envelope=replace(TWO.envelope, tracks_opens=True, tracks_clicks=True))
    provider_at(server.url).send(asked)

    (body,) = server.accepted
    settings = body["tracking_settings"]
    assert settings["open_tracking"] == {"enable": True}
    assert settings["click_tracking"] == {"enable": True, "enable_text": False}
    assert settings["subscription_tracking"] == {"enable": False}


@given(st.lists(st.text("aé,; \xa0\u3000\\\"'<", max_size=8), min_size=1, max_size=6))
def test_names_are_written_at_once_as_each_by_itself(names: list[str]) -> None:
    assert sendgrid_names(names) == [sendgrid_name(each) for each in names]


# What is written before it is sent --------------------------------------------------------------


def test_what_was_prepared_is_sent_to_the_very_same_recipients(server: FaultServer) -> None:
    provider = provider_at(server.url)
    provider.send(TWO)
    provider.prepare(TWO)
    provider.send(replace(TWO, attempt=1))
    first, second = server.accepted
    assert first == second


def test_what_was_prepared_for_others_is_thrown_away(server: FaultServer) -> None:
    provider = provider_at(server.url)
    provider.prepare(TWO)
    provider.send(batch(recipient(7, "Cyd")))
    provider.send(TWO)
    names = [
        [each["to"][0]["name"] for each in request["personalizations"]]
        for request in server.accepted
    ]
    assert names == [["Cyd"], ["Ada", "Bob"]]


def test_what_cannot_be_prepared_is_refused_when_it_is_sent(server: FaultServer) -> None:
    provider = provider_at(server.url)
    broken = batch(recipient(0, "Ada\r\nBcc: eve@example.org"))
    provider.prepare(broken)
    with pytest.raises(Rejected, match="cannot be made"):
        provider.send(broken)
    assert not server.requests


def test_the_time_between_is_used_once_the_whole_request_has_left(server: FaultServer) -> None:
    arrived: list[int] = []

    def meanwhile() -> None:
        for _ in range(500):
            if server.requests:
                break
            server.stopped.wait(0.01)
        arrived.append(len(server.requests))

    provider_at(server.url).send(replace(TWO, meanwhile=meanwhile))
    assert arrived == [1]
