import dataclasses
import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest
from compose_samples import (
    BRAND,
    MEMBER,
    ROOT,
    codes_of,
    compiled,
    document_of,
    html_of,
    issue_of,
    places,
    shown,
    text_of,
)
from compose_samples import theme as load_sample_theme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.announcement.announcement import Button, Byline
from newsletter.compose.compile import compile_issue
from newsletter.compose.theme import Theme
from newsletter.errors import AnnouncementError, InputErrors
from newsletter.issue.issue import OnlyBlock, Variant


def test_every_part_of_an_announcement_reaches_both_parts_of_the_message() -> None:
    values = {
        "title": "A headline",
        "section": "Policy",
        "byline": Byline("Mara Voss", "Secretary"),
        "date": dt.date(2026, 3, 2),
        "button": Button("Join us", "https://example.org/join"),
    }
    for part in (html_of("The body.", **values), text_of("The body.", **values)):
        for words in (
            "A headline",
            "Mara Voss",
            "Secretary",
            "2 March 2026",
            "The body.",
            "Join us",
        ):
            assert words in part
        for words in (
            "https://example.org/join",
            BRAND.legal_name,
            "20457",
            MEMBER["unsubscribe_url"],
        ):
            assert words in part.replace("\u00a0", " ")


def test_an_issue_without_a_preheader_shows_its_first_sentence_and_says_so() -> None:
    body = "Dr. **Voss** has read every gauge on the coast. And more."

    assert shown(document_of(body, preheader="").preheader) == (
        "Dr. Voss has read every gauge on the coast."
    )
    assert "preheader-missing" in dict(codes_of("Hello.", preheader=""))


def test_a_long_first_sentence_is_cut_between_words() -> None:
    preheader = shown(document_of("word " * 80, preheader="").preheader)

    assert preheader.endswith("word…")
    assert len(preheader) <= 110


def test_the_preheader_stands_hidden_before_everything_else() -> None:
    html = html_of("a", preheader="Look here")

    assert html.index("Look here") < html.index(BRAND.name, html.index("<body"))


def test_each_variant_gets_its_own_blocks(theme: Theme) -> None:
    issue = dataclasses.replace(
        issue_of("for all\n::: only students\nfor students\n:::"),
        blocks=(OnlyBlock(("students",), 2, 4),),
    )
    result = compile_issue(
        issue,
        theme=theme,
        brand=BRAND,
        images=places(),
        variants=[Variant((False,)), Variant((True,))],
    )

    assert "for students" in shown(result.documents["1"].html)
    assert "for students" not in shown(result.documents["0"].html)
    assert ":::" not in shown(result.documents["1"].text)


def test_what_two_variants_share_is_found_once(theme: Theme) -> None:
    issue = dataclasses.replace(
        issue_of("[a](http://e.org)\n\n::: only x\nb\n:::"), blocks=(OnlyBlock(("x",), 3, 5),)
    )
    result = compile_issue(
        issue,
        theme=theme,
        brand=BRAND,
        images=places(),
        variants=[Variant((False,)), Variant((True,))],
    )

    assert [each.code for each in result.findings] == ["link-insecure"]


def test_language_and_direction_are_declared() -> None:
    html = html_of("نص", lang="ar", date=dt.date(2026, 3, 2))

    assert '<html lang="ar" dir="rtl"' in html
    assert "2 مارس 2026" in html


def test_a_refused_button_is_left_out_and_found() -> None:
    assert codes_of("a", button=Button("x", "javascript:alert(1)")) == [("link-refused", None)]


def test_there_is_one_headline_and_every_layout_table_is_presentation() -> None:
    html = html_of("# a\n\nb", button=Button("x", "https://example.org"))

    assert html.count("<h1") == 1
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", html))


def test_the_docs_list_every_code_that_composing_finds() -> None:
    sources = (ROOT / "newsletter" / "compose").glob("*.py")
    made = r"(?:warning|error|_tell)\(\s*\"([a-z]+(?:-[a-z]+)+)\""
    codes = {code for path in sources for code in re.findall(made, path.read_text("utf-8"))}
    listed = (ROOT / "docs" / "themes.md").read_text("utf-8")

    assert "link-refused" in codes
    assert {code for code in codes if f"`{code}`" not in listed} == set()


def test_composing_imports_no_vendor_before_it_is_needed() -> None:
    program = "import sys, newsletter.compose.compile; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    vendors = {"jinja2", "lxml", "markdown_it", "mjml", "nh3", "premailer", "cssutils", "requests"}
    assert vendors & set(run.stdout.split()) == set()


_OFFLINE = """
import sys
from pathlib import Path
def refuse(event, args):
    if event in ("socket.getaddrinfo", "socket.connect", "urllib.Request"):
        raise SystemExit(f"{event} {args}")
sys.addaudithook(refuse)
from compose_samples import html_of
html_of("<style>@import url(http://a.example.org/x.css)</style>\\n\\n"
        "<p style='background:url(http://a.example.org)'>a</p>\\n\\n"
        "![a](https://a.example.org/a.png) https://a.example.org")
"""


def test_composing_asks_nothing_of_the_network() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _OFFLINE],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")


def test_a_member_sees_no_token() -> None:
    document = document_of("a {{ first_name }}", title="{{ first_name }}")

    for part in (document.subject, document.preheader, document.html, document.text):
        assert "QZ" not in part.fill(MEMBER)


_MARKS = (
    *("<div>", "</div>", "<p>", "<table>", "<tr>", "<td>", "<script>", "</script>", "alert(1)"),
    *('<a href="javascript:x">', "</a>", "<img src=x onerror=y>", "<!--", "-->", "[a](b)"),
    *(
        "![x](y.png)",
        "**",
        "*",
        "_",
        "`",
        "```\n",
        "\n\n",
        "\n",
        "> ",
        "- ",
        "1. ",
        "# ",
        "<b",
        ">",
    ),
    *("| a | b |\n|---|---|\n| 1 | 2 |\n", "<br>", "&nbsp;", "&", "<?php ?>", "<![CDATA[x]]>"),
    *("{{ first_name }}", "{% x %}", "{# c #}", "\\", '"', "'", "\u00a0", "\u200d", "\ufeff"),
    *("नमस्ते", "مرحبا", "你好世界", "https://[", "www.a.b", "a@b.c", "QZABCDEF12N0ZQ", "<mj-text>"),
    *("</mj-text>", "]]>", "<form>", "<svg><p>", "<math>", "<title>", "<h1>x</h1>", "\x00", "\x07"),
    *('<p style="color:red;position:fixed">', '<p style="color:{{ first_name }}">', "~~", "[^1]"),
    *(
        '<a href="https://e.org/?q={{ first_name }}">',
        "<{{ first_name }}>",
        "[x]({{ first_name }})",
    ),
)
_THEME = load_sample_theme()
_TEXTS = st.lists(st.one_of(st.sampled_from(_MARKS), st.text(max_size=8)), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS.map("".join), st.text(max_size=20))
def test_any_text_compiles_or_is_an_input_error(body: str, words: str) -> None:
    values = {"title": words, "preheader": words, "section": words, "byline": Byline(words, words)}
    try:
        document = compiled(issue_of(body, **values), with_theme=_THEME).documents["-"]
    except InputErrors as refused:
        problems = refused.errors
    else:
        problems = ()
        html = document.html.fill(MEMBER).lower()
        assert "<script" not in html
        assert 'href="javascript:' not in html
        assert not re.search(r"<[^>]*onerror=", html)
    assert all(isinstance(each, AnnouncementError) for each in problems)


@pytest.mark.parametrize("title", ["a\r\nBcc: x@example.org", "a\nb"])
def test_a_line_break_in_the_subject_begins_no_header(title: str) -> None:
    subject = shown(document_of("a", subject=title).subject)

    assert "\n" not in subject
    assert "\r" not in subject
