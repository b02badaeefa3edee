import pytest
from compose_samples import BRAND

from newsletter.compose.inline import inline_css
from newsletter.compose.mjml import compile_mjml
from newsletter.errors import Location, ThemeError

AT = Location("issue.mjml.j2")


def _email(inside: str) -> str:
    return (
        f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"
    )


@pytest.mark.parametrize(
    "words",
    [
        "Voilà «\u00a0oui\u00a0»",
        "हिन्दी में",
        "ภาษาไทย",
        "العَرَبِيَّة",
        "Tie\u0302\u0301ng Vie\u0323\u0302t",
        "👩\u200d🔬",
        "soft\u00adhyphen",
        "back\\slash",
    ],
)
def test_words_in_attributes_arrive_as_they_were_written(words: str) -> None:
    html = compile_mjml(_email(f'<mj-image src="https://e.org/a.png" alt="{words}"/>'), AT)

    assert f'alt="{words}"' in inline_css(html, "p { margin: 0 }", AT)


def test_an_attribute_over_several_lines_keeps_its_first_declaration() -> None:
    html = compile_mjml(_email('<mj-text><p style="\n color:red;\n margin:0">a</p></mj-text>'), AT)

    assert "color:red" in html
    assert "\\n" not in html


def test_a_zero_without_a_unit_counts_in_outlooks_widths() -> None:
    source = _email("<mj-text>a</mj-text>").replace("<mj-section>", '<mj-section padding="0 32px">')

    assert "width:536px" in compile_mjml(source, AT)


def test_ten_thousand_nested_tags_of_a_theme_are_an_error_and_no_crash() -> None:
    for tag in ("mj-section", "div"):
        with pytest.raises(ThemeError, match="deep"):
            compile_mjml(f"<{tag}>" * 10_000 + f"</{tag}>" * 10_000, AT)


def test_a_tag_that_is_not_closed_is_named_with_its_line() -> None:
    with pytest.raises(ThemeError, match="mj-text") as refused:
        compile_mjml("<mjml><mj-body>\n<mj-text>\n</mj-body></mjml>", AT)

    assert "line 2" in refused.value.problem
    assert refused.value.at == AT


def test_entities_of_html_are_known() -> None:
    assert "a" in compile_mjml(_email("<mj-text>a&nbsp;&mdash;&amp;b</mj-text>"), AT)


def test_no_font_service_is_ever_named() -> None:
    html = compile_mjml(_email('<mj-text font-family="Roboto, Lato">a</mj-text>'), AT)

    assert "fonts.googleapis.com" not in html
    assert "@import" not in html


def test_the_doctype_survives_and_media_queries_keep_their_importance() -> None:
    source = _email("<mj-text>a</mj-text>").replace(
        "<mj-body>",
        "<mj-head><mj-style>@media (max-width:9px) { .x { color: red !important; } }</mj-style>"
        "</mj-head><mj-body>",
    )
    html = inline_css(compile_mjml(source, AT), ".x { color: blue }", AT)

    assert html.startswith("<!DOCTYPE html>")
    assert "color: red !important" in html
    assert "data-premailer" not in html


def test_an_import_in_css_that_is_moved_is_refused() -> None:
    for css in ("@import url(http://internal.example/x);", "@\\69mport 'x';", "@media x { }"):
        with pytest.raises(ThemeError, match="rules with @"):
            inline_css("<p>a</p>", css, AT)


def test_nothing_is_said_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    inline_css("<p>a</p>", "p { mso-line-height-rule: exactly; colour: what; }}", AT)

    assert capfd.readouterr() == ("", "")
    assert BRAND.name
