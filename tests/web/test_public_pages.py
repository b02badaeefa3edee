"""The links of emails, as mail programs, scanners and members follow them."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from public_samples import (
    FILE,
    FORM,
    MULTIPART,
    NOW,
    ONE_CLICK,
    Society,
    key,
    links_of,
    newsletter,
)
from sqlalchemy import text
from web_samples import SECRET, change, running, society

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.database import open_ledger
from newsletter.ledger.suppressions import suppress
from newsletter.message.token import sign


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}])
def test_following_a_link_changes_nothing(
    sent: Society, method: str, headers: dict[str, str]
) -> None:
    address, token = sent.somebody()
    for path in (f"/u/{token}", f"/p/{token}", f"/s/{token}"):
        answer = sent.program.ask(path, method=method, headers=headers)
        assert answer.status == (405 if path.startswith("/s/") else 200)
        assert sent.reason(address) is None


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ONE_CLICK, FORM),
        (
            MULTIPART,
            {"Content-Type": "multipart/form-data; boundary=b"},
        ),
        (None, {}),
        ("", {"Content-Length": "0"}),
        ("\0 anything at all", {"Content-Type": "x/y"}),
    ],
    ids=["form", "multipart", "nothing", "empty", "garbage"],
)
def test_a_post_unsubscribes_at_once(
    sent: Society, body: str | None, headers: dict[str, str]
) -> None:
    address, token = sent.somebody()
    answer = sent.program.ask(f"/u/{token}", method="POST", body=body, headers=headers)
    assert answer.status == 200, "RFC 8058: no redirect"
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "You are unsubscribed" in answer.body
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED


def test_a_second_post_says_the_same(sent: Society) -> None:
    address, token = sent.somebody()
    answers = [sent.program.ask(f"/u/{token}", method="POST") for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED


def test_many_posts_at_once_are_all_answered(sent: Society) -> None:
    people = [sent.somebody() for _ in range(12)]

    def leave(token: str) -> int:
        return sent.program.ask(f"/u/{token}", method="POST", body=ONE_CLICK, headers=FORM).status

    with ThreadPoolExecutor(24) as pool:
        statuses = list(pool.map(leave, [token for _, token in people] * 4))
    assert set(statuses) == {200}
    assert {sent.reason(address) for address, _ in people} == {SuppressionReason.UNSUBSCRIBED}


def test_every_wrong_link_gets_the_same_answer(sent: Society) -> None:
    _, token = sent.somebody()
    other = "A" if token[20] != "A" else "B"
    forged = sign(b"a key of somebody else", "0" * 16, 1)
    nobody = sign(key(), "0" * 16, 1)
    wrong = (
        *(token[:-1], token[:20], f"{token}A", f"{token[:20]}{other}{token[21:]}", forged, nobody),
        *("x", "%00", "%2e%2e", "a" * 4_000, "ü".encode().hex(), "%F0%9F%92%A9", "'--", "{{7*7}}"),
    )
    answers = {
        (answer.status, answer.body)
        for each in wrong
        for path, method in (("u", "GET"), ("u", "POST"), ("p", "GET"), ("s", "POST"))
        for answer in [sent.program.ask(f"/{path}/{each}", method=method)]
    }
    assert len(answers) == 1
    ((status, body),) = answers
    assert status == 404
    assert "This link does not work" in body
    assert sent.program.ask("/").status == sent.program.ask(f"/u/{token}/").status == 404


def test_the_pages_name_the_address_so_that_only_its_owner_knows_it(sent: Society) -> None:
    address, token = sent.somebody()
    local, _, domain = address.partition("@")
    pages = [
        sent.program.ask(f"/{path}/{token}", method=method).body
        for path, method in (("u", "GET"), ("p", "GET"), ("u", "POST"), ("p", "GET"), ("s", "POST"))
    ]
    for page in pages:
        assert f"{local[0]}…@{domain}" in page
        assert address not in page


def test_preferences_tell_how_the_member_stands_and_lead_back(sent: Society) -> None:
    address, token = sent.somebody()
    before = sent.program.ask(f"/p/{token}").body
    assert "gets the email of Meridian Society of Genetics" in before
    sent.program.ask(f"/u/{token}", method="POST")
    away = sent.program.ask(f"/p/{token}").body
    assert "gets no email from Meridian Society of Genetics" in away
    assert "subscribe again" in away
    back = sent.program.ask(f"/s/{token}", method="POST")
    assert back.status == 200
    assert "Welcome back" in back.body
    assert sent.reason(address) is None


@pytest.mark.parametrize(
    "reason",
    [SuppressionReason.COMPLAINT, SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL],
)
def test_what_a_person_has_to_judge_no_link_can_lift(
    sent: Society, reason: SuppressionReason
) -> None:
    address, token = sent.somebody()
    suppress(sent.ledger, Person(address), reason, source="test", now=NOW)
    left = sent.program.ask(f"/u/{token}", method="POST")
    assert left.status == 200
    assert "Subscribe again" not in left.body
    for answer, status in (
        (sent.program.ask(f"/p/{token}"), 200),
        (sent.program.ask(f"/s/{token}", method="POST"), 403),
    ):
        assert answer.status == status
        assert "mailto:office@meridian.example.org" in answer.body
        assert "<form" not in answer.body
    assert sent.reason(address) is reason


def test_every_answer_keeps_the_token_to_itself(sent: Society) -> None:
    _, token = sent.somebody()
    for path, method in (
        *((f"/u/{token}", "GET"), (f"/u/{token}", "POST"), (f"/p/{token}", "GET")),
        *((f"/s/{token}", "POST"), ("/u/x", "GET"), ("/public.css", "GET"), ("/health", "GET")),
        *((f"/u/{token}", "PUT"), ("/elsewhere", "GET")),
    ):
        headers = sent.program.ask(path, method=method).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-robots-tag"] == "noindex"
        assert path == "/public.css" or headers["cache-control"] == "no-store"
        assert not {"set-cookie", "location", "server"} & headers.keys()
    assert token not in "".join(sent.program.said)


def test_a_ledger_that_a_dispatch_is_writing_is_waited_for(sent: Society) -> None:
    address, token = sent.somebody()
    with sent.ledger.write() as connection:
        connection.execute(text("UPDATE meta SET value = value"))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(sent.program.ask, f"/u/{token}", method="POST")
            # Reading goes on meanwhile: WAL.
            assert sent.program.ask(f"/u/{token}").status == 200
            assert not waiting.done()
            connection.rollback()
            assert waiting.result().status == 200
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED


def test_a_broken_ledger_is_said_in_words_and_nothing_is_claimed(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    token = sign(key(), "0" * 16, 1)
    with running(folder, "serve", "--port", "0") as program:
        assert program.ask(f"/u/{token}").status == 404
        ledger = folder / ".newsletter/ledger.sqlite3"
        for path in ledger.parent.glob("ledger.sqlite3*"):
            path.write_bytes(b"this is no database" * 1_000)
        for path, method in (("u", "GET"), ("u", "POST"), ("p", "GET"), ("s", "POST")):
            answer = program.ask(f"/{path}/{token}", method=method)
            assert answer.status == 503
            assert "Nothing was changed. Please try again" in answer.body
            assert "sqlite" not in answer.body.lower()


def test_after_leaving_the_next_dry_run_excludes_the_member(sent: Society) -> None:
    _, token = sent.somebody()
    folder = sent.program.folder
    name = "suppressed: unsubscribed"

    def excluded() -> int:
        shown = newsletter(folder, "send", "--again", "--json")
        return int(json.loads(shown.stdout)["excluded"].get(name, 0))

    before = excluded()
    sent.program.ask(f"/u/{token}", method="POST")
    assert excluded() == before + 1


def test_the_link_of_a_proof_works_like_any_other(sent: Society) -> None:
    folder = sent.program.folder
    proof = CliRunner(env={"NEWSLETTER_SECRET": SECRET, "NEWSLETTER_LEDGER": None}).invoke(
        cli,
        ["--workspace", str(folder), "proof", str(folder / FILE), "--to", "me@example.org"],
        catch_exceptions=False,
    )
    assert proof.exit_code == Exit.DONE
    token = links_of(folder)["me@example.org"]
    assert "m…@example.org" in sent.program.ask(f"/u/{token}").body


class _NoEntry(BaseHTTPRequestHandler):
    """Answers like SendGrid does to a wrong key: the dispatch stops, open."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


def test_who_leaves_while_a_dispatch_is_open_is_excluded_at_the_claim(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoEntry) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        host = f"http://127.0.0.1:{server.server_port}"
        change(folder / "newsletter.toml", "https://api.sendgrid.com", host)
        students = ("send", "--segment", "students")
        plan = json.loads(newsletter(folder, *students, "--json").stdout)
        real = ("--provider", "sendgrid", "--for-real", "--yes-to", str(plan["recipients"]))
        stopped = newsletter(folder, *students, *real)
        server.shutdown()
    assert f"{plan['recipients']} pending" in stopped.stdout
    ledger = open_ledger(folder / ".newsletter/ledger.sqlite3")
    with ledger.read() as connection:
        query = "SELECT d.ref, r.number, r.first FROM dispatches d JOIN requests r ON 1 LIMIT 1"
        ref, number, position = connection.execute(text(query)).one()
    with running(folder, "serve", "--port", "0") as program:
        token = sign(key(), ref, position)
        assert program.ask(f"/u/{token}", method="POST").status == 200
    claimed = claim(ledger, 1, number, Attempt(NOW))
    ledger.close()
    assert claimed is not None
    assert position not in {each.delivery for each in claimed.deliveries}
    status = newsletter(folder, "status", "1").stdout
    assert "excluded: suppressed" in status


def test_ctrl_c_ends_the_program_at_once(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    with running(folder, "serve", "--port", "0") as program:
        open_one = HTTPConnection("127.0.0.1", program.port)
        open_one.request("GET", "/health")
        assert open_one.getresponse().read() == b"ok\n"
        assert program.stop() < 1.5
        open_one.close()
        assert program.process.returncode == 0


def test_without_a_secret_it_does_not_start(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    environment = {"NEWSLETTER_SECRET": None, "NEWSLETTER_LEDGER": None}
    command = ["--workspace", str(folder), "serve", "--port", "0"]
    refused = CliRunner(env=environment).invoke(cli, command, catch_exceptions=False)
    assert refused.exit_code == Exit.REFUSED
    assert "export NEWSLETTER_SECRET=" in refused.stderr


@pytest.mark.browser
def test_a_member_leaves_and_comes_back_by_keyboard(page: Any, sent: Society) -> None:
    address, token = sent.somebody()
    page.goto(f"{sent.program.url}u/{token}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED
    page.get_by_role("button", name="Subscribe again").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Welcome back").wait_for()
    assert sent.reason(address) is None
