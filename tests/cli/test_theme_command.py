"""`newsletter theme`: what there is, and one of your own."""

from pathlib import Path

import pytest
from program import Newsletter

FILE = "announcements/travel-awards.md"


def test_the_themes_are_listed_with_what_they_are_for(newsletter: Newsletter) -> None:
    result = newsletter("theme", "list")

    assert result.exit_code == 0
    listed = [line.split("  ")[0].strip() for line in result.stdout.splitlines()]
    assert listed == ["announcement", "digest", "event", "letter", "notice"]
    assert "serif" in result.stdout


def test_a_theme_that_cannot_be_used_is_listed_with_its_fault(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "templates/letter/theme.toml").write_text('abuot = "x"', encoding="utf-8")

    result = newsletter("theme", "list")

    assert result.exit_code == 0
    assert "cannot be used: 'abuot' is no key" in result.stdout


@pytest.mark.parametrize("origin", ["announcement", "event", "letter", "notice"])
def test_a_new_theme_looks_as_the_one_it_was_copied_from(
    newsletter: Newsletter, workspace: Path, origin: str
) -> None:
    assert newsletter("theme", "new", "circular", "--from", origin).exit_code == 0

    path = workspace / FILE
    path.write_text(path.read_text("utf-8").replace("---\n", "---\ntheme: circular\n", 1), "utf-8")
    assert newsletter("check", FILE).exit_code == 0
    files = {each.name for each in (workspace / "templates/circular").iterdir()}
    assert files == {each.name for each in (workspace / "templates" / origin).iterdir()}


def test_a_mistake_in_a_new_theme_is_told_with_its_line(
    newsletter: Newsletter, workspace: Path
) -> None:
    newsletter("theme", "new", "circular", "--from", "notice")
    template = workspace / "templates/circular/issue.mjml.j2"
    source = template.read_text("utf-8").replace("<mj-divider css-class", "<mj-divider css-clas", 1)
    template.write_text(source, "utf-8")
    line = source[: source.index("css-clas=")].count("\n") + 1
    path = workspace / FILE
    path.write_text(path.read_text("utf-8").replace("---\n", "---\ntheme: circular\n", 1), "utf-8")

    result = newsletter("check", FILE)

    assert result.exit_code == 3
    assert f"templates/circular/issue.mjml.j2:{line}: <mj-divider> has no" in result.stderr
    assert "hint: write css-class" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem", "code"),
    [
        (["letter"], "exists already", 6),
        (["../x"], "cannot be the name", 6),
        (["shared"], "cannot be the name", 6),
        (["mine", "--from", "leter"], "did you mean 'letter'", 3),
    ],
)
def test_nothing_is_overwritten_and_no_theme_is_made_elsewhere(
    newsletter: Newsletter, workspace: Path, arguments: list[str], problem: str, code: int
) -> None:
    before = sorted(workspace.rglob("*"))

    result = newsletter("theme", "new", *arguments)

    assert (result.exit_code, problem in result.stderr) == (code, True)
    assert sorted(workspace.rglob("*")) == before
