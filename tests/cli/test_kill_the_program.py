"""The whole program against a real SMTP server: Ctrl-C, kill -9, and going on."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from slow_mailbox import SlowMailbox, mailbox_of

FILE = "announcements/travel-awards.md"


@pytest.fixture
def mailbox(workspace: Path) -> Iterator[SlowMailbox]:
    with mailbox_of(workspace) as taken:
        yield taken


def command(number: int) -> list[str]:
    return [
        sys.executable, "-m", "newsletter", "send", FILE, "--segment", "students",
        "--provider", "smtp", "--for-real", "--yes-to", str(number),
    ]  # fmt: skip


def recipients() -> int:
    dry_run = [*command(0)[:-3], "--json"]
    shown = subprocess.run(dry_run, capture_output=True, text=True, check=False)
    return int(re.findall(r'"recipients": (\d+)', shown.stdout)[0])


def start(number: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(number), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_until(mailbox: SlowMailbox, messages: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and mailbox.got.total() < messages:
        time.sleep(0.01)  # noqa: TID251 - another process has to go on meanwhile


def balance(output: str) -> dict[str, int]:
    (line,) = re.findall(r"\d+ listed = .*", output)
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", line)}


def test_killed_again_and_again_it_loses_nobody_and_sends_to_nobody_twice(
    mailbox: SlowMailbox,
) -> None:
    number = recipients()
    for more in (5, 15, 10):
        process = start(number)
        wait_until(mailbox, mailbox.got.total() + more, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = start(number)
    stdout, stderr = process.communicate()
    stands = balance(stdout)
    assert process.returncode in (0, 4), stderr
    assert stands["pending"] == 0
    assert stands["accepted"] + stands["unsure"] == number
    assert max(mailbox.got.values()) == 1
    assert stands["accepted"] <= len(mailbox.got) <= stands["accepted"] + stands["unsure"]


def test_ctrl_c_stops_between_requests_and_the_same_command_goes_on(
    mailbox: SlowMailbox,
) -> None:
    number = recipients()
    process = start(number)
    wait_until(mailbox, 3, process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    stopped = balance(stdout)
    assert process.returncode == 5, stderr
    assert stopped["unsure"] == 0
    assert stopped["pending"] > 0
    assert "newsletter dispatch resume 1" in stderr
    process = start(number)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert balance(stdout)["accepted"] == number == len(mailbox.got)
    assert max(mailbox.got.values()) == 1


def test_two_runs_of_one_dispatch_never_work_side_by_side(mailbox: SlowMailbox) -> None:
    number = recipients()
    mailbox.seconds = 1.0
    first = start(number)
    wait_until(mailbox, 1, first)
    second = start(number)
    _stdout, stderr = second.communicate()
    mailbox.seconds = 0.0  # the first has been slow for long enough
    assert second.returncode == 6
    assert "another run of this dispatch is going on" in stderr
    first.communicate()
    assert first.returncode == 0
    assert max(mailbox.got.values()) == 1
