"""Golden issues: `pytest tests/compose --update-golden` writes them anew; review the difference."""

from dataclasses import replace
from pathlib import Path

import pytest
from compose_samples import BRAND, TEMPLATES, places, shown, theme_named

from newsletter.announcement.parse import read
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.issue.assemble import assemble
from newsletter.issue.directives import DIRECTIVES
from newsletter.issue.issue import Issue, Variant

GOLDEN = Path(__file__).parents[1] / "golden"
EVERY = "every-block"
"""One source with all blocks, compiled with each theme: the case `every-block.digest` and so on."""
THEMES = ("announcement", "digest", "event", "letter", "notice")
_FOLDERS = {path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name[0] != "."}
CASES = [*sorted(_FOLDERS - {EVERY}), *(f"{EVERY}.{theme}" for theme in THEMES)]


def _folder(case: str) -> Path:
    return GOLDEN / case.partition(".")[0]


def _issue(case: str) -> Issue:
    announcement = read(str(next(_folder(case).glob("announcement.*"))))
    theme = case.partition(".")[2]
    return assemble(
        replace(announcement, theme=theme or announcement.theme),
        subject=None,
        attributes=("first_name", "member_id"),
        segments=("students", "fellows"),
    )


def _compiled(case: str) -> CompiledIssue:
    issue = _issue(case)
    variants = [Variant((flag,) * len(issue.blocks)) for flag in (True, False)]
    return compile_issue(
        issue,
        theme=theme_named(issue.announcement.theme),
        brand=BRAND,
        images=places(GOLDEN),
        variants=dict.fromkeys(variants) if issue.blocks else variants[:1],
    )


def _parts(case: str) -> dict[str, str]:
    result = _compiled(case)
    theme = case.removeprefix(_folder(case).name)
    parts = {
        f"expected{theme}.findings": "".join(
            f"{str(each).removeprefix(str(_folder(case))).lstrip('/')}\n"
            for each in result.findings
        )
    }
    for key, document in result.documents.items():
        ending = theme if key == "-" else f".{key}"
        parts[f"expected{ending}.html"] = shown(document.html)
        lines = f"Subject: {shown(document.subject)}\nPreheader: {shown(document.preheader)}\n\n"
        parts[f"expected{ending}.txt"] = lines + shown(document.text)
    return parts


@pytest.mark.parametrize("case", CASES)
def test_a_golden_issue_compiles_to_the_bytes_that_were_reviewed(
    case: str, update_golden: bool
) -> None:
    parts = _parts(case)
    if update_golden:
        for name, content in parts.items():
            (_folder(case) / name).write_text(content, encoding="utf-8")

    for name, content in parts.items():
        assert (_folder(case) / name).read_text(encoding="utf-8") == content, name
    theme = case.removeprefix(_folder(case).name)
    assert {path.name for path in _folder(case).glob(f"expected{theme}*")} == set(parts)


def test_every_block_stands_in_the_source_of_all_themes() -> None:
    source = (GOLDEN / EVERY / "announcement.md").read_text(encoding="utf-8")

    assert {name for name in DIRECTIVES if f"\n::: {name}" in source} == set(DIRECTIVES)
    assert sorted(each.name for each in TEMPLATES.iterdir()) == sorted((*THEMES, "shared"))


@pytest.mark.parametrize("case", CASES)
def test_compiling_twice_gives_the_same_bytes(case: str) -> None:
    first, second = _compiled(case), _compiled(case)

    assert first == second
    assert first.content_hash == second.content_hash
