"""Announcements that a digest names are taken in, each word with the place it was written at."""

from pathlib import Path

import pytest

from newsletter.announcement.announcement import Announcement, Image
from newsletter.announcement.digest import Entry, Part, Section, body_of, entry_of
from newsletter.announcement.parse import examine, read
from newsletter.errors import InputErrors
from newsletter.issue.assemble import assemble

OTHER = """\
---
title: Awards *open* [now]
image: images/helix.jpg
image_alt: A helix
button: Apply https://example.org/apply
---
Dear colleague,

::: only students
Not for all.
:::

The first paragraph,
in two lines.

::: event Webinar
When: Thursday 4 March 2027, 17:00 CET
Where: online
:::

::: deadline 30 April 2027
Send it.
:::
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/other.md").write_text(OTHER, "utf-8")
    return tmp_path


def _digest(folder: Path, body: str) -> Announcement:
    (folder / "digest.md").write_text(f"---\ntitle: Digest\n---\n{body}\n", "utf-8")
    return read(str(folder / "digest.md"))


def test_a_card_takes_title_picture_summary_and_link(folder: Path) -> None:
    digest = _digest(folder, "::: card sub/other.md\n:::")

    assert digest.body.split("\n") == [
        "::: card https://example.org/apply",
        r"![A helix](<sub/images/helix.jpg>)",
        "",
        r"### Awards \*open\* \[now\]",
        "",
        "The first paragraph, in two lines.",
        ":::",
        "",
    ]
    assert digest.pulled == (str(folder / "sub/other.md"),)


def test_every_line_knows_where_it_was_written(folder: Path) -> None:
    digest = _digest(folder, "Hello.\n\n::: card sub/other.md\n:::\n\nBye.")
    lines = digest.body.split("\n")

    title = digest.body_place(lines.index(r"### Awards \*open\* \[now\]") + 1, 5)
    summary = digest.body_place(lines.index("The first paragraph, in two lines.") + 1)
    assert (Path(title.path).name, title.line) == ("other.md", 2)
    assert (Path(summary.path).name, summary.line) == ("other.md", 13)
    bye = digest.body_place(lines.index("Bye.") + 1, 2)
    assert (Path(bye.path).name, bye.line, bye.column) == ("digest.md", 9, 2)


def test_text_of_ones_own_stands_instead_of_the_summary(folder: Path) -> None:
    digest = _digest(folder, "::: lead sub/other.md\nMy own words.\n:::")

    assert "My own words." in digest.body
    assert "first paragraph" not in digest.body


def test_lists_take_dates_and_places(folder: Path) -> None:
    digest = _digest(
        folder,
        "::: events\n- sub/other.md\n:::\n\n::: deadlines\n- sub/other.md\n:::\n\n"
        "::: items\n- sub/other.md\n:::",
    )

    title = r"[Awards \*open\* \[now\]](https://example.org/apply)"
    assert f"- Thursday 4 March 2027, 17\\:00 CET: {title}, online" in digest.body
    assert f"- 30 April 2027: {title}" in digest.body
    assert f"- {title}: The first paragraph, in two lines." in digest.body


def test_an_event_that_has_no_date_is_an_error_in_the_digest(folder: Path) -> None:
    (folder / "plain.md").write_text("---\ntitle: Plain\n---\nText.\n", "utf-8")
    digest = _digest(folder, "::: events\n- plain.md\n:::")

    assert [(each.code, each.at and each.at.line) for each in digest.findings] == [
        ("pull-undated", 5)
    ]


def test_a_file_that_is_not_there_is_told_at_the_line_that_names_it(folder: Path) -> None:
    with pytest.raises(InputErrors, match=r"digest\.md:6: missing\.md: there is no such file"):
        _digest(folder, "Hello.\n\n::: card missing.md\n:::")


def test_what_is_wrong_in_a_file_is_told_with_its_own_place(folder: Path) -> None:
    (folder / "wrong.md").write_text("---\ntitle: A\nbutton: Press\n---\nText.\n", "utf-8")
    (folder / "digest.md").write_text("::: card wrong.md\n:::\n", "utf-8")

    problems = examine(str(folder / "digest.md")).problems
    assert [Path(each.at.path).name for each in problems if each.at] == ["wrong.md"]


def test_an_unknown_slot_is_told_with_the_place_in_the_other_file(folder: Path) -> None:
    (folder / "slot.md").write_text("---\ntitle: For {{ frist_name }}\n---\nText.\n", "utf-8")
    digest = _digest(folder, "::: card slot.md\n:::")

    with pytest.raises(InputErrors, match=r"slot\.md:2.*frist_name"):
        assemble(digest, subject=None, attributes=["first_name"], segments=[])


@pytest.mark.parametrize(
    "body",
    [
        "```\n::: card sub/other.md\n:::\n```",
        "- sub/other.md",
        "::: card https://example.org/other.md\n### T\n:::",
        "::: callout sub/other.md\nText.\n:::",
    ],
)
def test_whatever_only_looks_like_it_stays(folder: Path, body: str) -> None:
    assert _digest(folder, body).body.strip() == body


def test_a_file_that_names_itself_is_taken_in_once(folder: Path) -> None:
    digest = _digest(folder, "First words.\n\n::: card digest.md\n:::")

    assert digest.body.count("First words.") == 2


def test_a_program_makes_the_same_blocks_of_values(folder: Path) -> None:
    entry = Entry(title="A & B", summary="Text.", picture=Image("a b.png", "x"), when="4 May 2027")
    lines = body_of(
        [
            Section(part=Part.CARD, heading="News", entries=(entry,)),
            Section(part=Part.EVENTS, heading="Calendar", entries=(entry,)),
        ]
    )

    assert [line.text for line in lines] == [
        "## News",
        "",
        "::: card",
        "![x](<a b.png>)",
        "",
        r"### A \& B",
        "",
        "Text.",
        ":::",
        "",
        "::: events Calendar",
        r"- 4 May 2027: **A \& B**",
        ":::",
        "",
    ]
    other = read(str(folder / "sub/other.md"))
    assert entry_of(other, "sub").picture == Image("sub/images/helix.jpg", "A helix")
