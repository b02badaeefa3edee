"""`newsletter run` as a real process: SIGTERM and kill -9 in the middle of what is scheduled."""

import datetime as dt
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from postgres import fresh_database
from slow_mailbox import SlowMailbox, mailbox_of

from newsletter.clock import SystemClock
from newsletter.ledger.database import open_ledger
from newsletter.ledger.dispatches import Balance, balance_of, list_dispatches
from newsletter.ledger.occurrences import know
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import open_workspace

CLOCK = SystemClock()
MEMBERS = 120
HOUR = dt.timedelta(hours=1)


@dataclass
class Program:
    """The program, and the mailbox that it sends to."""

    folder: Path
    mailbox: SlowMailbox
    where: Path | str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "newsletter", "run", "--every", "1"]
        ports = ["--port", "0", "--desk-port", "0"]
        with self.log_of(len(self.started)).open("wb") as log:
            process = subprocess.Popen([*command, *ports, *options], cwd=self.folder, stderr=log)
        self.started.append(process)
        return process

    def log_of(self, number: int) -> Path:
        return self.folder / f"said-{number}.txt"

    @property
    def said(self) -> list[str]:
        """Give what the last one that was started said so far."""
        return self.log_of(len(self.started) - 1).read_text().splitlines()

    def said_after(self, word: str) -> str:
        """Wait for a line that begins with `word`; give the rest of it."""
        self.wait_until(lambda: any(line.startswith(word) for line in self.said))
        line = next(line for line in self.said if line.startswith(word))
        return line.removeprefix(word).strip()

    def end(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        return process.wait(timeout=60)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = CLOCK.monotonic() + 60
        while not is_so():
            assert CLOCK.monotonic() < deadline, ("\n".join(self.said), self.mailbox.got)
            CLOCK.sleep(0.05)

    def balance(self) -> Balance:
        ledger = open_ledger(self.where)
        try:
            (dispatch,) = [each for each in list_dispatches(ledger) if each.kind == "issue"]
            return balance_of(ledger, dispatch)
        finally:
            ledger.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def program(
    workspace: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """Give the program with a schedule that came due an hour ago, after a look before that."""
    where: Path | str = workspace / ".newsletter/ledger.sqlite3"
    if request.param == "postgresql":
        where = fresh_database(request.getfixturevalue("postgresql"))
        monkeypatch.setenv("NEWSLETTER_LEDGER", where)
    lines = [f"{n},m{n}@example.org,Member {n},Member" for n in range(MEMBERS)]
    members = "member_id,email,name,first_name\n" + "\n".join(lines) + "\n"
    (workspace / "recipients/members.csv").write_text(members)
    (workspace / "recipients/segments.toml").write_text("")
    moment = CLOCK.now() - HOUR
    settings = workspace / "newsletter.toml"
    settings.write_text(
        settings.read_text()
        .replace('provider = "outbox"', 'provider = "smtp"\nlease = 3\ngrace = 1')
        .replace("[providers.smtp]", "[providers.smtp]\nconnections = 2")
        + '[schedules.daily]\nfile = "announcements/genetic-privacy-statement.md"\n'
        + f'when = "every day at {moment:%H:%M} in UTC"\n'
        + "proof_days_before = 0\nwarn_hours_before = 0\nremind_days_before = 0\n"
    )
    with mailbox_of(workspace) as mailbox:
        with open_workspace(str(workspace)) as opened:
            (schedule,) = schedules_of(opened.settings)
            know(opened.ledger, schedule.name, schedule.terms, moment - HOUR)
        made = Program(workspace, mailbox, where)
        yield made
        for process in made.started:
            if process.poll() is None:
                process.kill()
            process.wait()


def test_sigterm_in_the_middle_of_a_digest_and_a_new_start_give_everybody_one(
    program: Program,
) -> None:
    first = program.start()
    program.wait_until(lambda: program.mailbox.got.total() >= 15)
    assert program.end(first) == 0
    stopped = program.balance()
    assert stopped.unsure == stopped.under_way == 0
    assert stopped.accepted == program.mailbox.got.total()
    assert 0 < stopped.pending < MEMBERS
    second = program.start()
    program.wait_until(lambda: program.mailbox.got.total() >= MEMBERS)
    program.wait_until(lambda: program.balance().pending == 0)
    assert program.end(second, signal.SIGINT) == 0
    ended = program.balance()
    assert (ended.accepted, ended.unsure) == (MEMBERS, 0)
    assert set(program.mailbox.got.values()) == {1}


def test_killed_in_the_middle_the_next_start_goes_on_and_nobody_gets_two(
    program: Program,
) -> None:
    first = program.start("--without", "desk", "--without", "public")
    program.wait_until(lambda: program.mailbox.got.total() >= 15)
    first.kill()
    first.wait()
    second = program.start("--without", "desk", "--without", "public")
    program.wait_until(lambda: program.balance().pending == 0)
    assert program.end(second) == 0
    ended, got = program.balance(), program.mailbox.got
    assert ended.balances
    assert max(got.values()) == 1
    assert ended.accepted <= len(got) <= ended.accepted + ended.unsure
    assert ended.unsure <= 4 * 5  # four lanes or connections at once, five messages each


@pytest.mark.parametrize("program", ["sqlite"], indirect=True)
def test_a_scheduled_digest_goes_out_and_stands_in_the_archive(program: Program) -> None:
    settings = program.folder / "newsletter.toml"
    text = settings.read_text()
    announcement = 'file = "announcements/genetic-privacy-statement.md"'
    assert announcement in text
    base = re.findall(r'^base_url = "(.*)"', text, re.MULTILINE)[0]
    at = (CLOCK.now() - dt.timedelta(days=1)).date()  # come by now wherever the society is
    settings.write_text(
        text.replace(announcement, 'digest = "monthly"').replace(
            'starting = "2027-01-01"', f'starting = "{at}"'
        )
        + f'[archive]\nurl = "{base}/archive"\n'
    )
    (program.folder / "announcements/of-today.md").write_text(
        f"---\ntitle: Prize & <b>praise</b> 🎉\ndate: {at}\n---\n\nRead it today.\n"
    )
    with open_workspace(str(program.folder)) as opened:
        (schedule,) = schedules_of(opened.settings)
        know(opened.ledger, schedule.name, schedule.terms, CLOCK.now() - 2 * HOUR)
    process = program.start("--without", "desk")
    public = program.said_after("public: ")
    program.wait_until(lambda: program.mailbox.got.total() >= MEMBERS)
    program.wait_until(lambda: program.balance().pending == 0)
    with urllib.request.urlopen(f"{public}archive/", timeout=10) as page:  # noqa: S310 - ours
        index = page.read().decode()
    (slug,) = set(re.findall(r'href="(monthly-digest-[\d-]+)/"', index))
    assert (program.folder / "archive" / slug / "index.html").is_file()
    assert program.end(process) == 0
    ended = program.balance()
    assert (ended.accepted, ended.unsure) == (MEMBERS, 0)
    assert set(program.mailbox.got.values()) == {1}
    assert (
        "Prize &amp; &lt;b&gt;praise"
        in (program.folder / "archive/index.html").read_text()
        + (program.folder / "archive" / slug / "index.html").read_text()
    )


def fetch(url: str) -> tuple[int, Mapping[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - ours
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("program", ["sqlite"], indirect=True)
def test_it_tells_where_it_answers_and_how_it_stands(program: Program) -> None:
    process = program.start()
    public = program.said_after("public: ")
    health = program.said_after("health: ")
    desk = program.said_after("desk: ")
    status, told = fetch(health)
    assert (status, told["status"], told["database"]) == (200, "ok", "ok")
    assert set(told["parts"]) == {"scheduler", "public", "desk"}
    assert fetch(f"{desk}health")[1]["status"] == "ok"
    with urllib.request.urlopen(f"{public}me", timeout=10) as page:  # noqa: S310 - ours
        assert page.status == 200
    # Settings that are wrong now: the scheduler cannot look any more, and health says so.
    settings = program.folder / "newsletter.toml"
    before = settings.read_text()
    settings.write_text(before.replace("[schedules.daily]", "[schedules.daily]\nrole = 1"))
    program.wait_until(lambda: fetch(health)[0] == 503)
    assert not fetch(health)[1]["parts"]["scheduler"]["well"]
    settings.write_text(before)
    program.wait_until(lambda: fetch(health)[0] == 200)
    assert "@" not in json.dumps(fetch(health)[1])
    assert program.end(process) == 0
    assert any("unknown key 'role'" in line for line in program.said)


@pytest.mark.parametrize("program", ["sqlite"], indirect=True)
def test_a_second_signal_ends_it_at_once(program: Program) -> None:
    program.mailbox.seconds = 3.0
    process = program.start("--without", "desk")
    program.said_after("daily: dispatch 1 was opened")
    CLOCK.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    program.said_after("ending after the requests")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 4
    program.mailbox.seconds = 0.0


@pytest.mark.parametrize("program", ["sqlite"], indirect=True)
def test_a_port_that_is_taken_and_nothing_to_run_are_told(program: Program) -> None:
    process = program.start("--without", "desk")
    port = re.findall(r":(\d+)/", program.said_after("public: "))[0]
    other = program.start("--port", port)
    assert other.wait(timeout=30) == 6
    nothing = program.start(*(w for p in ("scheduler", "public", "desk") for w in ("--without", p)))
    assert nothing.wait(timeout=30) == 6
    assert program.end(process) == 0
