"""What `docs/announcements.md` shows works, and what works it shows."""

import re
from pathlib import Path

import pytest

from newsletter.announcement.header import KEYS
from newsletter.announcement.parse import parse
from newsletter.announcement.source import Source
from newsletter.issue.assemble import assemble

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/announcements.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(markdown|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_every_example_makes_an_issue(kind: str, text: str) -> None:
    name = "news.txt" if kind == "text" else "news.md"
    issue = assemble(
        parse(Source(path=name, text=text)),
        subject="A subject",
        attributes=["first_name"],
        segments=["students", "early-career"],
    )
    assert issue.findings == ()


def test_every_key_is_explained() -> None:
    for key in KEYS:
        assert f"`{key}`" in PAGE or f"`{key}:" in PAGE or key.startswith("button_"), key


def test_every_finding_of_the_reading_is_explained() -> None:
    code = re.compile(r'(?:error|warning)\(\s*(?:"([a-z-]+)"|([A-Z_]+))')
    rooms = [*(ROOT / "newsletter/announcement").glob("*.py")]
    rooms += (ROOT / "newsletter/issue").glob("*.py")
    found = {match[1] for room in rooms for match in code.finditer(room.read_text("utf-8"))}
    assert found >= {"title-missing", "unknown-key"}
    for name in found - {None}:
        assert f"| `{name}` " in PAGE
