"""Every theme leads to the issue's page in the archive where it has one, in each language."""

import tomllib
from dataclasses import replace

import pytest
from compose_samples import MEMBER, TEMPLATES, compiled, issue_of, theme_named

from newsletter.compose.themefiles import theme_names

URL = "https://news.example.org/archive/sample/"
THEMES = theme_names(TEMPLATES)
WORDS = tomllib.loads((TEMPLATES / "shared/words.toml").read_text("utf-8"))["lang"]


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_leads_to_the_page_in_both_parts(name: str) -> None:
    issue = replace(issue_of("Text."), browser_url=URL)
    document = compiled(issue, with_theme=theme_named(name)).documents["-"]
    html, text = document.html.fill(MEMBER), document.text.fill(MEMBER)
    assert html.count(f'href="{URL}"') == 1
    assert "View in browser</a>" in html
    assert f"View in browser: {URL}\n" in text


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_leads_nowhere_where_there_is_no_page(name: str) -> None:
    document = compiled(issue_of("Text."), with_theme=theme_named(name)).documents["-"]
    assert "View in browser" not in document.html.fill(MEMBER) + document.text.fill(MEMBER)


def test_the_link_is_the_same_for_all_members() -> None:
    document = compiled(replace(issue_of("Text."), browser_url=URL)).documents["-"]
    assert URL in "".join(document.html.literals)


@pytest.mark.parametrize("lang", [lang for lang in WORDS if "-" not in lang or lang == "zh-Hant"])
def test_it_is_said_in_the_language_of_the_issue(lang: str) -> None:
    issue = replace(issue_of("Text.", lang=lang), browser_url=URL)
    assert f"{WORDS[lang]['browser']}</a>" in compiled(issue).documents["-"].html.fill(MEMBER)
