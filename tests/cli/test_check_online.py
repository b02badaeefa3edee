"""`check --online`, from a workspace to its findings; nobody outside of this machine is asked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from newsletter.check.fetch import Answer
from newsletter.workspace.online import check_online
from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

DRAFT = "---\ntitle: A draft of it\n---\n[The page](https://good.org/a) and [its end](https://bad.org/)\n"


def counting(counts: list[int]) -> Callable[[int], AbstractContextManager[Callable[[int], None]]]:
    @contextmanager
    def count(length: int) -> Iterator[Callable[[int], None]]:
        counts.append(length)
        yield lambda _number: None

    return count


def test_links_are_asked_for_once_a_day_and_told_with_their_line(workspace: Path) -> None:
    (workspace / "draft.md").write_text(DRAFT)
    asked: list[str] = []
    counts: list[int] = []

    def ask(url: str) -> Answer:
        asked.append(url)
        return Answer(status=404 if "bad.org" in url else 200)

    with open_workspace(None) as opened:
        plan = prepare(opened, Task(file="draft.md")).plan
        found = [check_online(opened, plan, counting(counts), ask=ask) for _ in range(2)]
    assert {"https://good.org/a", "https://bad.org/"} <= set(asked)
    assert not [url for url in asked if "/u/" in url or "invalid" in url]
    for findings in found:
        assert [(each.code, each.at and each.at.line) for each in findings] == [("link-dead", 4)]
    assert counts[1] == 1  # only what was not there is asked for again
    assert (workspace / ".newsletter/links.json").exists()
