"""Two machines' worth of workers over one PostgreSQL, and everything that may happen to them."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from postgres import Server
from sqlalchemy import create_engine, text

from newsletter.cli.sample import copy_sample
from newsletter.clock import SystemClock
from newsletter.errors import LedgerError
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Balance, balance_of, find_dispatch

MEMBERS, A_REQUEST = 900, 5
CLOCK = SystemClock()
NUMBERS = itertools.count()
FILE = "announcements/genetic-privacy-statement.md"


@dataclass(slots=True)
class Carrier:
    """A server that takes requests like SendGrid, and knows whom it took before it says so."""

    seconds: float = 0.05
    taken: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> None:
        people = json.loads(body)["personalizations"]
        with self.lock:
            self.taken.update(int(each["custom_args"]["nl_delivery"]) for each in people)
        CLOCK.sleep(self.seconds)


@contextmanager
def serving(carrier: Carrier) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            carrier.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202)
            self.send_header("X-Message-Id", "taken")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing: clients are killed here."""

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(slots=True)
class Society:
    """A workspace whose ledger is on PostgreSQL, and the workers that were started in it."""

    folder: Path
    ledger: Ledger
    carrier: Carrier
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def newsletter(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "newsletter", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def start_worker(self) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-m", "newsletter", "worker", "--lanes", "3"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.workers.append(started)
        return started

    def balance(self) -> Balance:
        """Count where everybody stands, however often the database is away for a moment."""
        while True:
            try:
                dispatch = find_dispatch(self.ledger, 1)
                assert dispatch is not None
                return balance_of(self.ledger, dispatch)
            except LedgerError:
                CLOCK.sleep(0.2)

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 90) -> None:
        deadline = CLOCK.monotonic() + seconds
        while not is_so():
            assert CLOCK.monotonic() < deadline, (self.balance(), len(self.carrier.taken))
            CLOCK.sleep(0.1)

    def some_are_taken(self, number: int) -> None:
        self.wait_until(lambda: len(self.carrier.taken) >= number)

    def everything_is_settled(self) -> None:
        self.wait_until(lambda: self.balance().pending == 0)


@pytest.fixture
def society(
    tmp_path: Path, postgresql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Society]:
    engine = create_engine(f"{postgresql_server.url}/postgres", isolation_level="AUTOCOMMIT")
    name = f"workers_{os.getpid()}_{next(NUMBERS)}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    folder, carrier = tmp_path / "society", Carrier()
    copy_sample(folder)
    with serving(carrier) as host:
        settings = folder / "newsletter.toml"
        settings.write_text(
            settings.read_text()
            .replace('host = "https://api.sendgrid.com"', f'host = "{host}"')
            .replace("[providers.sendgrid]", f"[providers.sendgrid]\nbatch_size = {A_REQUEST}")
            .replace("[dispatch]", "[dispatch]\nlease = 3\ngrace = 1")
        )
        lines = [f"{n},m{n}@example.org,Member {n}" for n in range(MEMBERS)]
        members = "member_id,email,name\n" + "\n".join(lines) + "\n"
        (folder / "recipients/members.csv").write_text(members)
        url = f"{postgresql_server.url}/{name}"
        monkeypatch.setenv("NEWSLETTER_LEDGER", url)
        monkeypatch.setenv("NEWSLETTER_SECRET", "a secret of thirty-two characters, or more")
        monkeypatch.setenv("SENDGRID_API_KEY", "SG.of-the-test")
        ledger = open_ledger(url)
        made = Society(folder, ledger, carrier)
        opened = made.newsletter(
            *("send", FILE, "--provider", "sendgrid", "--for-real", "--by-workers"),
            *("--yes-to", str(MEMBERS)),
        )
        assert opened.returncode == 0, opened.stderr
        yield made
        for worker in made.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.communicate()
        ledger.close()


def check(society: Society, *, most_unsure: int) -> None:
    """Compare what the ledger says with what the carrier took, delivery by delivery."""
    balance, taken = society.balance(), society.carrier.taken
    assert balance.balances
    assert balance.pending == balance.rejected == 0
    assert balance.unsure <= most_unsure
    assert max(taken.values()) == 1, "somebody got it twice"
    # Whoever is accepted was taken; of the unsure nobody knows, and both may be.
    assert balance.accepted <= len(taken) <= balance.accepted + balance.unsure


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_share_a_dispatch_and_nobody_gets_it_twice(society: Society, workers: int) -> None:
    for _ in range(workers):
        society.start_worker()
    society.everything_is_settled()
    check(society, most_unsure=0)
    assert len(society.carrier.taken) == MEMBERS
    for worker in society.workers:
        worker.send_signal(signal.SIGINT)
        assert worker.wait(timeout=30) == 0


def test_a_worker_that_is_killed_leaves_the_rest_to_the_other(society: Society) -> None:
    first, _second = society.start_worker(), society.start_worker()
    society.some_are_taken(200)
    first.kill()
    society.everything_is_settled()
    check(society, most_unsure=3 * A_REQUEST)


def test_a_worker_that_was_stopped_for_longer_than_its_lease_sends_nothing_of_it(
    society: Society,
) -> None:
    society.carrier.seconds = 0.15
    first, _second = society.start_worker(), society.start_worker()
    society.some_are_taken(200)
    first.send_signal(signal.SIGSTOP)
    CLOCK.sleep(6)  # the lease, the grace, and a sweep
    first.send_signal(signal.SIGCONT)
    society.everything_is_settled()
    check(society, most_unsure=3 * A_REQUEST)


@pytest.mark.parametrize("workers", [2, 4])
def test_a_database_that_is_restarted_costs_nobody_their_email(
    society: Society, postgresql_server: Server, workers: int
) -> None:
    for _ in range(workers):
        society.start_worker()
    society.some_are_taken(200)
    postgresql_server.restart()
    society.everything_is_settled()
    check(society, most_unsure=3 * workers * A_REQUEST)


def test_a_paused_dispatch_rests_on_all_machines_until_it_is_resumed(society: Society) -> None:
    society.carrier.seconds = 0.5  # slower than the command that pauses it, on any machine
    for _ in range(2):
        society.start_worker()
    society.some_are_taken(30)
    assert society.newsletter("dispatch", "pause", "1").returncode == 0
    society.wait_until(lambda: society.balance().under_way == 0)
    resting = len(society.carrier.taken)
    CLOCK.sleep(2)
    assert len(society.carrier.taken) == resting < MEMBERS
    society.carrier.seconds = 0.05
    assert society.newsletter("dispatch", "resume", "1").returncode == 0
    society.everything_is_settled()
    check(society, most_unsure=0)


def test_what_workers_send_stands_in_the_archive_and_builders_do_not_collide(
    society: Society,
) -> None:
    society.carrier.seconds = 0.3
    with (society.folder / "newsletter.toml").open("a") as settings:
        settings.write('[archive]\nurl = "https://news.example.org/archive"\n')
    page = society.folder / "archive/genetic-privacy-statement/index.html"
    for _ in range(2):
        society.start_worker()
    society.some_are_taken(1)
    assert page.is_file(), "the first reader finds the page"
    society.carrier.seconds = 0.01
    society.everything_is_settled()
    for worker in society.workers:
        worker.send_signal(signal.SIGINT)
        assert worker.wait(timeout=30) == 0
        assert worker.stderr is not None
        assert "archive" not in worker.stderr.read()
    assert page.is_file()
    assert [each.name for each in society.folder.glob(".archive*")] == []


def test_a_worker_that_starts_builds_what_one_that_died_did_not(society: Society) -> None:
    society.start_worker()
    society.everything_is_settled()
    with (society.folder / "newsletter.toml").open("a") as settings:
        settings.write('[archive]\nurl = "https://news.example.org/archive"\n')
    society.start_worker()
    society.wait_until((society.folder / "archive/feed.xml").is_file)
