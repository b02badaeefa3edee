"""The benchmarks measure what they say: the sinks count and keep right, and a small run passes."""

import importlib
import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def sinks() -> Iterator[Any]:
    sys.path.insert(0, str(HERE))
    yield importlib.import_module("sinks")
    sys.path.remove(str(HERE))


@pytest.fixture(params=["compiled", "slow"], scope="module")
def yard(request: pytest.FixtureRequest, sinks: Any, tmp_path_factory: Any) -> Any:
    if request.param == "slow":
        return sinks.Yard(None)
    found = sinks.compiled(tmp_path_factory.mktemp("programs"))
    if found.is_slow:
        pytest.skip("no C compiler")
    return found


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def test_a_sink_takes_requests_on_one_connection_and_counts_personalizations(
    yard: Any, kept: Path
) -> None:
    body = json.dumps({"personalizations": [{"to": [{"email": "a"}], "x": '"to":'}] * 3})
    large = json.dumps({"personalizations": [{"to": [], "x": "y" * 2_000}] * 1_000})
    with yard.sink("http", kept=kept) as sink:
        connection = HTTPConnection("127.0.0.1", sink.port, timeout=5)
        for each in (body, large, body):
            connection.request("POST", "/v3/mail/send", each)
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, answer.headers["X-Message-Id"]) == (202, "sink")
        connection.close()
        count = sink.count()
        sink.reset()
        assert sink.count().requests == 0
    assert (count.connections, count.requests, count.recipients) == (1, 3, 1_006)
    assert sorted(each.read_text() for each in kept.iterdir()) == sorted([body, large, body])


def test_a_sink_takes_messages_by_smtp_and_keeps_them_as_they_came(yard: Any, kept: Path) -> None:
    lines = [f"line {number}" for number in range(9_000)]
    with yard.sink("smtp", kept=kept) as sink:
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as server:
            server.ehlo()
            assert server.has_extn("pipelining")
            server.sendmail("a@example.org", ["b@example.org", "c@example.org"], "one\r\n.two\r\n")
            server.sendmail("a@example.org", ["b@example.org"], "\r\n".join(lines))
        count = sink.count()
    assert (count.requests, count.recipients) == (2, 3)
    found = sorted((each.read_bytes() for each in kept.iterdir()), key=len)
    assert found[0] == b"one\r\n..two\r\n"
    assert found[1].decode().split("\r\n")[:-1] == lines


def test_commands_that_come_together_are_answered_together(yard: Any) -> None:
    with yard.sink("smtp") as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as server:
        server.ehlo()
        envelope = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
        server.send(envelope + b"one\r\n.\r\n" + envelope + b"two\r\n.\r\nQUIT\r\n")
        codes = [server.getreply()[0] for _ in range(9)]
        assert codes == [250, 250, 354, 250, 250, 250, 354, 250, 221]
        assert sink.count().recipients == 2


def test_a_sink_answers_as_late_as_it_is_told(yard: Any) -> None:
    import time

    with yard.sink("http", delay_ms=80) as sink:
        connection = HTTPConnection("127.0.0.1", sink.port, timeout=5)
        began = time.monotonic()
        connection.request("POST", "/v3/mail/send", "{}")
        connection.getresponse().read()
        assert 0.08 <= time.monotonic() - began < 2
        connection.close()


@pytest.mark.timeout(300)
def test_a_small_run_decodes_what_arrived_and_judges_every_gate(tmp_path: Path) -> None:
    program = [sys.executable, str(HERE / "run.py"), "--quick", "--no-peers", "--no-composing"]
    sizes = ["--sendgrid", "2000", "--smtp", "2000", "--connections", "2"]
    done = subprocess.run(
        [*program, *sizes, "--into", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (written,) = tmp_path.glob("*.json")
    sections = json.loads(written.read_text())["sections"]
    for path in ("sendgrid", "smtp"):
        proof = sections[f"{path}: decoded, each equal to its reference"]
        assert proof == [{"what": "newsletter", "messages": 1_000, "escapes": True}]
        (senders,) = (rows for title, rows in sections.items() if title.startswith(f"{path}: send"))
        assert [row["what"] for row in senders][1] == "newsletter"
        assert senders[1]["n"] == 2_000
    assert all(row["measured"] for row in sections["gates"])
    assert "not measured" in (tmp_path / f"{written.stem}.md").read_text()
