"""Approved, paused, cancelled, undone, too late: what a person decides about a dispatch holds."""

import datetime as dt
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import getuser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from program import Newsletter
from sqlalchemy import distinct, func, select, update

from newsletter.cli.exits import Exit
from newsletter.clock import SystemClock
from newsletter.ledger.claiming import Attempt, Claim, claim
from newsletter.ledger.course import pause
from newsletter.ledger.database import open_ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.schema import deliveries, dispatches, requests
from newsletter.ledger.settling import settle
from newsletter.ledger.states import is_in
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

FILE = "announcements/travel-awards.md"
SEND = ("send", FILE, "--segment", "students")
ANN = Author("ann", dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC))


def planned(newsletter: Newsletter) -> tuple[str, str]:
    """Make the dry run; give the number of recipients and the code to approve."""
    plan = json.loads(newsletter(*SEND, "--json").stdout)
    return str(plan["recipients"]), str(plan["approval"])


def standing(newsletter: Newsletter, dispatch: int = 1) -> dict[str, object]:
    shown: dict[str, object] = json.loads(newsletter("status", str(dispatch), "--json").stdout)
    return shown


def messages(workspace: Path) -> int:
    return len(list(workspace.glob("outbox/*/messages/*.eml")))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class _Carrier(ThreadingHTTPServer):
    """SendGrid as its pages describe it: it holds a batch until its time, and drops it if told."""

    def __init__(self, workspace: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.workspace = workspace
        self.accepted: list[str] = []
        self.cancelled: list[str] = []
        self.send_at: set[int] = set()
        self.requests = 0
        self.pauses_at = 0


class _Api(BaseHTTPRequestHandler):
    server: _Carrier

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        if self.path == "/v3/mail/batch":
            self._answer(201, {"batch_id": "batch-1"})
        elif self.path == "/v3/user/scheduled_sends":
            assert body["status"] == "cancel"
            self.server.cancelled.append(body["batch_id"])
            self._answer(201, body)
        else:
            self._take(body)

    def do_GET(self) -> None:
        self._answer(403, {"errors": [{"message": "access forbidden"}]})

    def _take(self, body: dict[str, object]) -> None:
        assert self.path == "/v3/mail/send"
        carrier, people = self.server, body["personalizations"]
        assert isinstance(people, list)
        carrier.requests += 1
        if carrier.requests == carrier.pauses_at:
            ledger = open_ledger(carrier.workspace / ".newsletter/ledger.sqlite3")
            pause(ledger, 1, ANN)
            ledger.close()
        carrier.accepted += [each["to"][0]["email"] for each in people]
        carrier.send_at |= {each.get("send_at", body.get("send_at")) for each in people}
        self._answer(202, None)

    def _answer(self, status: int, what: object) -> None:
        body = b"" if what is None else json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@contextmanager
def _sendgrid(workspace: Path) -> Iterator[_Carrier]:
    with _Carrier(workspace) as carrier:
        thread = threading.Thread(target=carrier.serve_forever, args=(0.05,))
        thread.start()
        path = workspace / "newsletter.toml"
        host = f"http://127.0.0.1:{carrier.server_port}"
        text = path.read_text("utf-8").replace("https://api.sendgrid.com", host)
        path.write_text(text.replace(host + '"', host + '"\nbatch_size = 10', 1), "utf-8")
        try:
            yield carrier
        finally:
            carrier.shutdown()
            thread.join()


@pytest.fixture
def sendgrid(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Carrier]:
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.right")
    with _sendgrid(workspace) as carrier:
        yield carrier


# --- approved ----------------------------------------------------------------------------------


def test_what_was_approved_goes_out_as_long_as_nothing_changes(
    newsletter: Newsletter, workspace: Path
) -> None:
    number, code = planned(newsletter)
    assert re.fullmatch(r"[0-9a-f]{16}", code)
    assert planned(newsletter) == (number, code)
    sent = newsletter(*SEND, "--for-real", "--yes-to", number, "--approved", code)
    assert sent.exit_code == Exit.DONE, sent.output
    assert messages(workspace) == int(number)


def _body(workspace: Path) -> None:
    path = workspace / FILE
    path.write_text(path.read_text("utf-8") + "\nOne more sentence.\n", encoding="utf-8")


def _sender(workspace: Path) -> None:
    path = workspace / "newsletter.toml"
    path.write_text(
        re.sub(r"(\[sender\]\nname = \")", r"\1The new ", path.read_text("utf-8")), encoding="utf-8"
    )
    assert "The new " in path.read_text("utf-8")


def _address(workspace: Path) -> None:
    change(
        workspace / "recipients/members.csv",
        "bjorn.sjoberg@uni.example.net",
        "somebody.else@uni.example.net",
    )


@pytest.mark.parametrize("changes", [_body, _sender, _address])
def test_what_was_approved_and_then_changed_is_refused(
    newsletter: Newsletter, workspace: Path, changes: Callable[[Path], None]
) -> None:
    number, code = planned(newsletter)
    changes(workspace)
    assert planned(newsletter)[0] == number
    refused = newsletter(*SEND, "--for-real", "--yes-to", number, "--approved", code)
    assert refused.exit_code == Exit.REFUSED
    assert "changed since it was approved" in refused.stderr
    assert messages(workspace) == 0
    assert "no dispatch so far" in newsletter("status").stderr


def test_another_provider_than_the_approved_one_is_refused(newsletter: Newsletter) -> None:
    number, code = planned(newsletter)
    confirmed = ("--for-real", "--yes-to", number, "--approved", code)
    refused = newsletter(*SEND, "--provider", "smtp", *confirmed)
    assert refused.exit_code == Exit.REFUSED
    assert "no dispatch so far" in newsletter("status").stderr


def test_an_approved_dispatch_at_everybodys_own_hour_goes_out(
    newsletter: Newsletter, workspace: Path
) -> None:
    """Their hours change the order of the recipients, and not who they are."""
    number, code = planned(newsletter)
    confirmed = ("--for-real", "--yes-to", number, "--approved", code)
    sent = newsletter(*SEND, "--at-local", "2020-03-01T09:00", *confirmed)
    assert sent.exit_code == Exit.DONE, sent.output
    assert messages(workspace) == int(number)


def test_a_time_zone_that_is_none_is_told_and_its_member_gets_it_at_the_hour_of_the_society(
    newsletter: Newsletter, workspace: Path
) -> None:
    change(workspace / "recipients/members.csv", "Europe/Stockholm", "Europe/Nowhere")
    plan = newsletter(*SEND, "--at-local", "2020-03-01T09:00")
    assert "1 member has no time zone that is known, such as 'Europe/Nowhere'" in plan.stderr
    assert "they get it when it is that hour in America/New_York" in plan.stderr
    number, _ = planned(newsletter)
    newsletter(*SEND, "--at-local", "2020-03-01T09:00", "--for-real", "--yes-to", number)
    assert messages(workspace) == int(number)
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    with ledger.read() as reading:
        rows = reading.execute(select(deliveries.c.member_id, deliveries.c.due)).all()
        due = {row.member_id: row.due for row in rows}
        of_requests = reading.execute(
            select(requests.c.number, func.count(distinct(deliveries.c.due)))
            .join(deliveries, is_in())
            .where(deliveries.c.state.is_(None))
            .group_by(requests.c.number)
        ).all()
    ledger.close()
    home = dt.datetime(2020, 3, 1, 9, tzinfo=ZoneInfo("America/New_York"))
    assert due["M10001"] == home.timestamp()
    assert len(of_requests) > 3
    assert {moments for _, moments in of_requests} == {1}, "a request mixes hours"


# --- too late ----------------------------------------------------------------------------------


def test_an_end_in_the_past_is_refused_at_once(newsletter: Newsletter, workspace: Path) -> None:
    number, _ = planned(newsletter)
    refused = newsletter(
        *SEND, "--for-real", "--yes-to", number, "--not-after", "2020-01-01T00:00Z"
    )
    assert refused.exit_code == Exit.REFUSED
    assert "no dispatch so far" in newsletter("status").stderr
    assert messages(workspace) == 0


@pytest.fixture
def halted(newsletter: Newsletter, workspace: Path) -> int:
    """Leave a dispatch of which nothing was sent, through a provider that is not there."""
    number, _ = planned(newsletter)
    path = workspace / "newsletter.toml"
    change(path, "port = 587", "port = 1\nbatch_size = 10")
    change(path, "[dispatch]", "[dispatch]\nattempts = 1")
    stopped = newsletter(*SEND, "--provider", "smtp", "--for-real", "--yes-to", number)
    assert stopped.exit_code == Exit.STOPPED, stopped.output
    return int(number)


def accept_first(workspace: Path) -> int:
    """Let the first request be accepted; tell how many it carried."""
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    made = claim(ledger, 1, 1, Attempt(SystemClock().now()))
    assert isinstance(made, Claim)
    settle(ledger, made, (Outcome(DeliveryState.ACCEPTED),) * len(made.deliveries))
    ledger.close()
    return len(made.deliveries)


def test_a_dispatch_whose_time_is_over_while_it_is_paused_never_goes_out(
    newsletter: Newsletter, workspace: Path, halted: int
) -> None:
    assert newsletter("dispatch", "pause", "1").exit_code == Exit.DONE
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    with ledger.write() as connection:
        connection.execute(update(dispatches).values(not_after=1.0))
    ledger.close()
    late = newsletter("dispatch", "resume", "1")
    assert late.exit_code == Exit.STOPPED
    assert "the time after which nothing of it may leave is over" in late.stderr
    assert standing(newsletter)["pending"] == halted


# --- paused and cancelled ----------------------------------------------------------------------


def test_a_pause_is_kept_until_somebody_resumes_and_both_are_written_down(
    newsletter: Newsletter, halted: int
) -> None:
    paused = newsletter("dispatch", "pause", "1", "--note", "the date is wrong")
    assert paused.exit_code == Exit.DONE
    again = newsletter(*SEND, "--provider", "smtp", "--for-real", "--yes-to", str(halted))
    assert again.exit_code == Exit.STOPPED
    assert "it is paused: the date is wrong" in again.stderr
    shown = newsletter("status", "1").stdout
    assert re.search(r"paused by \S+, \d{4}-\d\d-\d\d \d\d:\d\d UTC", shown)
    assert "paused: the date is wrong" in shown
    newsletter("dispatch", "resume", "1")
    decisions = standing(newsletter)["decisions"]
    assert isinstance(decisions, list)
    assert [each["act"] for each in decisions] == ["pause", "resume"]
    assert "the date is wrong" not in newsletter("status", "1").stdout


def test_a_cancelled_dispatch_stays_so_and_the_issue_sent_again_reaches_the_others(
    newsletter: Newsletter, workspace: Path, halted: int
) -> None:
    accepted = accept_first(workspace)
    left = halted - accepted
    wrong = newsletter("dispatch", "cancel", "1", "--yes-to", str(halted))
    assert wrong.exit_code == Exit.REFUSED
    cancelled = newsletter("dispatch", "cancel", "1", "--yes-to", str(left))
    assert cancelled.exit_code == Exit.DONE
    assert f"{left} excluded: cancelled" in cancelled.stdout
    resumed = newsletter("dispatch", "resume", "1")
    assert resumed.exit_code == Exit.REFUSED
    assert "is cancelled, and stays so" in resumed.stderr
    assert f"cancelled by {getuser()}" in newsletter("status", "1").stdout
    sent = newsletter(*SEND, "--for-real", "--yes-to", str(left))
    assert sent.exit_code == Exit.DONE, sent.output
    assert messages(workspace) == left


def test_a_run_stops_between_requests_when_somebody_pauses_it_elsewhere(
    newsletter: Newsletter, sendgrid: _Carrier
) -> None:
    """The carrier is the other place here: while it takes the second request, somebody pauses."""
    number, _ = planned(newsletter)
    sendgrid.pauses_at = 2
    stopped = newsletter(*SEND, "--provider", "sendgrid", "--for-real", "--yes-to", number)
    assert stopped.exit_code == Exit.STOPPED, stopped.output
    assert "it is paused" in stopped.stderr
    assert 0 < len(sendgrid.accepted) < int(number)
    assert newsletter("dispatch", "resume", "1").exit_code == Exit.DONE
    assert len(sendgrid.accepted) == len(set(sendgrid.accepted)) == int(number)


# --- undone ------------------------------------------------------------------------------------


def test_what_sendgrid_holds_is_taken_back_and_sent_again_reaches_everybody(
    newsletter: Newsletter, workspace: Path, sendgrid: _Carrier
) -> None:
    number, _ = planned(newsletter)
    confirmed = ("--for-real", "--yes-to", number)
    held = newsletter(*SEND, "--provider", "sendgrid", "--undo-window", "15m", *confirmed)
    assert held.exit_code == Exit.DONE, held.output
    assert "take it back with: newsletter dispatch undo 1" in held.stderr
    assert len(sendgrid.accepted) == int(number)
    (send_at,) = sendgrid.send_at
    assert send_at > SystemClock().now().timestamp() + 15 * 60
    undone = newsletter("dispatch", "undo", "1")
    assert undone.exit_code == Exit.DONE, undone.output
    assert sendgrid.cancelled == ["batch-1"]
    assert f"{number} members will not get it" in undone.stderr
    assert f"{number} excluded: recalled" in undone.stdout
    assert "taken back by" in newsletter("status", "1").stdout
    again = newsletter(*SEND, *confirmed)
    assert again.exit_code == Exit.DONE, again.output
    assert messages(workspace) == int(number)


def test_what_sendgrid_let_go_cannot_be_taken_back(
    newsletter: Newsletter, sendgrid: _Carrier
) -> None:
    number, _ = planned(newsletter)
    newsletter(*SEND, "--provider", "sendgrid", "--for-real", "--yes-to", number)
    late = newsletter("dispatch", "undo", "1")
    assert late.exit_code == Exit.REFUSED
    assert "too late to take it back" in late.stderr
    assert sendgrid.cancelled == []
    assert standing(newsletter)["accepted"] == int(number)


def test_what_is_held_here_is_taken_back_before_anything_left(
    newsletter: Newsletter, workspace: Path, halted: int
) -> None:
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    with ledger.write() as connection:
        later = SystemClock().now().timestamp() + 900
        connection.execute(update(dispatches).values(release=later))
    assert not isinstance(claim(ledger, 1, 1, Attempt(SystemClock().now())), Claim)
    ledger.close()
    undone = newsletter("dispatch", "undo", "1")
    assert undone.exit_code == Exit.DONE, undone.output
    assert f"{halted} members will not get it" in undone.stderr
    sent = newsletter(*SEND, "--for-real", "--yes-to", str(halted))
    assert sent.exit_code == Exit.DONE, sent.output
    assert messages(workspace) == halted


def test_what_was_held_here_and_has_begun_to_leave_cannot_be_taken_back(
    newsletter: Newsletter, workspace: Path, halted: int
) -> None:
    accepted = accept_first(workspace)
    late = newsletter("dispatch", "undo", "1")
    assert late.exit_code == Exit.REFUSED
    assert "newsletter dispatch cancel" in late.stderr
    assert standing(newsletter)["pending"] == halted - accepted


def test_what_one_program_holds_another_takes_back(newsletter: Newsletter, workspace: Path) -> None:
    number, _ = planned(newsletter)
    words = (*SEND, "--undo-window", "1h", "--for-real", "--yes-to", number)
    command = [sys.executable, "-m", "newsletter", *words]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stderr is not None
        said = iter(held.stderr.readline, "")
        assert any("newsletter dispatch undo 1" in line for line in said)
        undone = newsletter("dispatch", "undo", "1")
        out, _ = held.communicate(timeout=60)
    assert undone.exit_code == Exit.DONE, undone.output
    assert f"{number} members will not get it" in undone.stderr
    assert f"{number} excluded: cancelled" in out
    assert messages(workspace) == 0
    assert standing(newsletter)["pending"] == 0
