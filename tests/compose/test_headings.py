"""The levels of headings, and the list of the sections in a digest."""

import re
from pathlib import Path

from compose_samples import codes_of, compiled, issue_of, text_of, theme_named
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.check.page import read_page
from newsletter.check.place import Places
from newsletter.check.structure import check_structure
from newsletter.message.frozen import Document

CARD = "::: card https://example.org\n### A card\nText.\n:::\n\n"
EVENT = "::: event An hour\nWhen: 4 March 2027, 17:00 CET\nWhere: online\n:::\n\n"
PIECES = (
    *("## A section\n\n", "### A part\n\n", "Words.\n\n", CARD, EVENT),
    "::: lead\n### What comes first\nText.\n:::\n\n",
    "::: columns\n### Left\na\n\n---\n\n### Right\nb\n:::\n\n",
    "::: items In brief\n- [One](https://example.org) thing\n:::\n\n",
    "::: callout\n#### Within\ntext\n:::\n\n",
)


def _document(body: str, theme: str = "announcement") -> Document:
    return compiled(issue_of(body), with_theme=theme_named(theme)).documents["-"]


def _levels(body: str, theme: str = "announcement") -> list[int]:
    html = "".join(_document(body, theme).html.literals)
    return [int(level) for level in re.findall(r"<h([1-6])\b", html)]


def test_a_card_right_below_the_headline_is_of_the_second_level() -> None:
    assert _levels(CARD + EVENT) == [1, 2, 2]


def test_a_card_in_a_section_is_of_the_third_level() -> None:
    assert _levels("## A section\n\n" + CARD + EVENT) == [1, 2, 3, 3]


def test_the_headings_within_a_block_follow_from_the_place_of_the_block() -> None:
    inner = "::: callout\n##### Deep\na\n\n###### Deeper\nb\n:::\n\n"

    assert _levels(inner) == [1, 2, 3]
    assert _levels(f"## A section\n\n{inner}") == [1, 2, 3, 4]


def test_a_third_level_right_below_the_headline_is_a_finding_with_its_line() -> None:
    assert ("heading-jump", 11) in codes_of("### Too deep")
    assert ("heading-jump", 13) not in codes_of("## Section\n\n### Part")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from(("announcement", "event")))
def test_whatever_blocks_follow_each_other_a_jump_is_found_where_it_was_written(
    pieces: list[str], theme: str
) -> None:
    body = "".join(pieces)
    written = [code for code, _ in codes_of(body) if code == "heading-jump"]

    page = read_page(_document(body, theme))
    shown = [each.code for each in check_structure(page, Places(issue_of(body)))]
    assert ("heading-jump" in shown) <= ("heading-jump" in written)


DIGEST = (
    "## From us\n\nText.\n\n"
    "::: items In brief\n- [One](https://example.org) thing\n:::\n\n"
    "::: jobs Positions\n- [Hydrologist](https://example.org/job), Hamburg\n:::\n"
)


def test_the_digest_leads_from_its_list_of_sections_to_each_of_them() -> None:
    html = "".join(_document(DIGEST, "digest").html.literals)

    for name in ("from-us", "in-brief", "positions"):
        assert html.count(f'href="#{name}"') == 1
        assert html.count(f'id="{name}"') == 1


def test_sections_of_one_name_get_anchors_of_their_own() -> None:
    html = "".join(_document("## News\n\na\n\n" * 3, "digest").html.literals)

    assert [html.count(f'id="{name}"') for name in ("news", "news-1", "news-2")] == [1, 1, 1]


def test_other_themes_carry_no_anchors_that_nothing_leads_to() -> None:
    assert " id=" not in "".join(_document(DIGEST).html.literals).partition("<body")[2]


def test_a_list_of_contents_by_the_author_stands_instead_of_the_one_of_the_theme() -> None:
    body = f"::: contents\n:::\n\n{DIGEST}"
    html = "".join(_document(body, "digest").html.literals)

    assert "In this issue" not in html
    assert html.count('href="#positions"') == html.count('id="positions"') == 1
    assert "- Positions" in text_of(body)


def test_a_name_with_marks_cannot_break_the_list() -> None:
    body = '## <b>A</b> & "B"\n\na\n\n## Zwei {#b}\n\nb\n\n## עברית\n\nc\n'
    html = "".join(_document(body, "digest").html.literals)

    targets = re.findall(r'href="#([^"]*)"', html)
    assert len(targets) == 3
    assert all(html.count(f'id="{each}"') == 1 for each in targets)


def test_a_compiled_issue_knows_which_line_of_the_theme_begins_the_email() -> None:
    template = compiled(issue_of("a")).template

    assert template
    source = Path(template.path).read_text(encoding="utf-8").split("\n")
    assert template.line
    assert source[template.line - 1].startswith("<mjml")
