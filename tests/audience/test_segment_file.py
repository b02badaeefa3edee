"""A segment is written into the file of segments, and nothing else is changed."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.column import ColumnType
from newsletter.audience.rulerows import OPERATORS, Row, rows_of, rule_text
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segmentfile import put_segment
from newsletter.errors import Location, Refused

SAMPLE = Path(__file__).parents[2] / "recipients/segments.toml"
ODD = """# Ours.
[students] # young ones
title = "Students"
rule = '''
membership = 'student'
'''

# About the old ones.
["emeritus"]
rule = "membership = 'emeritus'"
"""


def test_one_segment_changes_and_all_else_stays_to_the_letter() -> None:
    before = SAMPLE.read_text(encoding="utf-8")
    after = put_segment(before, "early-career", "Early", "career_stage = 'early'")
    old, new = before.splitlines(), after.splitlines()
    assert len(old) == len(new)
    assert [line for line in new if line not in old] == [
        'title = "Early"',
        "rule = \"career_stage = 'early'\"",
    ]


def test_a_new_segment_stands_at_the_end() -> None:
    after = put_segment("", "new-ones", 'The "new" ones', "joined >= 2026-01-01")
    assert after == '[new-ones]\ntitle = "The \\"new\\" ones"\nrule = "joined >= 2026-01-01"\n'


def test_comments_around_an_unusual_table_stay() -> None:
    after = put_segment(ODD, "students", "Students", "membership = 'x'")
    assert "# Ours." in after
    assert "# About the old ones." in after
    assert tomllib.loads(after)["emeritus"] == tomllib.loads(ODD)["emeritus"]
    assert tomllib.loads(put_segment(ODD, "emeritus", "E", "a = 1"))["emeritus"]["rule"] == "a = 1"


@pytest.mark.parametrize("name", ["", "Students", "a b", "../x", "a]\n[b", "x" * 61, "é"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        put_segment("", name, "t", "a = 1")


def test_a_file_that_would_be_damaged_is_left_alone() -> None:
    inline = 'students = { rule = "a = 1" }\n'
    with pytest.raises(Refused):
        put_segment(inline, "students", "t", "b = 2")
    with pytest.raises(Refused, match="cannot be read"):
        put_segment("[students", "others", "t", "b = 2")


@given(title=st.text(max_size=40), rule=st.text(min_size=1, max_size=80))
def test_whatever_is_written_is_read_back(title: str, rule: str) -> None:
    try:
        after = put_segment(ODD, "mine", title, rule)
    except Refused:
        return  # what TOML cannot hold, such as half of a character
    mine = tomllib.loads(after)["mine"]
    assert mine == {"title": " ".join(title.split()), "rule": " ".join(rule.split())}


COLUMNS = {"membership": ColumnType.TEXT, "years": ColumnType.NUMBER, "joined": ColumnType.DATE}
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=",")).filter(bool)
ROWS = st.builds(
    Row, column=st.just("membership"), operator=st.sampled_from(sorted(OPERATORS)), value=TEXTS
)


@given(st.lists(ROWS, min_size=1, max_size=4), st.sampled_from(["AND", "OR"]))
def test_rows_are_written_as_a_rule_that_is_read_back_as_the_same_rows(
    rows: list[Row], join: str
) -> None:
    text = rule_text(rows, "OR" if join == "OR" else "AND", COLUMNS)
    found = rows_of(parse_rule(text, Location("rule", 1, 1)))
    assert found is not None
    plain = [Row(column=each.column, operator=each.operator) for each in rows]
    assert [Row(column=each.column, operator=each.operator) for each in found[0]] == plain
    values = [each.value for each in rows if not each.operator.endswith("empty")]
    assert [each.value for each in found[0] if not each.operator.endswith("empty")] == values


def test_numbers_and_dates_stand_without_quotes_unless_they_are_none() -> None:
    rows = [
        Row(column="years", operator=">=", value="5"),
        Row(column="joined", operator=">", value="2026-01-31"),
        Row(column="years", operator="=", value="5' OR '1"),
        Row(column="membership", operator="=", value="O'Neil"),
    ]
    assert rule_text(rows, "AND", COLUMNS) == (
        "years >= 5 AND joined > 2026-01-31 AND years = '5'' OR ''1' AND membership = 'O''Neil'"
    )


def test_rules_that_rows_cannot_say_stay_text() -> None:
    for text in ("a = 'x' AND (b = 'y' OR c = 'z')", "IN SEGMENT students", "NOT a > 5"):
        assert rows_of(parse_rule(text, Location("rule", 1, 1))) is None
