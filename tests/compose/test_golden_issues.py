"""Golden issues: `pytest tests/compose --update-golden` writes them anew; review the difference."""

from pathlib import Path

import pytest
from compose_samples import BRAND, places, shown, theme_named

from newsletter.announcement.parse import read
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Issue, Variant

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name[0] != ".")


def _issue(case: str) -> Issue:
    source = next((GOLDEN / case).glob("announcement.*"))
    return assemble(
        read(str(source)),
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
    parts = {
        "expected.findings": "".join(
            f"{str(each).removeprefix(str(GOLDEN / case)).lstrip('/')}\n"
            for each in result.findings
        )
    }
    for key, document in result.documents.items():
        ending = "" if key == "-" else f".{key}"
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
            (GOLDEN / case / name).write_text(content, encoding="utf-8")

    for name, content in parts.items():
        assert (GOLDEN / case / name).read_text(encoding="utf-8") == content, name
    assert {path.name for path in (GOLDEN / case).glob("expected*")} == set(parts)


@pytest.mark.parametrize("case", CASES)
def test_compiling_twice_gives_the_same_bytes(case: str) -> None:
    first, second = _compiled(case), _compiled(case)

    assert first == second
    assert first.content_hash == second.content_hash
