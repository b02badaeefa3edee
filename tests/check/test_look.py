"""How words look after all rules of CSS."""

import pytest
from check_samples import page_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check.css import read_colour, read_declarations, read_rules, read_size
from newsletter.check.look import Look
from newsletter.check.page import parse_page
from newsletter.compose.colour import contrast

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def look(body: str, css: str = "", *, dark: bool = False) -> Look:
    """The look of the element with the word HERE."""
    element = next(each for each in page_of(body, css=css).elements if each.own == "HERE")
    return element.dark if dark else element.light


@given(COLOURS, COLOURS)
def test_contrast_is_the_same_both_ways_and_between_1_and_21(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ("#FFF", "#ffffff"),
        ("#0f625e", "#0f625e"),
        ("rgb(15, 98, 94)", "#0f625e"),
        ("white", "#ffffff"),
        ("rgba(0,0,0,.5)", None),
        ("rgb(0,0,999)", None),
        ("var(--ink)", None),
        ("transparent", None),
    ],
)
def test_a_colour_is_read_or_not_judged(written: str, colour: str | None) -> None:
    assert read_colour(written) == colour


@pytest.mark.parametrize(
    ("written", "pixels"),
    [("17px", 17), ("12pt", 16), ("1.5em", 30), ("50%", 10), ("2rem", 32), ("0", 0), ("big", None)],
)
def test_a_size_is_read_in_pixels(written: str, pixels: float | None) -> None:
    assert read_size(written, 20) == pixels


def test_rules_are_read_within_at_rules_and_what_is_broken_is_left_out() -> None:
    css = """/* a { } */ a, b { color: red !important }
    @media (prefers-color-scheme: dark) { p { color: #fff } } @font-face { font-family: X }
    i { background: url(data:image/png;base64,AA==) } }} u { color: blue"""
    rules = list(read_rules(css))
    assert [rule.selectors for rule in rules] == [
        ("a", "b"),
        ("p",),
        ("@font-face",),
        ("i",),
        ("u",),
    ]
    assert [rule.is_dark for rule in rules] == [False, True, False, False, False]
    assert rules[0].declarations["color"] == ("red", True)
    assert rules[3].declarations["background"].value == "url(data:image/png;base64,AA==)"


@given(st.text(max_size=200))
def test_any_text_can_be_read_as_css_or_html(text: str) -> None:
    list(read_rules(text))
    read_declarations(text)
    parse_page(text)


def test_colours_and_sizes_come_from_the_parents() -> None:
    found = look('<table bgcolor="#eee"><tr><td style="color:#333;font-size:20px"><b>HERE</b>')
    assert (found.colour, found.ground, found.size, found.is_bold) == (
        "#333333",
        "#eeeeee",
        20,
        True,
    )


def test_a_rule_gives_way_to_the_style_attribute_unless_it_is_important() -> None:
    body = '<p class="a" style="color:#111111">HERE</p>'
    assert look(body, ".a { color: #222222 }").colour == "#111111"
    assert look(body, ".a { color: #222222 !important }").colour == "#222222"
    assert look(body, ".a { color: #222 !important } p { color: #444 !important }").colour == (
        "#222222"
    )


def test_the_dark_look_is_that_of_the_dark_rules() -> None:
    rules = "p { color: #fff !important } body { background: #000 }"
    css = f"@media (prefers-color-scheme: dark) {{ {rules} }}"
    body = '<p style="color:#111111">HERE</p>'
    assert look(body, css).colour == "#111111"
    assert look(body, css, dark=True).colour == "#ffffff"
    assert look(body, css, dark=True).ground == "#000000"


@pytest.mark.parametrize(
    "body",
    [
        '<div style="display:none"><p>HERE</p></div>',
        '<div style="max-height:0px;overflow:hidden">HERE</div>',
        '<p style="visibility:hidden">HERE</p>',
        '<p style="font-size:1px">HERE</p>',
        "<p hidden>HERE</p>",
    ],
)
def test_what_is_hidden_is_not_seen(body: str) -> None:
    assert not look(body).is_seen


def test_a_picture_behind_the_words_makes_the_ground_unknown() -> None:
    assert look('<p style="background:#000 url(x.png)">HERE</p>').ground is None
    assert look('<td style="background-image:url(x.png)"><p>HERE</p></td>').ground is None


def test_hovering_is_no_look_of_its_own() -> None:
    assert look("<p>HERE</p>", "p:hover { color: #fff }").colour == "#000000"
    assert look("<p>HERE</p>", "p { color: #fff } a:is( { }").colour == "#ffffff"
