"""MJML that its compiler would take in silence is told, with the line of the template."""

import re
from pathlib import Path

import pytest
from compose_samples import TEMPLATES, compiled, issue_of

from newsletter.compose.components import load_components
from newsletter.compose.mjml import compile_mjml
from newsletter.compose.origin import mark, unmark
from newsletter.compose.theme import load_theme
from newsletter.errors import InputErrors, Location, ThemeError

AT = Location("issue.mjml.j2")


def _problems(inside: str) -> list[str]:
    source = (
        f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"
    )
    try:
        compile_mjml(source, AT)
    except InputErrors as found:
        return [each.problem for each in found.errors]
    return []


@pytest.mark.parametrize(
    ("mjml", "problem"),
    [
        ("<mj-txt>a</mj-txt>", "there is no <mj-txt> in MJML"),
        ('<mj-text colour="#000">a</mj-text>', "<mj-text> has no attribute 'colour'"),
        ('<mj-text color="banana">a</mj-text>', "color='banana' of <mj-text> is no such value"),
        ('<mj-text color="#12345">a</mj-text>', "color='#12345' of <mj-text> is no such value"),
        ('<mj-text font-size="17">a</mj-text>', "font-size='17' of <mj-text> is no such value"),
        ('<mj-text padding="1px 2">a</mj-text>', "padding='1px 2' of <mj-text> is no such value"),
        (
            '<mj-button align="centre">a</mj-button>',
            "align='centre' of <mj-button> is no such value",
        ),
        ('<mj-image src="https://e.org/a.png"/>', "<mj-image> has no alt"),
        ("<mj-column></mj-column>", "<mj-column> cannot stand in <mj-column>"),
        ("<mj-text><mj-button>a</mj-button></mj-text>", "<mj-button> cannot stand in <mj-text>"),
        ("<p>a</p>", "<p> stands directly in <mj-column>, where nobody would see it"),
        ("words", "text stands directly in <mj-column>, where nobody would see it: 'words'"),
    ],
)
def test_what_mjml_does_not_know_is_told(mjml: str, problem: str) -> None:
    assert _problems(mjml) == [problem]


@pytest.mark.parametrize(
    "mjml",
    [
        '<mj-text color="#FFF" line-height="1.65" letter-spacing="-0.2px">a <b>b</b></mj-text>',
        '<mj-text color="rgba(0, 0, 0, .5)" padding="0 32px" css-class="a b">a</mj-text>',
        '<mj-image src="https://e.org/a.png" alt="" height="auto" fluid-on-mobile="true"/>',
        '<mj-table width="100%" cellpadding="4"><tr><td>a</td></tr></mj-table>',
        '<mj-button color="White" href="https://e.org/?a=1&amp;b=2">a</mj-button>',
        '<mj-raw><table width="banana"><tr><td>a</td></tr></table></mj-raw>',
        '<mj-social><mj-social-element name="github">a</mj-social-element></mj-social>',
    ],
)
def test_what_mjml_knows_is_let_in(mjml: str) -> None:
    assert _problems(mjml) == []


def test_text_directly_in_the_body_and_a_root_that_is_none_are_told() -> None:
    with pytest.raises(InputErrors, match="<mj-text> cannot stand in <mj-body>"):
        compile_mjml("<mjml><mj-body><mj-text>a</mj-text></mj-body></mjml>", AT)
    with pytest.raises(InputErrors, match="<mj-body> begins the email"):
        compile_mjml("<mj-body></mj-body>", AT)


def test_everything_is_told_at_once_and_each_thing_once() -> None:
    assert len(_problems('<mj-text x="1">a</mj-text>' * 3 + "<mj-button y='1'>b</mj-button>")) == 2


def test_a_default_for_all_may_be_an_attribute_of_any_component() -> None:
    source = (
        "<mjml><mj-head><mj-attributes><mj-all {0} /><mj-image padding='0px' /></mj-attributes>"
        "</mj-head><mj-body></mj-body></mjml>"
    )
    compile_mjml(source.format('font-family="Georgia"'), AT)
    with pytest.raises(InputErrors, match="<mj-all> has no attribute 'font'"):
        compile_mjml(source.format('font="Georgia"'), AT)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(InputErrors) as refused:
        compile_mjml('<mjml><mj-body backgroundcolor="#fff"></mj-body></mjml>', AT)

    assert refused.value.errors[0].hint == "write background-color"


def _theme_with(tmp_path: Path, own: str, shared: str = "") -> None:
    for name in ("announcement", "shared"):
        (tmp_path / name).mkdir()
        for path in (TEMPLATES / name).iterdir():
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    (tmp_path / "announcement/issue.mjml.j2").write_text(own, encoding="utf-8")
    parts = tmp_path / "shared/parts.mjml.j2"
    parts.write_text(parts.read_text(encoding="utf-8") + shared, encoding="utf-8")


def _places(tmp_path: Path) -> list[str]:
    with pytest.raises(InputErrors) as refused:
        compiled(issue_of("a\n\nb"), with_theme=load_theme(tmp_path, "announcement"))
    return [
        str(each.at).removeprefix(f"{tmp_path}/")
        for each in refused.value.errors
        if isinstance(each, ThemeError)
    ]


def test_a_mistake_is_placed_at_its_line_of_the_template(tmp_path: Path) -> None:
    own = (
        "{# a\n comment #}\n{% extends 'shared/email.mjml.j2' %}\n{% block opening %}\n"
        "{% for each in body %}\n<mj-section>\n  <mj-column\n  widht='5px'>\n"
        "{{ action({'url': 'https://e.org', 'label': 'a'}, brand, on_accent, start) }}"
        "</mj-column></mj-section>\n{% endfor %}\n{% endblock %}\n"
    )
    _theme_with(tmp_path, own)

    assert _places(tmp_path) == ["announcement/issue.mjml.j2:7"]


def test_a_mistake_in_a_shared_macro_is_placed_there(tmp_path: Path) -> None:
    own = (
        "{% extends 'shared/email.mjml.j2' %}\n{% from 'parts.mjml.j2' import wrong %}\n"
        "{% block opening %}\n<mj-section><mj-column>{{ wrong() }}</mj-column></mj-section>"
        "{% endblock %}"
    )
    lines = (TEMPLATES / "shared/parts.mjml.j2").read_text(encoding="utf-8").count("\n")
    _theme_with(tmp_path, own, "{% macro wrong() %}\n<mj-texxt>a</mj-texxt>{% endmacro %}")

    assert _places(tmp_path) == [f"shared/parts.mjml.j2:{lines + 2}"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('<mj-column width="9px" width="8px"></mj-column>', "redefined"),
        ("<mj-column><mj-text>a</mj-column>", "mismatch"),
    ],
)
def test_a_duplicate_attribute_and_an_open_tag_are_placed_too(
    tmp_path: Path, line: str, says: str
) -> None:
    own = (
        "{% extends 'shared/email.mjml.j2' %}\n{% block opening %}\n<mj-section>\n"
        f"{line}\n</mj-section>{{% endblock %}}"
    )
    _theme_with(tmp_path, own)

    with pytest.raises(InputErrors, match=says):
        compiled(issue_of("a"), with_theme=load_theme(tmp_path, "announcement"))
    assert _places(tmp_path) == ["announcement/issue.mjml.j2:4"]


def test_no_origin_is_left_in_an_email() -> None:
    source = '<mj-text\n color="#000">{{ "<mj-x>" }}{# <mj-y> #}<!-- <mj-z> --></mj-text>'

    assert mark(source, 'a"b{{.mjml.j2').count("newsletter-origin") == 1
    assert unmark(mark(source, 'a"b{{.mjml.j2')) == source


def test_the_table_of_components_is_consistent() -> None:
    known = load_components()

    assert len(known.table) == 32
    for component in known.table.values():
        assert component.parents - {"-"} <= known.table.keys(), component.name
        for kind in component.attributes.values():
            # A misspelt kind would be a choice of one word.
            assert known.wanted(kind, "\0") or kind in {"text", ""}, (component.name, kind)
            assert re.fullmatch(r"[a-z+-]+(\|[a-z-]+)*|", kind)
    for name in ("mj-text", "mj-button", "mj-raw"):
        assert known.table[name].holds_html
