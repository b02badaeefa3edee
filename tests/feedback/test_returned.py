"""Messages that come back are understood, or shown; nobody is suppressed by a guess."""

import datetime as dt
from email import message_from_string
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returned_samples import ANN, HOLIDAY, LETTER, QMAIL, REF, RIDDLE, complaint, dsn, headers

from newsletter.feedback.event import Kind, Reason
from newsletter.feedback.ours import Ours
from newsletter.feedback.returned import Returned, Sort, read_returned

TOKEN = "A" * 40


def read(text: str) -> Returned:
    return read_returned(message_from_string(text))


def test_a_delivery_report_tells_who_failed_and_why() -> None:
    found = read(dsn())
    (report,) = found.reports
    assert found.sort is Sort.BOUNCE
    assert (report.kind, report.reason) == (Kind.HARD, Reason.NO_SUCH_ADDRESS)
    assert report.addresses == (ANN,)
    assert report.note == "550 5.1.1 <...>: user unknown"
    assert report.at == dt.datetime(2026, 11, 23, 12, 0, 5, tzinfo=dt.UTC)
    assert found.clues.message_id == Ours(REF, 7)
    assert found.clues.dispatch == REF
    assert found.clues.written_to == (ANN,)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        (dsn("failed 4.2.2", "smtp; 452 mailbox full"), Kind.SOFT, Reason.MAILBOX_FULL),
        (dsn("delayed 4.4.1", "smtp; timed out"), Kind.DEFERRED, Reason.TECHNICAL),
        (dsn("delivered 2.0.0", "smtp; 250 ok"), Kind.DELIVERED, Reason.NONE),
        (dsn("failed 5.7.1", "smtp; 550 looks like spam"), Kind.BLOCKED, Reason.CONTENT),
        (dsn("failed 5.0.0", "X-Unix; 1"), Kind.SOFT, Reason.OTHER),
    ],
)
def test_what_a_server_reports_is_told_apart(text: str, kind: Kind, reason: Reason) -> None:
    (report,) = read(text).reports
    assert (report.kind, report.reason) == (kind, reason)


def test_the_address_that_we_wrote_to_is_kept_beside_the_one_that_failed() -> None:
    (report,) = read(dsn(to="ann@home.example.net", original="Ann@Example.org")).reports
    assert report.addresses == ("ann@home.example.net", ANN)


def test_a_complaint_is_one_by_its_type() -> None:
    (report,) = read(complaint(returned=headers(token=TOKEN))).reports
    assert (report.kind, report.addresses) == (Kind.COMPLAINED, (ANN,))
    assert read(complaint(returned=headers(token=TOKEN))).clues.tokens == (TOKEN,)
    assert read(complaint("not-spam")).sort is Sort.OTHER
    assert read(complaint("virus")).sort is Sort.OTHER


def test_a_free_form_bounce_is_understood_by_its_words() -> None:
    found = read(QMAIL)
    (report,) = found.reports
    assert (found.sort, report.kind) == (Sort.BOUNCE, Kind.HARD)
    assert report.addresses == (ANN,)
    assert "@" not in report.note
    assert found.clues.message_id == Ours(REF, 7)


def test_an_answer_from_the_holidays_is_no_bounce() -> None:
    assert read(HOLIDAY).sort is Sort.OTHER


def test_what_came_back_without_a_reason_is_shown_to_a_person() -> None:
    found = read(RIDDLE)
    assert (found.sort, found.reports) == (Sort.UNDECIDED, ())
    assert found.why == "it does not say clearly who failed and why"
    assert found.subject == "Delivery failed"


def test_a_letter_of_a_person_is_no_bounce() -> None:
    assert read(LETTER).sort is Sort.OTHER


def test_a_bounce_without_a_date_is_undecided_because_it_would_be_new_each_time() -> None:
    text = "\n".join(line for line in dsn().splitlines() if not line.startswith("Date:"))
    assert (read(text).sort, read(text).why) == (Sort.UNDECIDED, "it has no date")


def test_a_report_that_names_nobody_is_undecided() -> None:
    assert read(dsn(to="")).sort is Sort.UNDECIDED


@given(st.binary(max_size=400))
def test_no_octets_break_the_reading(octets: bytes) -> None:
    read_returned(BytesParser().parsebytes(octets))


@given(st.integers(0, len(dsn())), st.sampled_from([dsn(), complaint(), QMAIL]))
def test_a_report_that_was_cut_off_does_not_break_the_reading(end: int, text: str) -> None:
    read(text[:end])


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_words_of_a_server_break_the_reading(status: str, said: str) -> None:
    read(dsn(f"failed {status}", said))
