"""Typed quotes and dashes become those of print where somebody asks for it."""

from dataclasses import replace

import pytest
from compose_samples import BRAND, MEMBER, compiled, issue_of

from newsletter.announcement.parse import parse
from newsletter.announcement.source import Source
from newsletter.errors import InputErrors

TYPED = '"So" -- she said -- it\'s \'ours\'... (c) `"code"` <b title="x">b</b>'


def text_of(markdown: str, *, lang: str = "", asked: bool | None = True) -> str:
    issue = issue_of(markdown, lang=lang, smart_punctuation=asked)
    return compiled(issue).documents["-"].text.fill(MEMBER)


def test_quotes_dashes_and_dots_become_those_of_print_but_not_in_code() -> None:
    assert '“So” \u2013 she said \u2013 it\u2019s \u2018ours\u2019… (c) "code" *b*' in text_of(
        TYPED
    )


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("de", "„So“"),
        ("fr-CA", "«\u00a0So\u00a0»"),
        ("sv", "”So”"),
        ("ja", "「So」"),
        ("hi", "“So”"),
    ],
)
def test_quotes_are_those_of_the_language(lang: str, written: str) -> None:
    assert written in text_of(TYPED, lang=lang)


def test_nothing_changes_where_nobody_asks() -> None:
    assert '"So" -- she' in text_of(TYPED, asked=None)


def test_the_settings_ask_for_all_and_an_announcement_may_refuse() -> None:
    brand = replace(BRAND, smart_punctuation=True)
    for asked, written in ((None, "“So”"), (False, '"So"')):
        issue = issue_of(TYPED, smart_punctuation=asked)
        assert written in compiled(issue, brand=brand).documents["-"].text.fill(MEMBER)


def test_front_matter_says_true_or_false() -> None:
    source = "---\ntitle: a\nsmart_punctuation: {}\n---\ntext"
    for said, meant in (("true", True), ("no", False)):
        assert parse(Source(path="a.md", text=source.format(said))).smart_punctuation is meant
    with pytest.raises(InputErrors, match="neither true nor false"):
        parse(Source(path="a.md", text=source.format("maybe")))
