import shutil
import tomllib
from pathlib import Path

import pytest
from compose_samples import MEMBER, TEMPLATES, compiled, issue_of

from newsletter.compose.page import BLOCKS
from newsletter.compose.theme import load_theme
from newsletter.compose.themefiles import theme_names
from newsletter.errors import InputErrors, ThemeError


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES / "shared", tmp_path / "announcement")
    (tmp_path / "announcement/email.mjml.j2").rename(tmp_path / "announcement/issue.mjml.j2")
    (tmp_path / "announcement/words.toml").rename(tmp_path / "announcement/theme.toml")
    return tmp_path


def _append(templates: Path, part: str, text: str) -> None:
    path = templates / "announcement" / part
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_an_unknown_theme_names_those_there_are(templates: Path) -> None:
    with pytest.raises(ThemeError, match="available: announcement") as refused:
        load_theme(templates, "anouncement")

    assert refused.value.hint == "did you mean 'announcement'?"


@pytest.mark.parametrize("name", ["../announcement", "announcement/", ".", "", "/etc", "a\0b"])
def test_a_theme_name_is_no_path(templates: Path, name: str) -> None:
    with pytest.raises(ThemeError, match="there is no theme"):
        load_theme(templates, name)


@pytest.mark.parametrize("part", ["issue.mjml.j2", "issue.txt.j2", "inline.css.j2", "dark.css.j2"])
def test_a_template_that_cannot_be_read_is_named_with_its_line(templates: Path, part: str) -> None:
    lines = (templates / "announcement" / part).read_text(encoding="utf-8").count("\n")
    _append(templates, part, "\n{% if %}")

    with pytest.raises(ThemeError) as refused:
        load_theme(templates, "announcement")

    assert str(refused.value.at).endswith(f"{part}:{lines + 2}")


def test_a_variable_that_is_not_there_is_named_with_its_line(templates: Path) -> None:
    lines = (templates / "announcement/issue.txt.j2").read_text(encoding="utf-8").count("\n")
    _append(templates, "issue.txt.j2", "{{ titel }}")

    with pytest.raises(InputErrors, match=rf"issue\.txt\.j2:{lines + 1}: .*titel"):
        compiled(issue_of("a"), with_theme=load_theme(templates, "announcement"))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("dark.css.j2", "\n@import 'https://e.org/x.css';"),
        ("inline.css.j2", "\n@IMPORT url(http://e.org/x.css);"),
        ("inline.css.j2", "\np { background: url( 'https://e.org/x.png') }"),
        ("dark.css.j2", "\np { background: url(//e.org/x.png) }"),
        ("issue.mjml.j2", '\n<mj-font name="x" href="https://e.org"/>'),
        ("issue.mjml.j2", '\n<mj-include path="/etc/passwd"/>'),
    ],
)
def test_whatever_a_theme_would_fetch_is_refused_at_its_line(
    templates: Path, part: str, text: str
) -> None:
    lines = (templates / "announcement" / part).read_text(encoding="utf-8").count("\n")
    _append(templates, part, text)

    with pytest.raises(ThemeError, match="nothing is fetched") as refused:
        load_theme(templates, "announcement")

    assert refused.value.at
    assert refused.value.at.line == lines + 2


def test_an_image_within_the_css_is_let_in(templates: Path) -> None:
    _append(templates, "dark.css.j2", "\np { background: url(data:image/gif;base64,R0lG) }")

    assert load_theme(templates, "announcement").name == "announcement"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ brand.__init__.__globals__ }}",
        "{% include '../../secret.txt' %}",
        "{% for x in range(10000000) %}{% endfor %}",
    ],
)
def test_a_template_reaches_nothing_but_its_variables(templates: Path, attack: str) -> None:
    (templates.parent / "secret.txt").write_text("secret", encoding="utf-8")
    _append(templates, "issue.txt.j2", attack)

    with pytest.raises((ThemeError, InputErrors)):
        compiled(issue_of("a"), with_theme=load_theme(templates, "announcement"))


def test_a_theme_that_changes_a_slot_is_refused(templates: Path) -> None:
    _append(templates, "issue.txt.j2", "{{ title | lower }}")

    with pytest.raises(InputErrors, match="changes the text of a slot"):
        compiled(
            issue_of("a", title="For {{ first_name }}"),
            with_theme=load_theme(templates, "announcement"),
        )


@pytest.mark.parametrize("part", ["issue.mjml.j2", "issue.txt.j2"])
def test_a_theme_without_an_unsubscribe_link_is_refused(templates: Path, part: str) -> None:
    path = templates / "announcement" / part
    source = path.read_text(encoding="utf-8").replace("{{ unsubscribe_url }}", "https://e.org")
    path.write_text(source, encoding="utf-8")

    with pytest.raises(InputErrors, match="no unsubscribe link"):
        compiled(issue_of("a"), with_theme=load_theme(templates, "announcement"))


def test_a_missing_part_is_named(templates: Path) -> None:
    (templates / "announcement/inline.css.j2").unlink()

    with pytest.raises(ThemeError, match=r"no inline\.css\.j2"):
        load_theme(templates, "announcement")


@pytest.mark.parametrize("source", ["x = ", "[lang.de]\n", "[lang.en]\nmonths = []"])
def test_wrong_words_are_told(templates: Path, source: str) -> None:
    (templates / "announcement/theme.toml").write_text(source, encoding="utf-8")

    with pytest.raises(ThemeError):
        load_theme(templates, "announcement")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ('blocks = ["button", "buton"]', "no block: buton"),
        ('blocks = "button"', "no block: button"),
        ('block = ["button"]', "'block' is no key"),
        ("lang = 3", "holds no words"),
    ],
)
def test_wrong_settings_of_a_theme_are_told(templates: Path, settings: str, problem: str) -> None:
    path = templates / "announcement/theme.toml"
    path.write_text(f"{settings}\n{path.read_text('utf-8')}" if settings[0] == "b" else settings)

    with pytest.raises(ThemeError, match=problem):
        load_theme(templates, "announcement")


def test_a_block_that_a_theme_does_not_name_blocks_a_dispatch(templates: Path) -> None:
    path = templates / "announcement/theme.toml"
    path.write_text(f'blocks = ["button"]\n{path.read_text("utf-8")}', encoding="utf-8")
    theme = load_theme(templates, "announcement")

    result = compiled(issue_of("::: callout\nComing soon.\n:::"), with_theme=theme)

    assert [(each.code, each.severity) for each in result.findings] == [("theme-block", "error")]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A theme of two files over the shared ones."""
    shutil.copytree(TEMPLATES / "shared", tmp_path / "shared")
    (tmp_path / "small").mkdir()
    (tmp_path / "small/theme.toml").write_text('[lang.en]\nunsubscribe = "Leave us"\n', "utf-8")
    (tmp_path / "small/issue.mjml.j2").write_text('{% extends "shared/email.mjml.j2" %}', "utf-8")
    return tmp_path


def test_a_theme_takes_what_it_lacks_from_the_shared_files(small: Path) -> None:
    document = compiled(issue_of("a"), with_theme=load_theme(small, "small")).documents["-"]

    assert "Leave us" in document.text.fill(MEMBER)
    assert "Change what you get" in document.text.fill(MEMBER)


def test_a_file_of_a_theme_goes_before_the_shared_one(small: Path) -> None:
    own = '{% include "shared/dark.css.j2" %} .mine { color: red }'
    (small / "small/dark.css.j2").write_text(own, "utf-8")
    document = compiled(issue_of("a"), with_theme=load_theme(small, "small")).documents["-"]

    assert ".mine { color: red }" in document.html.fill(MEMBER)
    assert "prefers-color-scheme" in document.html.fill(MEMBER)


def test_the_shared_files_are_no_theme(small: Path) -> None:
    (small / "shared/theme.toml").write_text("", "utf-8")

    with pytest.raises(ThemeError, match="available: small"):
        load_theme(small, "shared")


def test_every_theme_that_comes_along_names_every_block() -> None:
    names = theme_names(TEMPLATES)

    assert names == ["announcement", "digest", "event", "letter", "notice"]
    for name in names:
        assert load_theme(TEMPLATES, name).blocks == BLOCKS


@pytest.mark.parametrize(
    ("lang", "word"),
    [
        ("pt", "Cancelar a subscrição"),
        ("pt-BR", "Cancelar inscrição"),
        ("pt-AO", "Cancelar a subscrição"),
        ("zh-Hant-TW", "取消訂閱"),
        ("ja", "配信停止"),
        ("tlh", "Unsubscribe"),
    ],
)
def test_the_words_are_those_of_the_nearest_language(lang: str, word: str) -> None:
    assert load_theme(TEMPLATES, "digest").wording(lang)["unsubscribe"] == word


def test_every_language_has_every_word_of_its_own() -> None:
    words = tomllib.loads((TEMPLATES / "shared/words.toml").read_text("utf-8"))["lang"]
    whole = {lang for lang in words if "-" not in lang}

    european = {"en", "de", "fr", "es", "it", "pt", "nl"}
    assert whole == european | {"ar", "he", "hi", "th", "ja", "zh"}
    assert all(words[lang].keys() == words["en"].keys() for lang in whole)
