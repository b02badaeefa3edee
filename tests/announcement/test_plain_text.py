"""Plain-text announcements: keys on top, and a body that reads as it was written."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsletter.announcement.announcement import Announcement, Button, Byline
from newsletter.announcement.parse import parse
from newsletter.announcement.source import Source
from newsletter.errors import InputErrors

LETTER = """\
Posted By: Ama Mensah, MD, PhD, President
Title: A new home for our journal
Subject: Our journal moves in July
Date: 3 May 2027
Section: Publications
Segments: members, fellows
Button: Read the letter https://meridian.example.org/journal
Dear {{ first_name or "colleague" }},
Our journal will move *today*: see https://meridian.example.org/a_b_c and write to a_b@example.org.
1. This is no list.
"""


def understood(text: str) -> Announcement:
    return parse(Source(path="letter.txt", text=text))


def shown(markdown: str) -> list[str]:
    """Render `markdown` and give the text of each paragraph, line breaks kept."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(markdown)
    assert {token.type for token in tokens} <= {"paragraph_open", "paragraph_close", "inline"}
    paragraphs = []
    for token in tokens:
        if token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= {"text", "softbreak", "hardbreak"}
            paragraphs.append("".join(child.content or "\n" for child in children))
    return paragraphs


def test_the_keys_on_top_are_understood_and_leave_the_text() -> None:
    news = understood(LETTER)
    assert news.title == "A new home for our journal"
    assert news.subject == "Our journal moves in July"
    assert news.byline == Byline("Ama Mensah, MD, PhD", "President")
    assert news.date == dt.date(2027, 5, 3)
    assert news.section == "Publications"
    assert news.segments == ("members", "fellows")
    assert news.button == Button("Read the letter", "https://meridian.example.org/journal")
    assert shown(news.body)[0] == 'Dear {{ first_name or "colleague" }},'
    assert news.findings == ()


def test_a_byline_and_paragraphs_one_a_line_keep_every_word() -> None:
    paragraphs = ["We have grown. " * 20, "We have a plan. " * 20, "Thank you!"]
    news = understood("Posted By: Jane Doe, Executive Director\n" + "\n".join(paragraphs))
    assert news.byline == Byline("Jane Doe", "Executive Director")
    assert shown(news.body) == [each.strip() for each in paragraphs]
    assert news.title == "We have grown. We have grown"
    assert [finding.code for finding in news.findings] == ["title-missing"]


def test_the_places_of_a_plain_text_body_are_those_of_the_file() -> None:
    text = "Title: T\n\n  a*b {{ x }}\nc_d {{ y }}\n"
    news = understood(text)
    for slot in ("{{ x }}", "{{ y }}"):
        number, line = next(
            (n, each) for n, each in enumerate(news.body.split("\n"), 1) if slot in each
        )
        at = news.body_place(number, line.index(slot) + 1)
        column = (at.column or 0) - 1
        assert text.split("\n")[(at.line or 0) - 1][column:].startswith(slot)


def test_wrapped_lines_are_one_paragraph_and_short_lines_stay_lines() -> None:
    wrapped = "a line that an editor has wrapped at about seventy characters or so\nends here"
    address = "Meridian Society\n1200 Harbour Street\nBaltimore"
    news = understood(f"Title: T\n\n{wrapped}\n\n{address}\n")
    tokens = MarkdownIt("commonmark").parse(news.body)
    breaks = [
        [child.type for child in token.children or [] if child.type.endswith("break")]
        for token in tokens
        if token.type == "inline"
    ]
    assert breaks == [["softbreak"], ["hardbreak", "hardbreak"]]


def test_a_misspelt_key_stays_in_the_text_and_is_pointed_out() -> None:
    news = understood("Titel: The vote\nPosted By: Jo\nText")
    assert shown(news.body) == ["Titel: The vote", "Text"]
    assert str(news.findings[0]) == (
        "letter.txt:1:1: warning: unknown key 'Titel'; the line stays in the text [unknown-key]"
    )
    assert news.findings[0].hint == "did you mean 'title'?"


def test_a_sentence_with_a_colon_is_no_key() -> None:
    news = understood("Title: T\n\nPlease note: the office is closed.\nReason: holidays.")
    assert shown(news.body)[0] == "Please note: the office is closed."
    assert news.findings == ()


def test_front_matter_works_in_plain_text_too() -> None:
    news = understood("---\ntitle: T\n---\n*Text*")
    assert (news.title, shown(news.body)) == ("T", ["*Text*"])


def test_problems_of_plain_text_keys_have_their_place() -> None:
    with pytest.raises(InputErrors) as caught:
        understood("Title: T\nTitle: U\nDate: soon\nText")
    assert [str(error) for error in caught.value.errors] == [
        "letter.txt:2:8: 'title' is given twice; the first is in line 1",
        "letter.txt:3:7: 'soon' is not a date",
    ]


MARKUP = st.text(alphabet="ab1 \\`*_{}[]()#+-.!|<>&~:=\"'$^;/@", max_size=40)
LINES = st.lists(MARKUP | st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])))


@given(LINES)
def test_plain_text_reads_exactly_as_it_was_written(lines: list[str]) -> None:
    text = "Title: T\n" + "".join(f"w{line}\n\n" for line in lines)
    if not lines:
        text += "w"
    expected = [f"w{line}".strip() for line in lines] or ["w"]
    assert shown(understood(text).body) == expected


@given(st.lists(MARKUP.filter(str.strip), min_size=1))
def test_nothing_at_the_beginning_of_a_line_is_markup(lines: list[str]) -> None:
    text = "Title: T\n\nFirst\n\n" + "\n\n".join(lines)
    assert shown(understood(text).body) == ["First", *(line.strip() for line in lines)]
