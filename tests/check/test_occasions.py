"""What is to come: events, their deadlines, the year of a text that was reused."""

import datetime as dt

import pytest
from check_samples import TODAY, issue_of, lines
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check.occasions import check_embargo, check_occasions


def occasions(body: str, **values: str) -> list[tuple[str, int | None]]:
    return lines(check_occasions(issue_of(body, **values), TODAY))


EVENT = "::: event Webinar\nWhen: Thursday 4 March {year}, 17:00 CET\nWhere: online\n:::\n"


def test_an_event_to_come_is_left_alone() -> None:
    assert occasions(EVENT.format(year=2027)) == []


def test_an_event_that_has_passed_is_a_finding_at_its_block() -> None:
    assert occasions("a\n\n" + EVENT.format(year=2026)) == [("event-past", 7)]


def test_an_event_of_several_days_is_past_after_the_last_of_them() -> None:
    event = "::: event Congress\nWhen: 20 November 2026 to 25 November 2026\n:::\n"
    assert occasions(event) == []


def test_days_that_are_not_read_are_not_judged() -> None:
    assert occasions("::: event Congress\nWhen: November 20-25, 2026\n:::\n") == []


def test_registration_that_closes_before_the_event_is_as_it_should_be() -> None:
    assert occasions(EVENT.format(year=2027) + "Register by 1 March 2027.") == []


def test_registration_that_closes_after_the_event_is_a_finding() -> None:
    found = occasions(EVENT.format(year=2027) + "Register by 1 May 2027.")
    assert found == [("deadline-after-event", 9)]


def test_a_deadline_of_something_else_or_of_several_events_is_not_judged() -> None:
    assert occasions(EVENT.format(year=2027) + "Abstracts are due on 1 May 2027.") == []
    assert occasions(EVENT.format(year=2027) * 2 + "Register by 1 May 2027.") == []


@pytest.mark.parametrize(
    "subject",
    ["Annual Meeting 2025", "Register for the 2025 conference", "Call for abstracts 2024"],
)
def test_a_year_that_is_over_in_a_subject_is_a_finding(subject: str) -> None:
    assert [code for code, _ in occasions("", subject=subject)] == ["year-past"]


def test_a_year_that_is_over_beside_words_that_look_ahead_is_a_finding() -> None:
    assert occasions("Join us at the Annual Meeting 2025 in Lisbon.") == [("year-past", 5)]
    assert occasions("## Annual Meeting 2025") == [("year-past", 5)]


@pytest.mark.parametrize(
    "text",
    [
        "Annual Meeting 2026: register now",
        "Registration for the Annual Meeting 2027 opens",
        "Report of the Annual Meeting 2025",
        "Thank you for coming to the Annual Meeting 2025",
        "Winners of the 2025 awards: apply for the next round",
        "The Annual Meeting 2025 set a record.",
        "The Society's accounts of 2025",
        "Founded in 1926",
        "`Join us at the Annual Meeting 2025`",
    ],
)
def test_a_year_of_this_time_or_looked_back_at_is_left_alone(text: str) -> None:
    assert occasions(text) == []


@given(st.text(alphabet=st.sampled_from(list("event:#2025 meeting\n\u2013-")), max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    occasions(f"::: event {text}\n:::\n{text}", subject=text)


def test_nothing_is_sent_before_its_embargo_ends() -> None:
    until = dt.datetime(2026, 11, 23, 14, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    issue = issue_of(embargo=until)
    before, after = (dt.datetime(2026, 11, 23, hour, tzinfo=dt.UTC) for hour in (12, 13))
    (found,) = check_embargo(issue, before)
    assert (found.code, found.severity) == ("embargo", "error")
    assert list(check_embargo(issue, after)) == []
    assert list(check_embargo(issue_of(), before)) == []
