"""Whose delivery a message that came back is about, on both databases."""

import sys
from email import message_from_string
from pathlib import Path

import pytest
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(Path(__file__).parents[1] / "feedback"))

from report_samples import DOMAINS, REF, handed_over, opened
from returned_samples import complaint, dsn, headers

from newsletter.feedback.event import Kind
from newsletter.feedback.returned import read_returned
from newsletter.ledger.database import Ledger
from newsletter.ledger.returning import Tracing, trace
from newsletter.ledger.schema import deliveries
from newsletter.message.token import ForgedToken, sign, verify

KEY = b"k" * 32


@pytest.fixture
def sent(ledger: Ledger, tmp_path: Path) -> tuple[Ledger, int]:
    """A dispatch, and the number of one delivery of it."""
    dispatch = opened(ledger, tmp_path, 30)
    handed_over(ledger, dispatch)
    address = deliveries.c.address_key
    with ledger.read() as connection:
        position = connection.scalar(select(deliveries.c.position).where(address == _at(7)))
    assert position is not None
    return ledger, position


def _at(number: int) -> str:
    return f"m{number}@{DOMAINS[number % len(DOMAINS)]}"


def traced(ledger: Ledger, text: str) -> Tracing:
    returned = read_returned(message_from_string(text))
    return trace(ledger, returned, lambda token: verify(KEY, token))


def test_our_message_id_counts_with_the_address_that_we_wrote_to(sent: tuple[Ledger, int]) -> None:
    ledger, position = sent
    found = traced(ledger, dsn(to=_at(7), returned=headers(position, _at(7))))
    assert [(e.dispatch, e.delivery, e.kind) for e in found.events] == [(REF, position, Kind.HARD)]
    # It was forwarded: the server names another address, and the returned To names ours.
    away = traced(ledger, dsn(to="home@example.net", returned=headers(position, _at(7))))
    assert [event.delivery for event in away.events] == [position]
    forged = traced(ledger, dsn(to="home@example.net", returned=headers(position, "x@example.net")))
    assert (forged.events, len(forged.lost)) == ((), 1)


def test_a_signed_link_counts_alone_and_a_forged_one_does_not(sent: tuple[Ledger, int]) -> None:
    ledger, position = sent
    link = f"List-Unsubscribe: <https://news.example.org/u/{sign(KEY, REF, position)}>\n"
    found = traced(ledger, complaint(returned=link))
    assert [(e.delivery, e.kind) for e in found.events] == [(position, Kind.COMPLAINED)]
    forged = f"List-Unsubscribe: <https://news.example.org/u/{sign(b'x' * 32, REF, position)}>\n"
    with pytest.raises(ForgedToken):
        verify(KEY, sign(b"x" * 32, REF, position))
    assert traced(ledger, complaint(returned=forged)).events == ()


def test_the_dispatch_or_the_last_days_lead_from_an_address_to_its_delivery(
    sent: tuple[Ledger, int],
) -> None:
    ledger, position = sent
    feedback_id = f"Feedback-ID: spring:{REF}:newsletter:nl0\n"
    assert traced(ledger, dsn(to=_at(7), returned=feedback_id)).events[0].delivery == position
    another = f"Feedback-ID: spring:{'f' * 16}:newsletter:nl0\n"
    assert traced(ledger, dsn(to=_at(7), returned=another)).events == ()
    assert traced(ledger, dsn(to=_at(7), returned="Subject: x\n")).events[0].delivery == position
    later = dsn(to=_at(7), returned="Subject: x\n").replace(
        "23 Nov 2026 12:00:05", "23 Jan 2027 12:00:05"
    )
    assert traced(ledger, later).events == ()
