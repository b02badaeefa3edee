import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.announcement.announcement import Announcement
from newsletter.check.dates import check_dates
from newsletter.check.links import check_links
from newsletter.finding import Finding
from newsletter.issue.issue import Issue

TODAY = dt.date(2026, 11, 23)


def issue_of(body: str, *, date: dt.date | None = None, subject: str = "News") -> Issue:
    announcement = Announcement(
        path="news.md", slug="news", title="News", body=body, body_line=5, date=date
    )
    return Issue(announcement=announcement, subject=subject, slots=())


def dates(body: str, **values: dt.date) -> list[tuple[str, int | None]]:
    return [_short(each) for each in check_dates(issue_of(body, **values), TODAY)]


def links(body: str) -> list[tuple[str, int | None]]:
    return [_short(each) for each in check_links(issue_of(body))]


def _short(finding: Finding) -> tuple[str, int | None]:
    return finding.code, finding.at.line if finding.at else None


@pytest.mark.parametrize(
    "text",
    [
        "We meet on Friday 11 June 2027.",
        "We meet on Friday, June 11, 2027.",
        "We meet on Friday the 11th of June 2027.",
        "We meet on Friday 11 June.",  # of next year, as seen in November
        "We met on Friday 13 November.",  # ten days ago
        "11 June 2027, a Friday",
        "On Monday, and 12 people came.",
        "May 1 ask? Monday may be 3 days off.",
        "Version 2024-01-02 of the data",
    ],
)
def test_a_date_that_is_right_is_left_alone(text: str) -> None:
    assert dates(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "We meet on Thursday 11 June 2027.",
        "We meet on Thursday, June 11th, 2027.",
        "We meet on Thursday 11 June.",
        "Monday, 2027-06-11",
    ],
)
def test_a_weekday_that_does_not_fit_its_date_is_an_error_at_its_line(text: str) -> None:
    assert dates(f"Dear all,\n\n{text}") == [("weekday-wrong", 7)]


def test_the_finding_says_which_day_it_is() -> None:
    (finding,) = check_dates(issue_of("Thursday 11 June 2027"), TODAY)
    assert finding.message == "11 June 2027 is a Friday, not a Thursday"


def test_a_date_without_a_year_is_near_the_date_of_the_announcement() -> None:
    text = "We meet on Thursday 11 June."
    assert dates(text, date=dt.date(2020, 5, 1)) == []
    assert dates(text, date=dt.date(2027, 5, 1)) == [("weekday-wrong", 5)]


@pytest.mark.parametrize(
    "text",
    ["Apply by 1 March 2026.", "::: deadline 1 March 2026", "Registration closes 2026-03-01"],
)
def test_a_deadline_that_has_passed_is_a_finding(text: str) -> None:
    assert dates(text) == [("date-past", 5)]


def test_a_date_of_the_past_that_is_no_deadline_is_history() -> None:
    assert dates("The society was founded on 1 March 1926.") == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("The webinar is on 4 March 2027 at 17:00.", ["time-without-zone"]),
        ("The webinar is on 4 March 2027 at 5 pm.", ["time-without-zone"]),
        ("The webinar is on 4 March 2027 at 17:00 CET.", []),
        ("The webinar is on 4 March 2027 at 5 pm New York time.", []),
        ("When: 4 March 2027, 17:00 UTC+01:00", []),
        ("Our office opens at 9:00.", []),
    ],
)
def test_a_time_on_a_date_needs_its_zone(text: str, codes: list[str]) -> None:
    assert [code for code, _line in dates(text)] == codes


def test_the_subject_is_looked_at_too() -> None:
    found = list(check_dates(issue_of("", subject="Vote by Monday 11 June 2027"), TODAY))
    assert [each.code for each in found] == ["weekday-wrong"]


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    list(check_dates(issue_of(text), TODAY))
    list(check_links(issue_of(text)))


@pytest.mark.parametrize(
    "words", ["here", "Click here", "**read more**", "this link", "Hier", "ici"]
)
def test_a_link_that_tells_nothing_is_a_finding(words: str) -> None:
    assert links(f"a\n[{words}](https://example.org)") == [("link-vague", 6)]


def test_a_link_in_html_or_with_its_address_apart_is_looked_at_too() -> None:
    assert links('see <a class="x" href="https://example.org">here</a>') == [("link-vague", 5)]
    assert links("see [here][paper]") == [("link-vague", 5)]


def test_a_link_with_its_own_words_is_left_alone() -> None:
    assert links("[The call for abstracts](https://example.org) and `[here](x)`") == []


@pytest.mark.parametrize("text", ["Room: TBD", "Lorem ipsum dolor", "call XXXX"])
def test_a_place_that_was_to_be_filled_is_a_finding(text: str) -> None:
    assert links(text) == [("left-to-fill", 5)]


def test_what_looks_unfilled_in_code_is_code() -> None:
    assert links("`TODO` and\n```\nTBD\n```") == []
