"""Cutting a paragraph after so many words, never within its markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.excerpt import count_words, shorten

PARAGRAPH = (
    "Read [the whole story](https://x.org/a_(b)) by {{ first_name or 'you' }}, **now or never**."
)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (1, "Read \u2026"),
        (3, "Read \u2026"),
        (4, "Read [the whole story](https://x.org/a_(b)) \u2026"),
        (6, "Read [the whole story](https://x.org/a_(b)) by {{ first_name or 'you' }} \u2026"),
        (9, PARAGRAPH),
        (50, PARAGRAPH),
    ],
)
def test_markup_stays_whole(words: int, kept: str) -> None:
    assert shorten(PARAGRAPH, words) == kept


def test_a_sentence_that_ends_there_needs_no_dots() -> None:
    assert shorten("It is open. Come and see.", 3) == "It is open. \u2026"
    assert shorten("It is open.", 3) == "It is open."


@given(
    words=st.lists(st.sampled_from(["one", "two,", "three.", "ü", "🧬", "עברית"]), min_size=1),
    most=st.integers(1, 12),
)
def test_of_plain_words_the_first_stay_and_no_more(words: list[str], most: int) -> None:
    kept = shorten(" ".join(words), most).removesuffix(" \u2026").split()
    assert len(kept) == min(most, len(words))
    assert [re.sub(r"[,.]$", "", each) for each in kept] == [
        re.sub(r"[,.]$", "", each) for each in words[: len(kept)]
    ]


@given(st.text(alphabet="ab []()*_`{}<>\\ \n", max_size=60), st.integers(1, 5))
def test_any_text_can_be_cut(text: str, words: int) -> None:
    kept = shorten(text, words).removesuffix(" \u2026")
    assert text.startswith(kept.rstrip()) or kept.strip() in text


def test_only_what_readers_see_counts_as_words() -> None:
    text = (
        "::: only students\nIt's 3 words-long, [a b](http://x.org/y) {{ x or 'y' }} <b>now</b>\n:::"
    )
    assert count_words(text) == 6
