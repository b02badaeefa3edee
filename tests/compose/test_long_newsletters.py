"""Newsletters of ten to forty screens, in the manners of four programs, compile as they are."""

from pathlib import Path

import long_newsletters
import pytest
from compose_samples import BRAND, MEMBER, places, theme

from newsletter.announcement.parse import read
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.wrap import WIDTH, width_of
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Variant

SCREEN = 1_000
"""Characters of text that a screen of a laptop shows, pictures aside."""

MANNERS = dict(long_newsletters.all_of_them())

EXPECTED = {
    "jekyll": {"unused-keys"},
    "hugo": {"unused-keys", "unknown-key", "preheader-length"},
    "buttondown": {"unused-keys", "preheader-missing"},
    "by_hand": {"html-changed", "html-dropped", "html-comment", "preheader-missing"},
}


def issue_in(folder: Path, manner: str) -> CompiledIssue:
    (folder / "images").mkdir()
    for name in ("hills.png", "small.png"):
        (folder / name).rename(folder / "images" / name)
    path = folder / "newsletter.md"
    path.write_text(MANNERS[manner], encoding="utf-8")
    issue = assemble(read(str(path)), subject=None, attributes=("first_name",), segments=())
    return compile_issue(
        issue, theme=theme(), brand=BRAND, images=places(folder), variants=(Variant(),)
    )


@pytest.mark.parametrize("manner", MANNERS)
def test_a_long_newsletter_compiles_without_a_change(workspace: Path, manner: str) -> None:
    issue = issue_in(workspace, manner)

    text = issue.documents["-"].text.fill(MEMBER)
    assert 10 * SCREEN <= len(text) <= 40 * SCREEN
    assert {finding.code for finding in issue.findings} <= EXPECTED[manner]
    assert all(
        finding.at and finding.at.line for finding in issue.findings if "html" in finding.code
    )
    assert issue.images


@pytest.mark.parametrize("manner", MANNERS)
def test_its_text_part_holds_no_markup_and_keeps_its_lines(workspace: Path, manner: str) -> None:
    text = issue_in(workspace, manner).documents["-"].text.fill(MEMBER)

    for mark in ("](", "{:", "{#", "<div", "<td", "</", "**", "[^", ":wave:", "TOC"):
        assert mark not in text
    wide = [line for line in text.split("\n") if width_of(line) > WIDTH]
    assert all("://" in line for line in wide)


@pytest.mark.parametrize("manner", MANNERS)
def test_every_link_within_it_has_its_place(workspace: Path, manner: str) -> None:
    html = issue_in(workspace, manner).documents["-"].html.fill(MEMBER)

    for piece in html.split('href="#')[1:]:
        assert f'name="{piece.partition(chr(34))[0]}"' in html
