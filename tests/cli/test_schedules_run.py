import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from program import Newsletter

from newsletter.cli.exits import Exit
from newsletter.clock import SystemClock
from newsletter.workspace.scheduling import look_at_schedules
from newsletter.workspace.workspace import open_workspace

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Earlier(SystemClock):
    """The clock as it was."""

    by: dt.timedelta

    def now(self) -> dt.datetime:
        return SystemClock().now() - self.by


@pytest.fixture
def due(workspace: Path) -> Callable[..., None]:
    """Give a function that lets a schedule come due some time ago, after a look before that."""

    def make(file: str = "announcements/travel-awards.md", ago: dt.timedelta = HOUR) -> None:
        moment = SystemClock().now() - ago
        with (workspace / "newsletter.toml").open("a") as settings:
            settings.write(
                f'[schedules.daily]\nfile = "{file}"\nsegments = ["students"]\n'
                f'when = "every day at {moment:%H:%M} in UTC"\nnot_after_hours = 2\n'
                "remind_days_before = 0\nproof_days_before = 0\nwarn_hours_before = 0\n"
            )
        with open_workspace(str(workspace)) as opened:
            looked = list(look_at_schedules(replace(opened, clock=Earlier(ago + HOUR))))
        assert not looked[0].due
        assert not looked[0].problem

    return make


def test_what_is_due_is_sent_once_however_often_one_looks(
    newsletter: Newsletter, workspace: Path, due: Callable[..., None]
) -> None:
    due()
    first = newsletter("schedules", "run")
    assert first.exit_code == Exit.DONE, first.stderr
    assert "is dispatch 1" in first.stdout
    assert "0 unsure + 0 pending" in first.stdout
    sent = len(list(workspace.glob("outbox/*/messages/*.eml")))
    assert f"{sent} accepted" in first.stdout
    assert sent > 0
    again = newsletter("schedules", "run")
    assert (again.exit_code, again.stdout) == (Exit.DONE, "")
    assert len(list(workspace.glob("outbox/*/messages/*.eml"))) == sent


def test_what_cannot_be_sent_yet_is_tried_again(
    newsletter: Newsletter, workspace: Path, due: Callable[..., None]
) -> None:
    due("announcements/news-%Y.md")
    refused = newsletter("schedules", "run")
    assert refused.exit_code == Exit.REFUSED
    assert "daily:" in refused.stderr
    assert "is not sent yet" in refused.stderr
    # The wall time may be yesterday's, in the first hour of a year.
    for year in (2025, 2026, 2027, SystemClock().now().year):
        source = workspace / "announcements" / "travel-awards.md"
        (source.parent / f"news-{year}.md").write_bytes(source.read_bytes())
    assert "is dispatch 1" in newsletter("schedules", "run").stdout


def test_what_is_too_late_is_told_as_missed_and_never_sent(
    newsletter: Newsletter, workspace: Path, due: Callable[..., None]
) -> None:
    due(ago=3 * HOUR)
    told = newsletter("schedules", "run")
    assert told.exit_code == Exit.DONE
    assert "was missed and is not sent" in told.stderr
    assert not (workspace / "outbox").exists()
    assert newsletter("schedules", "run").stderr == ""
