"""What providers can be asked besides sending: what they have, hold, and take from us.

Each server answers in the shapes that the provider's page documents.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fault_server import FaultServer, Request, answering, answering_as, running_server
from provider_samples import ENVELOPE, batch, recipient
from test_http_providers import OPTIONS, SECRETS, provider_at

from newsletter.errors import AccessRefused, NotAccepted, ProviderError, Rejected
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Inquiry, Provider, Rationed, Recallable, Traceable
from newsletter.providers.registry import build, names

SINCE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=5)
DISPATCH = ENVELOPE.dispatch
ALL = {**SECRETS, "SENDGRID_API_KEY": "SG.the-secret-key"}
Reply = Callable[[Request], tuple[int, object]]


def inquiry(count: int) -> Inquiry:
    """Ask for so many deliveries."""
    return Inquiry(
        dispatch=DISPATCH,
        issue=ENVELOPE.issue,
        since=SINCE,
        until=UNTIL,
        addresses={n: f"Member{n}@member.example.org" for n in range(count)},
    )


@contextmanager
def asked(name: str, reply: Reply) -> Iterator[tuple[Provider, FaultServer]]:
    """Run a provider against a server that replies so."""

    def answer(_server: FaultServer, request: Request) -> tuple[int, bytes]:
        status, said = reply(request)
        return status, json.dumps(said).encode()

    with running_server(answering_as(answer)) as server:
        options = {"host": server.url, **OPTIONS.get(name, {})}
        provider = build(name, options, ALL)
        yield provider, server
        provider.close()


def found(provider: Provider, count: int) -> dict[int, str]:
    assert isinstance(provider, Traceable)
    evidence = provider.trace(inquiry(count))
    assert {each.outcome.state for each in evidence} <= {DeliveryState.ACCEPTED}
    assert "@member" not in repr(evidence)
    return {each.delivery: each.outcome.reference for each in evidence}


def query_of(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


# SendGrid ------------------------------------------------------------------------------------


def test_sendgrid_is_asked_for_the_dispatch_in_its_time() -> None:
    def reply(request: Request) -> tuple[int, object]:
        assert (request.method, request.path) == ("POST", "/v3/logs")
        wanted = json.loads(request.body)
        assert wanted == {
            "limit": 1000,
            "query": 'sg_message_id_created_at >= TIMESTAMP "2026-03-01T09:20:00Z"'
            ' AND sg_message_id_created_at <= TIMESTAMP "2026-03-01T09:45:00Z"'
            f" AND categories IN ('{DISPATCH}')",
        }
        told = {"from_email": "news@society.example.org", "subject": "s", "clicks_count": 0}
        return 200, {
            "messages": [
                told
                | {"to_email": "member1@member.example.org", "sg_message_id": "a.1"}
                | {"status": "delivered"},
                told
                | {"to_email": "somebody@else.example.org", "sg_message_id": "a.2"}
                | {"status": "processed"},
            ]
        }

    with asked("sendgrid", reply) as (provider, _):
        assert found(provider, 3) == {1: "a.1"}


def test_a_span_of_time_with_more_than_sendgrid_tells_at_once_is_halved() -> None:
    # 2,500 messages, one each tenth of a second from the start.
    sent = [(SINCE + timedelta(seconds=n / 10), n) for n in range(2500)]

    def reply(request: Request) -> tuple[int, object]:
        said = re.findall(r'TIMESTAMP "([^"]+)"', json.loads(request.body)["query"])
        since, until = (datetime.fromisoformat(each) for each in said)
        within = [n for moment, n in sent if since <= moment <= until + timedelta(seconds=1)]
        return 200, {
            "messages": [
                {"to_email": f"member{n}@member.example.org", "sg_message_id": f"a.{n}"}
                for n in within[:1000]
            ]
        }

    with asked("sendgrid", reply) as (provider, server):
        assert len(found(provider, 2500)) == 2500
    assert len(server.requests) < 20


def test_more_in_one_second_than_sendgrid_tells_leaves_the_rest_unsure() -> None:
    def reply(_request: Request) -> tuple[int, object]:
        told = ({"to_email": f"member{n}@member.example.org"} for n in range(1000))
        return 200, {"messages": list(told)}

    with asked("sendgrid", reply) as (provider, server):
        assert len(found(provider, 1500)) == 1000
    assert len(server.requests) == 64  # and no more, however long that went on


def test_a_batch_is_reserved_held_and_recalled() -> None:
    wishes: list[object] = []

    def reply(request: Request) -> tuple[int, object]:
        if request.path == "/v3/mail/batch":
            return 201, {"batch_id": "HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi"}
        assert (request.method, request.path) == ("POST", "/v3/user/scheduled_sends")
        wishes.append(json.loads(request.body))
        return 201, wishes[-1]

    with asked("sendgrid", reply) as (provider, _):
        assert isinstance(provider, Recallable)
        reservation = provider.reserve()
        provider.recall(reservation)

    assert wishes == [{"batch_id": reservation, "status": "cancel"}]


def test_a_batch_with_a_wish_of_its_own_is_recalled_by_changing_that() -> None:
    def reply(request: Request) -> tuple[int, object]:
        if request.method == "PATCH":
            assert request.path == "/v3/user/scheduled_sends/abc"
            assert json.loads(request.body) == {"status": "cancel"}
            return 204, None
        return 400, {"errors": [{"field": "batch_id", "message": "exists already"}]}

    with asked("sendgrid", reply) as (provider, server):
        assert isinstance(provider, Recallable)
        provider.recall("abc")
    assert [request.method for request in server.requests] == ["POST", "PATCH"]


@pytest.mark.parametrize("said", [{}, {"batch_id": ""}, []])
def test_without_a_batch_id_nothing_is_reserved(said: object) -> None:
    with asked("sendgrid", lambda _request: (201, said)) as (provider, _):
        assert isinstance(provider, Recallable)
        with pytest.raises(NotAccepted):
            provider.reserve()


def test_what_is_held_tells_sendgrid_when_and_under_which_number() -> None:
    with running_server() as server:
        provider = build("sendgrid", {"host": server.url}, ALL)
        provider.send(batch(recipient(1)))
        held = replace(ENVELOPE, send_at=UNTIL, reservation="abc")
        provider.send(replace(batch(recipient(2)), envelope=held))
        provider.close()

    now, later = server.accepted
    assert "send_at" not in now
    assert "batch_id" not in now
    assert (later["send_at"], later["batch_id"]) == (int(UNTIL.timestamp()), "abc")


def test_sendgrid_holds_for_three_days_at_most() -> None:
    provider = build("sendgrid", {}, ALL)
    assert isinstance(provider, Recallable)
    late = replace(ENVELOPE, send_at=ENVELOPE.date + timedelta(hours=73))
    sent = replace(batch(recipient(1)), envelope=late)

    assert "72 hours" in " ".join(provider.refusals(sent))
    with pytest.raises(Rejected, match="72 hours"):
        provider.send(sent)
    assert provider.recall_margin < provider.longest_hold == timedelta(hours=72)


# Postmark ------------------------------------------------------------------------------------


def test_postmark_is_searched_page_by_page() -> None:
    def reply(request: Request) -> tuple[int, object]:
        query = query_of(request)
        assert request.path.startswith("/messages/outbound?")
        assert query["metadata_nl_dispatch"] == DISPATCH
        # Eastern time, as its page says.
        assert query["fromdate"] == "2026-03-01T04:20:00"
        assert query["todate"] == "2026-03-01T04:45:00"
        offset = int(query["offset"])
        messages = [
            {
                "MessageID": f"id-{n}",
                "Status": "Sent",
                "Recipients": [f"member{n}@member.example.org"],
                "Metadata": {"nl_dispatch": DISPATCH, "nl_request": "1", "nl_delivery": str(n)},
            }
            for n in range(offset, min(offset + 500, 700))
        ]
        return 200, {"TotalCount": 700, "Messages": messages}

    with asked("postmark", reply) as (provider, server):
        assert found(provider, 1000) == {n: f"id-{n}" for n in range(700)}
    assert len(server.requests) == 2


def test_what_is_not_surely_ours_is_no_evidence() -> None:
    strange = [
        {"MessageID": "1", "Metadata": {"nl_dispatch": "another", "nl_delivery": "0"}},
        {"MessageID": "2", "Metadata": {"nl_dispatch": DISPATCH, "nl_delivery": "99"}},
        {"MessageID": "3", "Metadata": {"nl_dispatch": DISPATCH, "nl_delivery": "-1"}},
        {"MessageID": "4", "Metadata": {"nl_dispatch": DISPATCH}},
        {"MessageID": "5", "Metadata": None},
        {"MessageID": "6"},
        "what",
    ]

    with asked("postmark", lambda _request: (200, {"Messages": strange})) as (provider, _):
        assert found(provider, 3) == {}


# Mailgun -------------------------------------------------------------------------------------


def test_mailgun_is_followed_from_page_to_page_on_its_own_host() -> None:
    def reply(request: Request) -> tuple[int, object]:
        if "page2" in request.path:
            return 200, {"items": [], "paging": {"next": "https://elsewhere.example/page3"}}
        query = query_of(request)
        assert urlsplit(request.path).path == "/v3/mg.example.org/events"
        assert query["tags"] == "spring-meeting"
        assert (int(query["begin"]), int(query["end"])) == (
            int(SINCE.timestamp()) - 600,
            int(UNTIL.timestamp()) + 600,
        )
        variables = {"nl_dispatch": DISPATCH, "nl_request": "1", "nl_delivery": "2"}
        items = [
            {"event": "accepted", "id": "ev-1", "user-variables": variables},
            {"event": "accepted", "id": "ev-2", "user-variables": {"nl_dispatch": "other"}},
        ]
        return 200, {"items": items, "paging": {"next": "https://elsewhere.example/v3/page2?p=2"}}

    with asked("mailgun", reply) as (provider, server):
        assert found(provider, 3) == {2: "ev-1"}
    assert len(server.requests) == 2


def test_mailgun_can_only_be_asked_about_a_domain() -> None:
    provider = provider_at("mailgun", "http://127.0.0.1:9", domain="")
    assert isinstance(provider, Traceable)

    with pytest.raises(AccessRefused, match="domain"):
        provider.trace(inquiry(1))


# Brevo ---------------------------------------------------------------------------------------


def test_brevo_is_asked_for_the_tag_of_the_dispatch() -> None:
    def reply(request: Request) -> tuple[int, object]:
        query = query_of(request)
        assert request.path.startswith("/v3/smtp/statistics/events?")
        assert json.loads(query["tags"]) == [DISPATCH]
        assert (query["event"], query["startDate"]) == ("requests", "2026-02-28")
        told = {"date": "2026-03-01T09:31:00.000Z", "event": "requests", "messageId": "<a@b>"}
        return 200, {
            "events": [
                told | {"email": "member0@member.example.org", "tag": f'["news","{DISPATCH}"]'},
                told | {"email": "member1@member.example.org", "tag": "another"},
                told | {"email": "other@member.example.org", "tag": DISPATCH},
            ]
        }

    with asked("brevo", reply) as (provider, _):
        assert found(provider, 3) == {0: "a@b"}


# What they take from us ----------------------------------------------------------------------

FREE = {"type": "free", "credits": 250, "creditsType": "sendLimit"}
SMS = {"type": "sms", "credits": 4, "creditsType": "other"}
ALLOWANCES: list[tuple[str, object, int | None]] = [
    ("sendgrid", {"remain": 60, "total": 100, "used": 40, "reset_frequency": "daily"}, 60),
    ("sendgrid", {"remain": 200, "total": 50_000, "reset_frequency": "monthly"}, None),
    ("sendgrid", {"remain": None, "total": None}, None),
    ("brevo", {"plan": [FREE, SMS]}, 250),
    ("brevo", {"plan": [SMS]}, None),
    ("ses", {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 12.0}}, 188),
    ("ses", {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 300.0}}, 0),
    ("ses", {"SendQuota": {"Max24HourSend": -1.0, "SentLast24Hours": 300.0}}, None),
]
PATHS = {"sendgrid": "/v3/user/credits", "brevo": "/v3/account", "ses": "/v2/email/account"}


@pytest.mark.parametrize(("name", "said", "allowance"), ALLOWANCES)
def test_an_allowance_is_what_the_provider_says(
    name: str, said: object, allowance: int | None
) -> None:
    def reply(request: Request) -> tuple[int, object]:
        assert (request.method, request.path) == ("GET", PATHS[name])
        return 200, said

    with asked(name, reply) as (provider, _):
        assert isinstance(provider, Rationed)
        assert provider.allowance() == allowance


def test_a_paused_account_is_told_as_that() -> None:
    said = {"SendingEnabled": False, "SendQuota": {"Max24HourSend": 9.0, "SentLast24Hours": 0.0}}

    with asked("ses", lambda _request: (200, said)) as (provider, _):
        assert isinstance(provider, Rationed)
        with pytest.raises(AccessRefused, match="paused"):
            provider.allowance()


# Whoever is asked may not answer -------------------------------------------------------------

QUESTIONS: dict[str, Callable[[Provider], object]] = {
    f"{name} {question}": ask
    for name in names()
    for question, protocol, ask in (
        ("trace", Traceable, lambda provider: provider.trace(inquiry(2))),
        ("allowance", Rationed, lambda provider: provider.allowance()),
        ("reserve", Recallable, lambda provider: provider.reserve()),
        ("recall", Recallable, lambda provider: provider.recall("abc")),
    )
    if isinstance(build(name, {"host": "127.0.0.1"} if name == "smtp" else {}, ALL), protocol)
}


def test_who_can_be_asked_what() -> None:
    assert sorted(QUESTIONS) == [
        *("brevo allowance", "brevo trace", "mailgun trace", "postmark trace"),
        *("sendgrid allowance", "sendgrid recall", "sendgrid reserve", "sendgrid trace"),
        "ses allowance",
    ]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500, 503])
def test_a_question_that_is_not_answered_is_an_error(question: str, status: int) -> None:
    name = question.split(maxsplit=1)[0]
    with running_server(answering(status)) as server:
        provider = build(name, {"host": server.url, **OPTIONS.get(name, {})}, ALL)
        with pytest.raises(ProviderError):
            QUESTIONS[question](provider)
        provider.close()


@pytest.mark.parametrize("question", [each for each in QUESTIONS if "trace" in each])
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\xff", b'{"messages": 3}'])
def test_an_answer_that_makes_no_sense_is_no_evidence(question: str, body: bytes) -> None:
    name = question.split(maxsplit=1)[0]
    with running_server(answering(200, body=body)) as server:
        provider = build(name, {"host": server.url, **OPTIONS.get(name, {})}, ALL)
        assert QUESTIONS[question](provider) == ()
        provider.close()


def test_asking_says_no_address(caplog: pytest.LogCaptureFixture) -> None:
    for question, ask in QUESTIONS.items():
        name = question.split()[0]
        with running_server(answering(500)) as server:
            provider = build(name, {"host": server.url, **OPTIONS.get(name, {})}, ALL)
            with pytest.raises(ProviderError) as caught:
                ask(provider)
            provider.close()
        assert "member0" not in f"{caught.value!r} {caplog.text}".lower()
        assert all(b"member0" not in request.body.lower() for request in server.requests)
