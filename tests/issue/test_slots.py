"""Slots: what is one, what is none, and where it stands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Location
from newsletter.issue.literal import find_literals
from newsletter.issue.slots import Slots, find_slots, write_slot


def found(text: str) -> Slots:
    return find_slots(text, lambda line, column: Location("f", line, column), find_literals(text))


@pytest.mark.parametrize(
    ("text", "name", "fallback"),
    [
        ("{{ first_name }}", "first_name", None),
        ("{{first_name}}", "first_name", None),
        ('{{ first_name or "colleague" }}', "first_name", "colleague"),
        ("{{ first_name or 'colleague' }}", "first_name", "colleague"),
        ("{{ first_name or “colleague” }}", "first_name", "colleague"),
        ("{{ first_name or \u2018O\u2019Neil\u2019 }}", "first_name", "O\u2019Neil"),
        ("{{ prénom or «collègue» }}", "prénom", "collègue"),
        ("{{ first_name or '' }}", "first_name", ""),
        ("{{\u00a0first_name\u00a0}}", "first_name", None),
        ("{{ organisation }}", "organisation", None),
        ("{{ or }}", "or", None),
    ],
)
def test_a_slot_is_read_in_every_way_people_write_it(
    text: str, name: str, fallback: str | None
) -> None:
    (use,) = found(text).uses
    assert (use.name, use.fallback, use.source) == (name, fallback, text)


def test_a_slot_knows_its_line_and_column() -> None:
    uses = found("Dear {{ a }} {{ b }},\n\nsee {{ c }}").uses
    assert [str(use.at) for use in uses] == ["f:1:6", "f:1:14", "f:3:5"]


@pytest.mark.parametrize(
    ("text", "place", "problem", "hint"),
    [
        ("a {{ name | upper }}", "f:1:3", "is not a slot", "leave out the filter"),
        ("\n{{ name or colleague }}", "f:2:1", "is not a slot", "in quotes"),
        ("{{ first name }}", "f:1:1", "is not a slot", "{{ first_name }}"),
        ("{{ }}", "f:1:1", "is not a slot", "write {{"),
        ("{{{ name }}}", "f:1:1", "is not a slot", "write {{"),
        ("{{ name", "f:1:1", "is not closed", "write {{"),
        ("{{ name or\n'x' }}", "f:1:1", "is not closed", "write {{"),
        ("{% if x %}", "f:1:1", "no template", "::: only"),
        ("{ name }}", "f:1:8", "opened by a single {", "write {{"),
    ],
)
def test_braces_that_make_no_slot_are_refused_in_their_place(
    text: str, place: str, problem: str, hint: str
) -> None:
    error = found(text).problems[0]
    assert str(error.at) == place
    assert problem in error.problem
    assert hint in error.hint
    assert found(text).uses == ()


@pytest.mark.parametrize(
    "text",
    [
        "`{{ name }}`",
        "``a ` {{ name | upper }}``",
        "```\n{{ name }}\n```",
        "> ~~~ python\n> {{ name\n> ~~~",
        "- ```\n  {% if %}\n  ```",
        "```\n{{ never closed",
        "e^{x^{2}}",
        "\\{{ name }}".replace("{{", "{\\{"),
    ],
)
def test_code_and_formulas_stay_as_they_are(text: str) -> None:
    assert found(text) == Slots((), ())


@pytest.mark.parametrize(
    "text",
    [
        "\\`{{ name }}`",
        "`a\n\n{{ name }}`",
        "```\ncode\n```\n{{ name }}",
        "```not a fence``` {{ name }}",
        "``{{ name }}`",
    ],
)
def test_what_only_looks_like_code_is_searched(text: str) -> None:
    assert [use.name for use in found(text).uses] == ["name"]


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)
FALLBACKS = st.none() | st.text(st.characters(exclude_characters="{}\n'", codec="utf-8"))
PROSE = st.text(st.characters(exclude_characters="{}%", codec="utf-8"), max_size=20)


@given(st.lists(st.tuples(PROSE, NAMES, FALLBACKS)))
def test_every_slot_that_is_written_is_found_again(
    pieces: list[tuple[str, str, str | None]],
) -> None:
    text = "".join(prose + write_slot(name, fallback) for prose, name, fallback in pieces)
    slots = find_slots(text, lambda line, column: Location("f", line, column))
    assert slots.problems == ()
    assert [(use.name, use.fallback) for use in slots.uses] == [
        (name, fallback) for _, name, fallback in pieces
    ]
    for use in slots.uses:
        line = text.split("\n")[(use.at.line or 0) - 1]
        assert line[(use.at.column or 0) - 1 :].startswith(use.source)


@given(st.text(alphabet="{}%`~ \nab|'\"or\\>-", max_size=60))
def test_any_text_is_searched_without_failing(text: str) -> None:
    found(text)


@pytest.mark.parametrize("piece", ["{{", "{{ ", "{% ", "`", "` ``", "{{ a or ", "{a ", "}} "])
def test_a_hostile_text_is_searched_in_linear_time(piece: str) -> None:
    # The CPU's time: whoever else is at work on this machine takes none of that.
    took = []
    for size in (40_000, 400_000):
        started = time.process_time()
        found(piece * (size // len(piece)))
        took.append(time.process_time() - started)
    assert took[1] < 40 * took[0] + 0.5  # ten times, and not a hundred
