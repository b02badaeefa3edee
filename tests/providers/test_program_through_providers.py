"""The program itself, a real announcement and the list of the sample society, through each API."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault_server import running_server
from test_http_providers import OPTIONS, SECRETS, SERVERS

from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample

FILE = "announcements/travel-awards.md"


@pytest.fixture
def society(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "society"
    copy_sample(folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NEWSLETTER_LEDGER", raising=False)
    monkeypatch.setenv("NEWSLETTER_SECRET", "a secret of the tests, long enough")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.mark.parametrize("name", SERVERS)
def test_a_dispatch_reaches_each_member_once(name: str, society: Path) -> None:
    with running_server(SERVERS[name]) as server:
        lines = [f"{key} = {value!r}" for key, value in OPTIONS.get(name, {}).items()]
        table = "\n".join(["", f"[providers.{name}]", f"host = {server.url!r}", *lines, ""])
        settings = society / "newsletter.toml"
        settings.write_text(settings.read_text("utf-8") + table, encoding="utf-8")
        through = ["send", FILE, "--segment", "students", "--provider", name]
        plan = CliRunner().invoke(cli, [*through, "--json"], catch_exceptions=False)
        number = json.loads(plan.stdout)["recipients"]
        assert not server.requests

        confirmed = ["--for-real", "--yes-to", str(number)]
        sent = CliRunner().invoke(cli, [*through, *confirmed], catch_exceptions=False)

    assert sent.exit_code == 0, sent.output
    assert f"{number} accepted + 0 rejected + 0 unsure + 0 pending" in sent.stdout
    assert len(server.accepted) == number
