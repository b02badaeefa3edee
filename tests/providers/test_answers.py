"""Whatever a provider answers, it is read as one of our outcomes, and nothing breaks."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import OutcomeUnknown, ProviderError, Rejected
from newsletter.message.state import DeliveryState
from newsletter.providers import (
    brevo_events,
    mailgun_events,
    postmark_answer,
    postmark_log,
    resend_answer,
    sendgrid_log,
)
from newsletter.providers.answer import Answer, error_of, seconds_to_wait
from newsletter.providers.brevo import BREVO
from newsletter.providers.mailgun import MAILGUN
from newsletter.providers.postmark_answer import POSTMARK
from newsletter.providers.protocol import Evidence, Inquiry, Receipt
from newsletter.providers.resend_answer import RESEND
from newsletter.providers.sendgrid_answer import SENDGRID
from newsletter.providers.ses_answer import SES, allowance_in, step_of

NAMES = (
    *("data", "id", "name", "message", "Message", "ErrorCode", "MessageID", "__type", "code"),
    *("messages", "Messages", "items", "events", "event", "email", "to_email", "tag", "errors"),
    *("Metadata", "user-variables", "nl_dispatch", "nl_delivery", "paging", "next", "SendQuota"),
    *("Max24HourSend", "SentLast24Hours", "SendingEnabled", "MessageId", "sg_message_id"),
)
WORDS = st.sampled_from(["abc", "0", "7", "-1", "m0@x.org", "accepted", "requests", "a@b", ""])
PLAIN = st.none() | st.booleans() | st.integers(-2, 500) | st.floats(allow_nan=False) | WORDS
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30)
STATUSES = st.integers(100, 599)
INQUIRY = Inquiry(
    dispatch="abc",
    issue="news",
    since=datetime(2026, 3, 1, tzinfo=UTC),
    until=datetime(2026, 3, 2, tzinfo=UTC),
    addresses={0: "m0@x.org", 7: "m7@x.org"},
)


@pytest.mark.parametrize("read", [postmark_answer.receipt_of_all, resend_answer.receipt_of_all])
@given(body=BODIES)
def test_a_receipt_has_one_outcome_for_each_or_there_is_none(
    read: Callable[[Answer, int], Receipt], body: bytes
) -> None:
    try:
        receipt = read(Answer(200, {}, body), 2)
    except ProviderError:
        return
    assert len(receipt.outcomes) == 2
    unsure = [o for o in receipt.outcomes if o.state is DeliveryState.UNSURE]
    assert not unsure or receipt.stopped_by is not None


@given(status=STATUSES, body=BODIES)
def test_a_message_through_ses_is_accepted_only_with_an_id(status: int, body: bytes) -> None:
    step = step_of(Answer(status, {}, body))

    if step.outcome.state is DeliveryState.ACCEPTED:
        assert status == 200
        assert step.outcome.reference
    if step.outcome.state is DeliveryState.UNSURE:
        assert type(step.stopped_by) is OutcomeUnknown


@given(most=PLAIN | st.floats(), sent=PLAIN | st.floats())
def test_an_allowance_is_a_number_of_messages_or_no_limit(most: object, sent: object) -> None:
    said = {"SendQuota": {"Max24HourSend": most, "SentLast24Hours": sent}}
    try:
        allowance = allowance_in(Answer(200, {}, json.dumps(said).encode()))
    except ProviderError:
        return
    assert allowance is None or allowance >= 0


@pytest.mark.parametrize("accent", [BREVO, MAILGUN, POSTMARK, RESEND, SENDGRID, SES])
@given(status=STATUSES, body=BODIES)
def test_only_4xx_and_redirects_are_called_surely_not_sent(
    accent: object, status: int, body: bytes
) -> None:
    error = error_of(Answer(status, {}, body), accent)

    surely_not = 400 <= status < 500 or status in {301, 302, 307, 308}
    assert isinstance(error, OutcomeUnknown) is not surely_not
    assert error.problem


@given(status=STATUSES, body=BODIES)
def test_what_providers_say_besides_changes_no_doubt_into_a_refusal(
    status: int, body: bytes
) -> None:
    answer = Answer(status, {}, body)
    for error in (postmark_answer.refusal_of(answer), resend_answer.refusal_of(answer)):
        if not 400 <= status < 500 and status not in {301, 302, 307, 308}:
            assert isinstance(error, OutcomeUnknown)
        if isinstance(error, Rejected):
            assert 400 <= status < 500


LOGS = [sendgrid_log, postmark_log, mailgun_events, brevo_events]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.__name__.rpartition(".")[2])
@given(body=BODIES)
def test_evidence_is_only_of_what_was_asked_for(log: object, body: bytes) -> None:
    found: list[Evidence] = list(log.evidence_in(Answer(200, {}, body), INQUIRY))

    assert {each.delivery for each in found} <= INQUIRY.addresses.keys()
    assert {each.outcome.state for each in found} <= {DeliveryState.ACCEPTED}


@given(body=BODIES)
def test_the_pages_of_a_log_come_to_an_end(body: bytes) -> None:
    answer = Answer(200, {}, body)

    assert isinstance(mailgun_events.next_page(answer), str)
    assert postmark_log.is_last(answer)
    assert brevo_events.is_last(answer)
    assert sendgrid_log.Span(INQUIRY.since, INQUIRY.until).halves(answer) == ()


HEADERS = st.sampled_from(["retry-after", "x-ratelimit-reset", "ratelimit-reset", "date"])
MOMENTS = st.sampled_from(
    ["Mon, 01 Jan 0001 00:00:00 -2359", "Fri, 31 Dec 9999 23:59:59 -2359", "soon", "٣", "-1"]
)


@given(st.dictionaries(HEADERS, MOMENTS | st.integers(0).map(str) | st.text(max_size=20)))
def test_a_pause_is_some_seconds_or_nobody_said(headers: dict[str, str]) -> None:
    seconds = seconds_to_wait(headers)

    assert seconds is None or seconds >= 0
