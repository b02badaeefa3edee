import email
import email.policy
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from program import Newsletter

from newsletter.cli.exits import Exit

FILE = "announcements/travel-awards.md"
STUDENTS = ("--segment", "students")


def recipients(newsletter: Newsletter, *arguments: str) -> int:
    shown = newsletter("send", FILE, *arguments, "--json")
    count: int = json.loads(shown.stdout)["recipients"]
    return count


def messages(workspace: Path) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]  # typeshed's policy
        for path in sorted(workspace.glob("outbox/*/messages/*.eml"))
    ]


def test_a_dry_run_is_the_default_and_sends_nothing(
    newsletter: Newsletter, workspace: Path
) -> None:
    shown = newsletter("send", FILE, *STUDENTS)
    assert shown.exit_code == Exit.DONE
    assert "300  listed" in shown.stdout
    assert re.search(r"-\d+  not in a chosen segment", shown.stdout)
    assert "this was a dry run; nothing was sent" in shown.stderr
    assert not (workspace / "outbox").exists()
    assert "no dispatch so far" in newsletter("status").stderr


def test_the_dry_run_as_json_balances(newsletter: Newsletter) -> None:
    plan = json.loads(newsletter("send", FILE, *STUDENTS, "--json").stdout)
    assert plan["listed"] == plan["recipients"] + sum(plan["excluded"].values())
    assert plan["by_segment"] == {"students": plan["recipients"]}


def test_a_dispatch_for_real_sends_to_each_recipient_once(
    newsletter: Newsletter, workspace: Path
) -> None:
    number = recipients(newsletter, *STUDENTS, "--segment", "early-career")
    sent = newsletter(
        "send", FILE, *STUDENTS, "--segment", "early-career", "--for-real", "--yes-to", str(number)
    )
    assert sent.exit_code == Exit.DONE
    assert f"{number} accepted + 0 rejected + 0 unsure + 0 pending" in sent.stdout
    got = messages(workspace)
    assert len({message["To"].addresses[0].addr_spec for message in got}) == len(got) == number
    for message in got:
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message.get_body(("plain",)) is not None
        link = str(message["List-Unsubscribe"]).strip("<>")
        body = message.get_body(("html",))
        assert body is not None
        assert link in body.get_content()


@pytest.mark.parametrize("number", ["0", "1", "300"])
def test_another_number_than_that_of_the_recipients_sends_nothing(
    newsletter: Newsletter, workspace: Path, number: str
) -> None:
    refused = newsletter("send", FILE, *STUDENTS, "--for-real", "--yes-to", number)
    assert refused.exit_code == Exit.REFUSED
    assert "is not the number of recipients" in refused.stderr
    assert not (workspace / "outbox").exists()


def test_without_a_person_and_without_a_number_nothing_is_sent(newsletter: Newsletter) -> None:
    refused = newsletter("send", FILE, *STUDENTS, "--for-real")
    assert refused.exit_code == Exit.REFUSED
    assert "--yes-to" in refused.stderr


def test_the_same_command_again_sends_nothing_again(
    newsletter: Newsletter, workspace: Path
) -> None:
    number = str(recipients(newsletter, *STUDENTS))
    command = ("send", FILE, *STUDENTS, "--for-real", "--yes-to", number)
    newsletter(*command)
    before = {path: path.stat().st_mtime_ns for path in workspace.glob("outbox/*/messages/*")}
    again = newsletter(*command)
    assert again.exit_code == Exit.DONE
    assert "already got this issue" in again.stderr
    assert {p: p.stat().st_mtime_ns for p in workspace.glob("outbox/*/messages/*")} == before


def test_again_has_to_be_said_to_send_the_same_issue_twice(newsletter: Newsletter) -> None:
    number = str(recipients(newsletter, *STUDENTS))
    newsletter("send", FILE, *STUDENTS, "--for-real", "--yes-to", number)
    again = newsletter("send", FILE, *STUDENTS, "--again", "--for-real", "--yes-to", number)
    assert again.exit_code == Exit.DONE
    rows = json.loads(newsletter("status", "--json").stdout)
    assert [row["accepted"] for row in rows] == [int(number)] * 2


def test_a_second_segment_gets_only_those_who_have_not_got_it(newsletter: Newsletter) -> None:
    number = recipients(newsletter, *STUDENTS)
    newsletter("send", FILE, *STUDENTS, "--for-real", "--yes-to", str(number))
    wider = json.loads(newsletter("send", FILE, "--segment", "researchers", "--json").stdout)
    assert wider["excluded"]["already got this issue"] == number


def test_errors_block_a_real_dispatch(newsletter: Newsletter, workspace: Path) -> None:
    (workspace / "untitled.txt").write_text("Posted By: Jane Doe, Director\nDear all, hello.\n")
    refused = newsletter("send", "untitled.txt", *STUDENTS, "--for-real", "--yes-to", "69")
    assert refused.exit_code == Exit.REFUSED
    assert "title-missing" in refused.stderr
    assert not (workspace / "outbox").exists()
    accepted = newsletter("send", "untitled.txt", *STUDENTS, "--subject", "Hello from the office")
    assert accepted.exit_code == Exit.DONE


def test_members_without_a_value_for_a_slot_block_the_dispatch(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = workspace / "greeting.md"
    path.write_text("---\ntitle: A greeting to all\n---\nDear {{ first_name }},\n")
    shown = newsletter("send", "greeting.md")
    assert shown.exit_code == Exit.NOT_ALL_SENT
    assert re.search(
        r"greeting\.md:4:6: error: \d+ members have no first_name, and the slot has no fallback",
        shown.stderr,
    )


def test_without_the_secret_nothing_is_sent(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSLETTER_SECRET")
    refused = newsletter("send", FILE, *STUDENTS, "--for-real", "--yes-to", "1")
    assert refused.exit_code == Exit.REFUSED
    assert "export NEWSLETTER_SECRET=" in refused.stderr


def test_a_changed_announcement_does_not_go_on_with_an_unfinished_dispatch(
    newsletter: Newsletter, workspace: Path, wrong_key: None
) -> None:
    del wrong_key
    number = str(recipients(newsletter, *STUDENTS))
    command = ("send", FILE, *STUDENTS, "--provider", "sendgrid", "--for-real", "--yes-to", number)
    stopped = newsletter(*command)
    assert stopped.exit_code == Exit.STOPPED
    assert f"{number} pending" in stopped.stdout
    path = workspace / FILE
    path.write_text(path.read_text() + "\nOne more line.\n")
    refused = newsletter(*command)
    assert refused.exit_code == Exit.REFUSED
    assert "newsletter dispatch resume 1" in refused.stderr


def test_a_proof_takes_the_identical_path_and_counts_for_nobody(
    newsletter: Newsletter, workspace: Path
) -> None:
    before = recipients(newsletter, *STUDENTS)
    proof = newsletter("proof", FILE, "--to", "me@example.org")
    assert proof.exit_code == Exit.DONE
    (message,) = messages(workspace)
    assert message["To"].addresses[0].addr_spec == "me@example.org"
    assert message["Reply-To"] == "office@meridian.example.org"
    assert "List-Unsubscribe" in message
    assert recipients(newsletter, *STUDENTS) == before


def test_a_proof_as_a_member_has_their_values(newsletter: Newsletter, workspace: Path) -> None:
    listed = (workspace / "recipients/members.csv").read_text(encoding="utf-8").splitlines()
    row = next(line.split(",") for line in listed if ",student," in line)
    newsletter("proof", FILE, "--to", "me@example.org", "--as", row[0])
    (message,) = messages(workspace)
    assert row[2] in message["Subject"]


def test_a_proof_as_nobody_says_so(newsletter: Newsletter) -> None:
    refused = newsletter("proof", FILE, "--to", "me@example.org", "--as", "nobody")
    assert refused.exit_code == Exit.REFUSED


class _NoEntry(BaseHTTPRequestHandler):
    """Answers like SendGrid does to a wrong key."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def wrong_key(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let SendGrid be a server here that refuses us."""
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.wrong")
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoEntry) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        path = workspace / "newsletter.toml"
        host = f"http://127.0.0.1:{server.server_port}"
        path.write_text(path.read_text().replace("https://api.sendgrid.com", host))
        yield
        server.shutdown()
