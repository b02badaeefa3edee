from pathlib import Path

import pytest
from compose_samples import codes_of, html_of, issue_of, text_of

from newsletter.compose.links import Verdict, judge_link
from newsletter.compose.tokens import mint
from newsletter.errors import InputErrors, Location


def test_a_heading_of_the_first_level_gives_way_to_the_headline() -> None:
    assert html_of("# One").count("<h1") == 1
    assert codes_of("# One") == [("heading-level", 11)]


def test_a_jump_over_a_heading_level_is_a_finding() -> None:
    assert codes_of("## a\n\n#### b") == [("heading-jump", 13)]


def test_bare_addresses_become_links_without_the_punctuation_around_them() -> None:
    html = html_of("See https://example.org/a_(b)?c=d, (www.example.org) or a@example.org.")

    assert 'href="https://example.org/a_(b)?c=d"' in html
    assert 'href="https://www.example.org"' in html
    assert 'href="mailto:a@example.org"' in html


def test_an_address_that_is_a_link_already_is_left_alone() -> None:
    assert html_of("[https://a.example.org](https://b.example.org)").count("example.org<") == 1
    assert "https://c.example.org</a>" in html_of(
        '<a href="https://b.example.org">https://c.example.org</a>'
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[a](http://example.org)", "link-insecure"),
        ("[a](members)", "link-relative"),
        ("[a](#top)", "link-anchor"),
        ("[a]()", "link-empty"),
        ("[a](https:///x)", "link-broken"),
        ("[a](javascript:alert(1))", "link-refused"),
        ("[a](JAVA&#115;cript:alert(1))", "link-refused"),
        ("[a](data:text/html,x)", "link-refused"),
        ('<a href="java\tscript:alert(1)">a</a>', "link-refused"),
        ('<a href="vbscript:x">a</a>', "link-refused"),
    ],
)
def test_a_link_that_email_cannot_follow_is_a_finding_with_its_line(body: str, code: str) -> None:
    assert codes_of(f"First line.\n\n{body}") == [(code, 13)]


def test_a_link_that_begins_with_a_slash_leads_to_the_site_of_the_society() -> None:
    at = Location("news.md", 3)
    tokens = mint(issue_of("x"))
    site = "https://example.org/members/"
    verdict = judge_link("/events/2027?a=b", at, tokens, website=site)
    assert verdict == Verdict("https://example.org/events/2027?a=b")
    for other in ("//elsewhere.example.com/x", "events/2027", "#top"):
        assert judge_link(other, at, tokens, website=site).url == other


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_a_refused_link_stays_text_in_both_parts(url: str) -> None:
    assert url not in html_of(f"[words]({url})")
    assert url not in text_of(f"[words]({url})")
    assert "words" in text_of(f"[words]({url})")


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("a\n\n<script>alert(1)</script>", "html-dropped", 13),
        ("a\nb <script>alert(1)</script>", "html-dropped", 12),
        ("<iframe src='https://example.org'></iframe>", "html-dropped", 11),
        ("<form>\n<input>\n</form>", "html-dropped", 11),
        ("<blink>a</blink>", "html-dropped", 11),
        ('<p onclick="x()">a</p>', "html-dropped", 11),
        ('<p style="position:fixed;color:red">a</p>', "html-dropped", 11),
        ("<!-- note to self -->", "html-comment", 11),
        ("<div>\n\na", "html-unclosed", 11),
        ("a </b> b", "html-unopened", 11),
        ("<div><tr><td>a</td></tr></div>", "html-repaired", 11),
        ("a<b\n\n<b", "", 0),
        ("[a][b]", "markup-unsupported", 11),
    ],
)
def test_nothing_is_dropped_in_silence(body: str, code: str, line: int) -> None:
    found = codes_of(body)

    assert (code, line) in found if code else not found


def test_dropped_scripts_and_styles_leave_no_words_behind() -> None:
    for body in ("a <script>alert(1)</script> b", "<style>p{color:red}</style>\n\nb"):
        for part in (html_of(body), text_of(body)):
            assert "alert" not in part
            assert "p{color" not in part


def test_raw_html_that_email_can_carry_is_kept() -> None:
    html = html_of('<p style="text-align:center">Press <kbd>x</kbd><br>H<sub>2</sub>O</p>')

    assert "<kbd>x</kbd><br>H<sub>2</sub>O" in html
    assert codes_of("<p>a<br>b</p>") == []


def test_a_picture_without_alternative_text_is_a_finding(workspace: Path) -> None:
    assert codes_of("![](small.png)", folder=workspace) == [("image-alt", 11)]
    assert codes_of('<img src="small.png">', folder=workspace) == [("image-alt", 11)]
    assert codes_of('<img src="small.png" alt="">', folder=workspace) == []


def test_text_of_the_other_direction_says_so() -> None:
    assert '<p dir="rtl"' in html_of("שלום לכולם")
    assert 'dir="ltr"' in html_of("hello", lang="ar")


def test_a_wide_table_carries_the_labels_of_its_cells_for_phones() -> None:
    assert 'class="label"' in html_of("|a|b|c|d|\n|-|-|-|-|\n|1|2|3|4|")
    assert 'class="label"' not in html_of("|a|b|\n|-|-|\n|1|2|")


@pytest.mark.parametrize(
    "body",
    [
        "<b>" * 10_000,
        "<div>" * 10_000,
        "> " * 60 + "a",
        "- " * 60 + "a",
        f"{'*a **b ' * 30}{'c** d* ' * 30}",
    ],
)
def test_ten_thousand_nested_tags_are_an_error_and_no_crash(body: str) -> None:
    with pytest.raises(InputErrors, match="deep"):
        html_of(body)


def test_a_body_longer_than_any_mail_program_shows_is_refused() -> None:
    with pytest.raises(InputErrors, match="characters"):
        html_of("word " * 100_000)


@pytest.mark.parametrize("body", ["a\n" * 16_000, "[" * 16_000, "> " * 20 + "a\n" * 20_000])
def test_a_body_that_no_person_wrote_is_refused_at_once(body: str) -> None:
    with pytest.raises(InputErrors, match="more than any mail program shows"):
        html_of(body)


def test_control_characters_are_left_out_and_found() -> None:
    assert codes_of("a\x07b") == [("control-character", 11)]
    assert "ab" in html_of("a\x07b")
