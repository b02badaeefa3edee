"""`newsletter dispatch watch`: seen beside a run, in a terminal and in a pipe."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from program import Newsletter
from slow_mailbox import SlowMailbox, mailbox_of

FILE = "announcements/travel-awards.md"
OUTBOX = ("send", FILE, "--segment", "students", "--provider", "outbox", "--for-real")


SLOWLY, QUICKLY = 0.5, 0.01


@pytest.fixture
def slow_mailbox(workspace: Path) -> Iterator[SlowMailbox]:
    """One that takes one message after the other, slowly until it was watched for long enough."""
    with mailbox_of(workspace) as mailbox:
        mailbox.seconds = SLOWLY
        path = workspace / "newsletter.toml"
        one = path.read_text().replace("batch_size = 5", "batch_size = 5\nconnections = 1")
        path.write_text(one)
        yield mailbox


def recipients(newsletter: Newsletter) -> int:
    shown = newsletter("send", FILE, "--segment", "students", "--json")
    return int(re.findall(r'"recipients": (\d+)', shown.stdout)[0])


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "newsletter", *arguments]


def sending(number: int) -> subprocess.Popen[str]:
    """Begin to send, and wait until the dispatch is there."""
    options = ("--segment", "students", "--provider", "smtp", "--for-real")
    begun = subprocess.Popen(
        program("send", FILE, *options, "--yes-to", str(number)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for _ in range(200):
        listed = subprocess.run(
            program("status", "--json"), capture_output=True, text=True, check=False
        ).stdout
        if "accepted" in listed:
            break
    return begun


def test_beside_a_run_it_tells_second_by_second_and_ends_with_it(
    newsletter: Newsletter, slow_mailbox: SlowMailbox
) -> None:
    number = recipients(newsletter)
    run = sending(number)
    watching = subprocess.Popen(
        program("dispatch", "watch", "1", "--json"), stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None
    begun = [watching.stdout.readline() for _ in range(8)]
    slow_mailbox.seconds = QUICKLY
    written = "".join(begun) + watching.communicate()[0]
    assert run.wait() == 0
    looks = [json.loads(line) for line in written.splitlines()]
    assert watching.returncode == 0
    assert len(looks) > 1
    assert looks[-1]["phase"] == "finished"
    assert looks[-1]["accepted"] == number
    assert {look["phase"] for look in looks[:-1]} == {"sending"}
    assert any(look["requests_in_flight"] for look in looks)
    assert any(look["rate_10s"] for look in looks)
    assert all(look["balances"] for look in looks)
    accepted = [look["accepted"] for look in looks]
    assert accepted == sorted(accepted)
    assert "@" not in written


def test_ctrl_c_ends_the_watching_only_and_leaves_the_cursor(
    newsletter: Newsletter, slow_mailbox: SlowMailbox
) -> None:
    run = sending(recipients(newsletter))
    ours, theirs = pty.openpty()
    watching = subprocess.Popen(
        program("dispatch", "watch", "1"), stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    seen = read_until(ours, "in flight")
    watching.send_signal(signal.SIGINT)
    slow_mailbox.seconds = QUICKLY
    seen += read_until(ours, None)
    os.close(ours)
    assert watching.wait() in (0, 5)
    assert "\x1b[?25l" in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")
    assert seen.rindex("\x1b[?7h") > seen.rindex("\x1b[?7l")
    assert run.wait() == 0
    assert newsletter("status", "1").exit_code == 0


def read_until(terminal: int, words: str | None) -> str:
    """Read what is written to a terminal, until `words` are there or it ends."""
    text = ""
    with suppress(OSError):  # the other end is closed
        while words is None or words not in click.unstyle(text):
            read = os.read(terminal, 65536).decode(errors="replace")
            if not read:
                break
            text += read
    return text


@pytest.mark.usefixtures("slow_mailbox")
def test_a_paused_dispatch_is_shown_once_with_what_to_do(newsletter: Newsletter) -> None:
    run = sending(recipients(newsletter))
    newsletter("dispatch", "pause", "1", "--note", "a wrong date")
    assert run.wait() == 5
    shown = newsletter("dispatch", "watch", "1")
    assert shown.exit_code == 5
    assert len(shown.stdout.splitlines()) == 1
    assert " paused " in shown.stdout
    as_json = json.loads(newsletter("dispatch", "watch", "1", "--json").stdout)
    assert as_json["course_note"] == "a wrong date"


def test_a_finished_dispatch_ends_it_at_once_with_its_exit_code(newsletter: Newsletter) -> None:
    assert newsletter(*OUTBOX, "--yes-to", str(recipients(newsletter))).exit_code == 0
    shown = newsletter("dispatch", "watch", "1")
    assert shown.exit_code == 0
    assert "finished  100%" in shown.stdout


def test_there_has_to_be_such_a_dispatch(newsletter: Newsletter) -> None:
    refused = newsletter("dispatch", "watch", "9")
    assert refused.exit_code == 6
    assert "there is no dispatch 9" in refused.stderr
