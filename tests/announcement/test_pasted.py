"""What is pasted from Word and the web becomes Markdown, and nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.announcement.pasted import from_html

WORD = """<html xmlns:o="urn:x"><head><style>p{color:red}</style></head><body lang=EN>
<!--StartFragment--><h1>Annual <b>Meeting</b><o:p></o:p></h1>
<p class=MsoNormal>Dear <i>all</i>, <span style='font-weight:bold'>come</span> &amp; see
<a href="https://example.org/a?b=1&amp;c=2">this</a>.</p>
<p style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>
</span></span><![endif]>First</p>
<p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>Below</p>
<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Second</p>
<p>Date: Friday</p><!--EndFragment--></body></html>"""


def test_a_piece_of_a_word_document_keeps_its_headings_marks_links_and_lists() -> None:
    assert from_html(WORD).split("\n\n") == [
        "# Annual **Meeting**",
        "Dear *all*, **come** & see [this](<https://example.org/a?b=1&c=2>).",
        "- First\n  - Below\n- Second",
        "Date: Friday",
    ]


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<b style="font-weight:normal"><p><b>Bold</b> text</p></b>', "**Bold** text"),
        ("<div>one<div>two</div>three</div>", "one\n\ntwo\n\nthree"),
        ("<p>a<br>b</p>", "a\\\nb"),
        ("<ol><li>one<ul><li>deep</li></ul></li><li>two</li></ol>", "1. one\n   - deep\n2. two"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "| a | b |\n| --- | --- |"),
        ("<p>* not a list, # not a heading, [x]</p>", r"\* not a list, # not a heading, \[x\]"),
        ("<p>{{ first_name }}</p>", "{{ first_name }}"),
        ("just words", "just words"),
        ("", ""),
    ],
)
def test_what_it_means_is_kept(html: str, markdown: str) -> None:
    assert from_html(html) == markdown


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<script>alert(1)</script></p>",
        '<p>a<img src="file:///etc/passwd" onerror="alert(1)"></p>',
        '<p>a<a href="javascript:alert(1)"></a></p>',
        "<style>p{}</style><p>a</p>",
        "<p onclick=alert(1)>a</p><iframe src=x>b</iframe>",
    ],
)
def test_what_could_do_something_is_gone(html: str) -> None:
    assert from_html(html) == "a"


def test_a_link_that_is_none_keeps_its_words() -> None:
    assert from_html('<p><a href="javascript:alert(1)">press</a></p>') == "press"


PIECES = st.lists(
    st.sampled_from(
        [
            *("<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>"),
            *("</table>", "<div>", "</div>", "<script>", "</script>", "<!--", "-->", "<a href=x>"),
            *("<p style='mso-list:l0 level3 lfo1'>", "words", "&lt;b&gt;", "<", "]]>", "\x00"),
        ]
    ),
    max_size=30,
).map("".join)


@given(PIECES)
def test_any_html_becomes_markdown_without_elements(html: str) -> None:
    plain = re.sub(r"\\[<&]", "", from_html(html))
    assert not re.search(r"<(?!https?:|mailto:)/?[a-zA-Z]", plain)
