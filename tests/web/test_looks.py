"""What mail programs make of an email, as the preview shows it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.web.aloud import read_aloud, snippet
from newsletter.web.anchors import with_change, with_headings
from newsletter.web.inversion import Inversion, invert, is_dark, turned
from newsletter.web.looks import Look, in_look
from newsletter.web.outlook import as_outlook, conditionals

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_a_light_colour_turns_dark_and_a_dark_one_light(colour: str) -> None:
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    if abs(max(channels) + min(channels) - 255) > 60:
        assert is_dark(turned(colour)) != is_dark(colour)


@given(st.text(max_size=200), st.sampled_from(list(Inversion)))
def test_text_is_never_changed(text: str, how: Inversion) -> None:
    plain = text.replace("<", "").replace(">", "")
    assert f"<p>{plain}</p>" in invert(f"<html><head></head><p>{plain}</p></html>", how)


def test_full_inversion_turns_all_colours_and_partial_only_what_is_too_light_or_dark() -> None:
    html = (
        '<head></head><td bgcolor="#ffffff" style="color:#111111"></td>'
        '<a style="background:#0f625e;color:#FFF">x</a><img src="a.png" alt="#ffffff">'
    )
    full, partial = invert(html, Inversion.FULL), invert(html, Inversion.PARTIAL)
    assert 'bgcolor="#121212"' in full
    assert "background:#0f625e" not in full
    assert 'bgcolor="#121212"' in partial
    assert "background:#0f625e;color:#FFF" in partial, "a dark button stays as it is"
    assert 'alt="#ffffff"' in full


def test_outlook_marks_what_it_changed_so_that_a_theme_can_answer() -> None:
    html = '<head><style>[data-ogsc] .t{color:#eeeeee}</style></head><p style="color:#000000">x</p>'
    shown = invert(html, Inversion.OUTLOOK)
    assert "[data-ogsc] .t{color:#eeeeee}" in shown
    assert 'data-ogsc=""' in shown
    assert "data-ogsc=" not in invert(html, Inversion.PARTIAL)


@pytest.mark.parametrize(
    ("condition", "is_shown"),
    [
        ("mso", True),
        ("mso | IE", True),
        ("gte mso 9", True),
        ("lte mso 11", False),
        ("(gte mso 9)|(IE)", True),
        ("IE", False),
        ("!mso", False),
        ("mso & lt mso 15", False),
        ("nonsense", False),
    ],
)
def test_a_condition_is_read_as_outlook_reads_it(condition: str, *, is_shown: bool) -> None:
    html = f"<head></head><!--[if {condition}]><table width=600><![endif]-->after"
    assert ("<table width=600>" in as_outlook(html)) is is_shown
    assert "after" in as_outlook(html)
    assert [each.is_for_outlook for each, _ in conditionals(html)] == [is_shown]


def test_what_is_for_all_but_outlook_is_passed_over_by_it() -> None:
    html = "<head></head><!--[if !mso]><!--><p>web</p><!--<![endif]--><p>all</p>"
    assert as_outlook(html) == as_outlook("<head></head><p>all</p>")
    assert "<p>web</p>" in in_look(html, Look.LIGHT)


def test_what_word_does_not_know_is_taken_away() -> None:
    html = (
        "<head><style>@media (max-width:9px){a{color:red}}p{margin:0}</style></head>"
        '<div style="max-width:600px;width:50%;border-radius:8px;color:red">'
    )
    shown = as_outlook(html)
    assert "@media" not in shown
    assert "p{margin:0}" in shown
    assert '<div style="color:red">' in shown


EMAIL = """<html lang="fr"><body><div style="display:none">hidden</div>
<table role="presentation"><tr><td><h1>A <b>title</b></h1><img src="a" alt="">
<p>One<br>two <a href="https://x.org/">a link</a>, <img src="/b.png"> end</p></td></tr></table>
<ul><li>first</li><li>second</li></ul><div aria-hidden="true">no</div>
<table><tr><th>h</th></tr><tr><td>v</td></tr></table></body></html>"""


def test_an_email_is_read_out_without_what_only_eyes_need() -> None:
    aloud = read_aloud(EMAIL)
    told = [(line.role, " ".join(run.words for run in line.runs)) for line in aloud.lines]
    assert told == [
        ("heading 1", "A title"),
        ("", "One two a link , b.png end"),
        ("list, 2 items", ""),
        ("item", "first"),
        ("item", "second"),
        ("table, 2 rows, 1 columns", ""),
        ("column", "h"),
        ("cell", "v"),
    ]
    assert (aloud.lang, aloud.passed_over, aloud.nameless) == ("fr", 2, 1)


@given(st.text(alphabet="<>/pabtdrliu=\"' &;x", max_size=120))
def test_any_html_can_be_read_out_and_shown_in_every_look(text: str) -> None:
    read_aloud(text)
    snippet(text)
    for look in Look:
        in_look(text, look)


def test_an_inbox_shows_the_preheader_and_stops_at_the_filler() -> None:
    filler = "\u034f \u00a0" * 20
    assert snippet(f"<body><div>Hello{filler}</div><p>Rest</p>") == "Hello"
    assert snippet("<body><div>Hello</div><!-- no --><p>Rest &amp; more</p>") == "Hello Rest & more"


def test_the_anchor_of_a_change_stands_in_the_block_that_changed() -> None:
    before = "<body><p>one</p><p>two</p><p>three</p>"
    after = before.replace("two", "2")
    assert re.search(r'<p><a id="changed"[^>]*></a>2</p>', with_change(after, before))
    assert with_change(before, before) == before
    assert with_change(after, "") == after
    assert with_headings("<h1>a</h1><h2>b</h2>").count("<a id=") == 2
