"""A backup that is made while a dispatch runs, and a ledger that is older than what was sent."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from program import Newsletter
from slow_mailbox import SlowMailbox, mailbox_of

from newsletter.clock import SystemClock

SEND = (
    *("send", "announcements/travel-awards.md", "--segment", "students"),
    *("--provider", "smtp", "--for-real"),
)
LEDGER = Path(".newsletter/ledger.sqlite3")
BACKUP = Path("backup.sqlite3")


@pytest.fixture
def mailbox(workspace: Path) -> Iterator[SlowMailbox]:
    with mailbox_of(workspace) as taken:
        yield taken


def back_up() -> None:
    """Do what `sqlite3 LEDGER ".backup BACKUP"` does, by the same function of SQLite."""
    with closing(sqlite3.connect(LEDGER)) as ledger, closing(sqlite3.connect(BACKUP)) as backup:
        ledger.backup(backup)


def restore() -> None:
    for name in (LEDGER, *LEDGER.parent.glob(f"{LEDGER.name}-*")):
        name.unlink()
    shutil.copy(BACKUP, LEDGER)


def deliveries(newsletter: Newsletter) -> dict[str, int]:
    (dispatch,) = json.loads(newsletter("status", "--json").stdout)
    return {name: int(dispatch[name]) for name in ("listed", "accepted", "unsure", "pending")}


@pytest.fixture
def backed_up_in_the_middle(newsletter: Newsletter, mailbox: SlowMailbox) -> int:
    """Send to everybody, with a backup made in the middle of it; give how many they are."""
    shown = newsletter(*SEND[:-1], "--json").stdout
    number = int(re.findall(r'"recipients": (\d+)', shown)[0])
    words = [sys.executable, "-m", "newsletter", *SEND, "--yes-to", str(number)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and mailbox.got.total() < number / 3:
            SystemClock().sleep(0.01)
        back_up()
        assert run.wait() == 0
    assert len(mailbox.got) == number
    return number


def test_a_backup_made_while_a_dispatch_runs_is_a_whole_ledger_of_that_moment(
    newsletter: Newsletter, backed_up_in_the_middle: int
) -> None:
    restore()
    stands = deliveries(newsletter)
    assert 0 < stands["pending"] < backed_up_in_the_middle
    with closing(sqlite3.connect(LEDGER)) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_dispatch_that_is_cancelled_after_a_restore_reaches_nobody_again(
    newsletter: Newsletter, mailbox: SlowMailbox, backed_up_in_the_middle: int
) -> None:
    restore()
    pending = str(deliveries(newsletter)["pending"])
    assert newsletter("dispatch", "cancel", "1", "--yes-to", pending).exit_code == 0
    newsletter("dispatch", "resume", "1")
    assert mailbox.got.total() == backed_up_in_the_middle
    assert max(mailbox.got.values()) == 1
