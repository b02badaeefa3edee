"""The log: a line of JSON for each thing that happens, and nobody is named in it."""

import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from ports import free_port
from program import SECRET, Newsletter

from newsletter.cli.main import cli
from newsletter.clock import SystemClock
from newsletter.errors import Refused
from newsletter.feedback import postmark
from newsletter.feedback.policy import Policy
from newsletter.feedback.proof import SharedSecret, Told
from newsletter.ledger.database import open_ledger
from newsletter.ledger.unsure import sweep
from newsletter.log import What, begin_log, tell
from newsletter.web.events import Entrance, Reception

FILE = "announcements/travel-awards.md"
PASSWORD = "an smtp password of the tests"  # noqa: S105 - of nobody
PAGE = Path(__file__).parents[2] / "docs/operations.md"


class _Moody:
    """Takes most messages; asks for patience once, and rejects every seventh for ever."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        address = envelope.rcpt_tos[0]
        self._seen[address] += 1
        if len(self._seen) % 7 == 0:
            return f"550 5.1.1 <{address}> is unknown here"
        if len(self._seen) == 3 and self._seen[address] == 1:
            return f"451 {address}: try again later"
        return "250 taken"


@pytest.fixture
def moody(workspace: Path) -> Iterator[None]:
    port = free_port()
    controller = Controller(_Moody(), hostname="127.0.0.1", port=port)
    controller.start()
    path = workspace / "newsletter.toml"
    text = path.read_text().replace("port = 587", f"port = {port}\nbatch_size = 5")
    path.write_text(text.replace('security = "starttls"', 'security = "none"'))
    yield
    controller.stop()


def send(*program: str) -> Result:
    options = ("--segment", "students", "--provider", "smtp", "--for-real", "--yes-to")
    dry_run = CliRunner().invoke(cli, ["send", FILE, "--segment", "students", "--json"])
    number = re.findall(r'"recipients": (\d+)', dry_run.stdout)[0]
    return CliRunner().invoke(cli, [*program, "send", FILE, *options, number])


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_whole_run_is_told_and_names_nobody_of_the_list(
    workspace: Path, moody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del moody
    monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", PASSWORD)
    result = send("--log", "run.log")
    assert result.exit_code == 1, result.output
    text = (workspace / "run.log").read_text(encoding="utf-8")
    listed = next((workspace / "recipients").glob("*.csv")).read_text(encoding="utf-8")
    addresses = re.findall(r"[^,;\s\"]+@[^,;\s\"]+", listed)
    names = {word for line in listed.splitlines()[1:] for word in line.split(",") if len(word) > 6}
    assert len(addresses) > 50
    assert not [each for each in (*addresses, SECRET, PASSWORD) if each.lower() in text.lower()]
    assert not [each for each in names if each in text]
    assert "@" not in text

    told = lines(text)
    kinds = Counter(str(line["what"]) for line in told)
    assert kinds["dispatch opened"] == kinds["run began"] == kinds["run ended"] == 1
    settled = [line for line in told if line["what"] == "request settled"]
    accepted = sum(int(str(line.get("accepted", 0))) for line in settled)
    rejected = sum(int(str(line.get("rejected", 0))) for line in settled)
    assert f"{accepted} accepted + {rejected} rejected" in result.output
    assert rejected > 0
    assert len(settled) < accepted, "a line a request, not a member"


def test_without_a_log_nothing_is_written(workspace: Path, moody: None) -> None:
    del moody
    result = send()
    assert "request settled" not in result.output
    assert not list(workspace.glob("*.log"))


def test_the_environment_says_it_as_well_and_a_dash_is_stderr(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_LOG", "-")
    number = re.findall(
        r'"recipients": (\d+)', newsletter("send", FILE, "--segment", "students", "--json").stdout
    )[0]
    outbox = ("--segment", "students", "--provider", "outbox", "--for-real", "--yes-to", number)
    result = newsletter("send", FILE, *outbox)
    told = [line for line in result.stderr.splitlines() if line.startswith("{")]
    assert [json.loads(line)["what"] for line in told][:2] == ["dispatch opened", "run began"]
    assert "request settled" not in result.stdout
    newsletter("dispatch", "cancel", "1", "--yes-to", "0")
    monkeypatch.delenv("NEWSLETTER_LOG")
    assert "{" not in newsletter("status").stderr


def test_a_log_that_cannot_be_written_is_refused_before_anything_else(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    result = newsletter("--log", str(tmp_path / "no/such/folder.log"), "status")
    assert result.exit_code == 6
    assert "cannot be written" in result.stderr
    with pytest.raises(Refused):
        begin_log(str(tmp_path))


def test_a_file_that_is_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    end = begin_log(str(path))
    try:
        tell(What.BEGAN, dispatch=1)
        path.rename(tmp_path / "a.log.1")
        tell(What.ENDED, dispatch=1)
    finally:
        end()
    assert [line["what"] for line in lines(path.read_text())] == ["run ended"]
    tell(What.ENDED, dispatch=2)
    assert len(lines(path.read_text())) == 1, "it is over"


@given(st.text(), st.from_regex(r"[a-z.+]{1,20}@[a-z]{1,10}\.example", fullmatch=True))
def test_whatever_comes_into_it_is_one_line_without_an_address(word: str, address: str) -> None:
    said = io.StringIO()
    with redirect_stderr(said):
        end = begin_log("-")
        tell(What.ENDED, why=f"{word} <{address}> {word}")
        end()
    (line,) = said.getvalue().split("\n")[:-1]
    assert address not in json.loads(line)["why"]


def test_what_a_dead_program_left_and_what_providers_post_is_told(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    reception = Reception(
        ledger=ledger,
        policy=Policy(),
        entrances={"postmark": Entrance(SharedSecret(PASSWORD), postmark.read)},
        clock=SystemClock(),
    )
    path = tmp_path / "a.log"
    end = begin_log(str(path))
    try:
        told = Told(headers={}, body=b"{}", at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC))
        reception.take("postmark", told, "192.0.2.0/24")
        assert sweep(ledger, grace=0) == 0
    finally:
        end()
        ledger.close()
    assert [(line["what"], line.get("provider")) for line in lines(path.read_text())] == [
        ("events refused", "postmark")
    ]


def test_everything_that_may_be_told_stands_in_the_docs() -> None:
    rows = re.findall(r"^\| `([a-z ]+)` \| ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == ["what", *(what.value for what in What)]
