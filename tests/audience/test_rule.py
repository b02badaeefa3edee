import datetime as dt
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.column import ColumnType
from newsletter.audience.rule import (
    All,
    Among,
    Any,
    Comparison,
    Contains,
    InSegment,
    IsEmpty,
    Not,
    Rule,
    Today,
    Wants,
    check_rule,
    claims,
    on_day,
    parts_of,
)
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.rulewords import words_of
from newsletter.errors import AudienceError, InputErrors, Location

AT = Location("segments.toml", 7, 9)
COLUMNS = {
    "membership": ColumnType.TEXT,
    "country": ColumnType.TEXT,
    "years": ColumnType.NUMBER,
    "joined": ColumnType.DATE,
}


def test_a_rule_reads_as_staff_would_write_it() -> None:
    assert parse_rule("membership = 'student' AND country IN ('US', 'CA')", AT) == All(
        (Comparison("membership", "=", "student", 0), Among("country", ("US", "CA"), 27))
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("joined >= 2024-01-31", Comparison("joined", ">=", dt.date(2024, 1, 31), 0)),
        ("years < 5", Comparison("years", "<", 5.0, 0)),
        ("years <> 5", Comparison("years", "!=", 5.0, 0)),
        ("name = 'O''Neil'", Comparison("name", "=", "O'Neil", 0)),
        ("name = “Zoë”", Comparison("name", "=", "Zoë", 0)),
        ("email IS NOT EMPTY", Not(IsEmpty("email", 0))),
        ("topics contains 'stat'", Contains("topics", "stat", 0)),
        ("country not in ('US')", Not(Among("country", ("US",), 0))),
        (
            "not (a = 1 or b = 2)",
            Not(Any((Comparison("a", "=", 1, 5), Comparison("b", "=", 2, 14)))),
        ),
        ("in_state = 'x'", Comparison("in_state", "=", "x", 0)),
        (
            "years between 1 and 5",
            All((Comparison("years", ">=", 1.0, 0), Comparison("years", "<=", 5.0, 0))),
        ),
    ],
)
def test_each_kind_of_claim_is_understood(text: str, rule: object) -> None:
    assert parse_rule(text, AT) == rule


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("membership == 'student'", "segments.toml:7:21"),
        ("membership = 'student' AND", "segments.toml:7:35"),
        ("membership = 'student'; DROP TABLE members", "segments.toml:7:31"),
        ("(country = 'US'", "segments.toml:7:24"),
        ("", "segments.toml:7:9"),
        ("joined > 2024-13-01", "segments.toml:7:9"),
    ],
)
def test_a_rule_that_cannot_be_read_points_at_the_column(text: str, place: str) -> None:
    with pytest.raises(AudienceError) as caught:
        parse_rule(text, AT)
    assert str(caught.value).startswith(place + ": ")


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_an_error_with_a_place(text: str) -> None:
    with suppress(AudienceError):
        assert list(claims(parse_rule(text, AT)))


def test_every_unknown_column_and_wrong_type_is_named_at_once() -> None:
    rule = parse_rule("membrship = 'x' AND years = '5' AND joined > 3 AND country = 'US'", AT)
    with pytest.raises(InputErrors) as caught:
        check_rule(rule, COLUMNS, AT)
    problems = [(str(error.at), error.problem, error.hint) for error in caught.value.errors]
    assert problems == [
        ("segments.toml:7:9", "the list has no column 'membrship'", "did you mean 'membership'?"),
        (
            "segments.toml:7:29",
            "'years' holds numbers, and '5' is not one",
            "write the number without quotes, as in years >= 5",
        ),
        (
            "segments.toml:7:45",
            "'joined' holds dates, and 3 is not one",
            "write the date without quotes, as in joined >= 2024-01-31",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("expires WITHIN 60 DAYS", Today(), Today(60)),
        ("expires within 2 weeks", Today(), Today(14)),
        ("expires Within Last 1 day", Today(-1), Today()),
        ("expires BETWEEN today - 3 days AND TODAY+1 week", Today(-3), Today(7)),
    ],
)
def test_days_are_counted_from_the_day_on_which_a_rule_is_asked(
    text: str, low: Today, high: Today
) -> None:
    rule = parse_rule(text, AT)
    assert rule == All((Comparison("expires", ">=", low, 0), Comparison("expires", "<=", high, 0)))
    day = dt.date(2026, 12, 30)
    assert on_day(rule, day) == All(
        (
            Comparison("expires", ">=", day + dt.timedelta(days=low.days), 0),
            Comparison("expires", "<=", day + dt.timedelta(days=high.days), 0),
        )
    )


def test_a_day_counted_from_today_fits_a_column_of_dates_only() -> None:
    columns = {"joined": ColumnType.DATE, "country": ColumnType.TEXT}
    check_rule(parse_rule("joined < TODAY", AT), columns, AT)
    with pytest.raises(InputErrors, match="TODAY is not one"):
        check_rule(parse_rule("country < TODAY", AT), columns, AT)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("IN SEGMENT early-career", InSegment("early-career", 11)),
        ("not in segment students", Not(InSegment("students", 15))),
        ("WANTS jobs", Wants("jobs", 6)),
        ("NOT wants jobs", Not(Wants("jobs", 10))),
        ("wants = 'x'", Comparison("wants", "=", "x", 0)),
        ("wants IS EMPTY", IsEmpty("wants", 0)),
    ],
)
def test_a_rule_may_name_another_segment_or_a_topic(text: str, rule: Rule) -> None:
    assert parse_rule(text, AT) == rule


@pytest.mark.parametrize(
    "text",
    [
        "membership = 'it''s' AND years >= 5",
        "country IN ('US', 'CA') OR note CONTAINS '%'",
        "joined < 2026-01-31 AND expires IS EMPTY",
        "expires <= TODAY - 14 days",
        "IN SEGMENT early-career AND WANTS jobs",
    ],
)
def test_a_claim_written_back_reads_as_the_same_claim(text: str) -> None:
    for claim in parts_of(parse_rule(text, AT)):
        (again,) = parts_of(parse_rule(words_of(claim), AT))
        assert replace(again, offset=0) == replace(claim, offset=0)
