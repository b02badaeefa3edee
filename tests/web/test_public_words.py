"""The words of the public pages: whole in every language, and chosen well."""

import re
import string
import threading
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsletter.web
from newsletter.errors import Refused
from newsletter.web.errands import Errands
from newsletter.web.speech import read_speeches

WORDS = Path(newsletter.web.__file__).parent / "pages/words.toml"
LANGUAGES = tomllib.loads(WORDS.read_text("utf-8"))["lang"]
CODE = "".join(path.read_text("utf-8") for path in WORDS.parents[1].glob("*.py"))


def values_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_five_languages_are_there() -> None:
    assert LANGUAGES.keys() >= {"en", "de", "fr", "es", "ar"}


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_a_language_says_everything_that_english_says(lang: str) -> None:
    words = LANGUAGES[lang]
    assert words.keys() == LANGUAGES["en"].keys()
    for key, sentence in words.items():
        assert values_in(sentence) == values_in(LANGUAGES["en"][key]), key
        assert sentence.strip() == sentence


def test_no_word_is_said_by_nobody() -> None:
    said = set(re.findall(r"\w+", CODE + (WORDS.parent / "public.html.j2").read_text("utf-8")))
    made = {f"letter_{kind}_{part}" for kind in ("me", "known") for part in ("subject", "text")}
    made |= {
        f"{kind}_{part}" for kind in ("failed", "foreign", "busy") for part in ("title", "text")
    }
    assert set(LANGUAGES["en"]) - said - made == set()


@given(st.text(max_size=200), st.text(max_size=40))
def test_whatever_a_browser_accepts_some_language_is_spoken(accepted: str, wished: str) -> None:
    assert read_speeches("tlh").choose(wished, accepted).lang in LANGUAGES


@pytest.mark.parametrize(
    ("wished", "accepted", "own", "lang"),
    [
        ("ar", "de", "fr", "ar"),
        ("", "de-CH,de;q=0.9,en;q=0.8", "fr", "de"),
        ("tlh", "en;q=0.1, es;q=0.2", "fr", "es"),
        ("", "ja", "fr-CA", "fr"),
        ("", "", "ja", "en"),
    ],
)
def test_the_member_is_asked_first_then_the_browser_then_the_society(
    wished: str, accepted: str, own: str, lang: str
) -> None:
    assert read_speeches(own).choose(wished, accepted).lang == lang


def test_an_errand_that_fails_is_told_without_a_name_and_keeps_none_from_its_turn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    errands, done = Errands(), threading.Event()

    def refused() -> None:
        raise Refused("the theme is wrong")

    def broken() -> None:
        raise KeyError("ada@example.net")

    assert all(errands.add(each) for each in (refused, broken, done.set))
    errands.close()
    assert done.is_set()
    told = capsys.readouterr().err
    assert "the theme is wrong" in told
    assert "KeyError" in told
    assert "ada" not in told


def test_errands_are_refused_when_too_many_wait() -> None:
    errands, go = Errands(), threading.Event()
    assert errands.add(lambda: go.wait(30) and None)
    taken = sum(errands.add(lambda: None) for _ in range(600))
    assert 499 <= taken <= 501
    go.set()
    errands.close()
