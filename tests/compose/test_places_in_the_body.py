"""Anchors and lists of contents: where links within an email lead."""

import re

import pytest
from compose_samples import codes_of, compiled, issue_of, text_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.anchors import slug_of


def html_of(markdown: str) -> str:
    return "".join(compiled(issue_of(markdown)).documents["-"].html.literals)


def test_a_link_to_a_heading_finds_an_empty_anchor_with_name_and_id() -> None:
    html = html_of("[Go](#annual-meeting)\n\n## Annual Meeting\n\nText.")

    assert re.search(r'<a[^>]*href="#annual-meeting"', html)
    # Gmail and Outlook for Windows look for an empty anchor by its name, others for the id.
    anchor = r'<a id="annual-meeting" name="annual-meeting"[^>]*></a>'
    assert re.search(rf"<h2[^>]*>{anchor}Annual Meeting</h2>", html)
    assert codes_of("[Go](#annual-meeting)\n\n## Annual Meeting\n\nText.") == []


def test_headings_that_nothing_leads_to_cost_no_bytes() -> None:
    assert 'name="news"' not in html_of("## News\n\nText.")


@pytest.mark.parametrize(
    ("heading", "link"),
    [
        ("## Annual Meeting {#meet}", "meet"),
        ("## Annual Meeting {: #meet .wide}", "meet"),
        ("## Annual Meeting\n{: #meet}", "meet"),
        ('<a name="meet"></a>\n\n## Annual Meeting', "meet"),
        ('<a name="meet"/>\n## Annual Meeting', "meet"),
        ('## <a id="meet"></a>Annual Meeting', "meet"),
        ('<h2 id="meet">Annual Meeting</h2>', "meet"),
        ('<div id="meet">\n\n## Annual Meeting\n\n</div>', "meet"),
        ('<span id="meet">Words</span> more', "meet"),
        ("## 1. Annual   Meeting", "annual-meeting"),
        ("## Größe & Œuvre", "größe--œuvre"),
        ("## Größe & Œuvre", "gr%C3%B6%C3%9Fe--%C5%93uvre"),
        ("## 日本語の見出し", "日本語の見出し"),
        ("## *Annual* [Meeting](https://example.org)", "Annual-Meeting"),
    ],
)
def test_a_place_is_found_however_it_was_named(heading: str, link: str) -> None:
    markdown = f"[Go](#{link})\n\n{heading}\n\nText."

    target = re.search(r'href="#([^"]+)"', html_of(markdown))
    assert target
    assert f'name="{target[1]}"' in html_of(markdown)
    assert target[1].isascii()
    assert [code for code, _ in codes_of(markdown) if "anchor" in code] == []
    assert "{" not in text_of(markdown)


def test_a_second_heading_of_the_same_words_gets_a_number() -> None:
    html = html_of("[a](#news) [b](#news-1)\n\n## News\n\nx\n\n## News\n\ny")

    assert html.index('name="news"') < html.index('name="news-1"')


def test_a_link_to_no_place_keeps_its_words_and_is_a_finding() -> None:
    assert codes_of("a\n\n[Go there](#nowhere)") == [("link-anchor", 13)]
    assert re.search(r">a</p><p[^>]*>Go there</p>", html_of("a\n\n[Go there](#nowhere)"))


def test_a_name_that_is_given_twice_is_a_finding() -> None:
    assert ("anchor-twice", 15) in codes_of("## A {#x}\n\ntext\n\n## B {#x}\n\n[go](#x)")


@pytest.mark.parametrize(
    "wish",
    [
        "[TOC]",
        "[[toc]]",
        "[[_TOC_]]",
        "* TOC\n{:toc}",
        "1. This becomes a list\n{:toc}",
        "{:toc}",
        "::: contents\n:::",
    ],
)
def test_a_list_of_contents_is_made_of_the_headings_below_it(wish: str) -> None:
    markdown = f"## Before\n\n{wish}\n\n## News\n\nx\n\n### Grants *now*\n\ny\n\n## Events\n\nz"

    assert "- News\n  - Grants now\n- Events\n" in text_of(markdown)
    html = html_of(markdown)
    assert re.findall(r'href="#([^"]+)"', html) == ["news", "grants-now", "events"]
    assert "#before" not in html
    assert codes_of(markdown) == []


def test_a_list_of_contents_has_a_title_and_sees_headings_in_blocks() -> None:
    markdown = "::: contents In this issue\n:::\n\n::: callout\n### Fees\nText.\n:::"

    assert "In this issue\n\n- Fees" in text_of(markdown)
    assert re.search(r"<strong>In this issue</strong></p><ul", html_of(markdown))


def test_a_list_of_contents_without_headings_is_an_error() -> None:
    assert codes_of("::: contents\n:::\n\nText.") == [("directive", 11)]


def test_a_long_list_of_contents_shows_the_upper_level_only() -> None:
    body = "".join(f"## Part {n}\n\n### Below {n}\n\nx\n\n" for n in range(20))
    text = text_of(f"[TOC]\n\n{body}").partition("Part 0\n---")[0]

    assert "- Part 19" in text
    assert "Below" not in text


@given(st.text(max_size=40))
def test_a_slug_has_no_space_and_no_capital(words: str) -> None:
    slug = slug_of(words)
    assert " " not in slug
    assert slug == slug_of(slug)


@given(
    st.lists(
        st.sampled_from(
            ["## a\n\n", "[x](#a) ", "[TOC]\n\n", '<a id="a"></a>\n\n', "### b {#a}\n\n"]
        )
    )
)
def test_any_mix_of_places_and_links_compiles(parts: list[str]) -> None:
    compiled(issue_of("e\n\n" + "".join(parts)))
