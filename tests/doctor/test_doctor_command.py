"""`newsletter doctor` in a workspace, with a name server and a web server of this machine."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from name_server import Server, name_server

from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample

SECRET = "a secret of the tests, long enough"  # noqa: S105 - signs nothing real
KEY = "MIIBIjANBgkqhkiG9w0BAQ" + "A" * 370
ZONE = {
    "meridian.example.org": ("v=spf1 ip4:192.0.2.1 ~all",),
    "mine._domainkey.meridian.example.org": (f"p={KEY}",),
    "_dmarc.meridian.example.org": ("v=DMARC1; p=reject",),
}


@pytest.fixture
def society(tmp_path: Path) -> Path:
    folder = tmp_path / "society"
    copy_sample(folder)
    settings = folder / "newsletter.toml"
    # Nobody answers at port 1 of this machine: what would be asked outside is not.
    text = settings.read_text("utf-8").replace(
        'base_url = "https://news.meridian.example.org"', 'base_url = "https://127.0.0.1:1"'
    )
    settings.write_text(text, encoding="utf-8")
    return folder


def doctor(
    folder: Path, server: Server, *more: str, table: str = "", secret: str = SECRET
) -> Result:
    settings = folder / "newsletter.toml"
    own = f'\n[doctor]\nname_server = "{server.address}"\ntime_server = "127.0.0.1:1"\n{table}'
    settings.write_text(settings.read_text("utf-8") + own, encoding="utf-8")
    runner = CliRunner(env={"NEWSLETTER_SECRET": secret or None, "NEWSLETTER_LEDGER": None})
    return runner.invoke(cli, ["--workspace", str(folder), "doctor", *more], catch_exceptions=False)


def found(done: Result) -> dict[str, list[str]]:
    subjects: dict[str, list[str]] = {}
    for each in json.loads(done.stdout):
        assert each.keys() == {"subject", "verdict", "words", "advice"}
        subjects.setdefault(each["subject"], []).append(each["verdict"])
    return subjects


def test_a_workspace_in_order_is_said_to_be(society: Path) -> None:
    with name_server(ZONE) as server:
        done = doctor(society, server, "--json", table='dkim_selectors = ["mine"]\n')
    assert done.exit_code == Exit.DONE, done.output
    assert found(done) == {
        "spf": ["good"],
        "dkim": ["good"],
        "dmarc": ["good"],
        "alignment": ["good"],
        "unsubscribe": ["could not ask"],
        "provider": ["good"],
        "clock": ["could not ask"],
        "disk": ["good"],
        "database": ["good"],
        "secrets": ["good"],
        "schedules": ["good"],
    }


def test_what_is_wrong_is_told_with_what_to_do_and_shows_no_secret(society: Path) -> None:
    with name_server({}) as server:
        done = doctor(society, server, table='dkim_selectors = "mine"\n', secret="")
    assert done.exit_code == Exit.NOT_ALL_SENT
    assert "wrong  dmarc: meridian.example.org has no DMARC policy" in done.stdout
    assert "publish at _dmarc.example.org" in done.stdout or "publish at _dmarc" in done.stdout
    assert "wrong  secrets: NEWSLETTER_SECRET is not set" in done.stdout
    assert SECRET not in done.output


def test_a_schedule_that_is_never_due_again_is_told(society: Path) -> None:
    settings = society / "newsletter.toml"
    table = (
        '\n[schedules.past]\nwhen = "2020-01-01 at 09:00"\nfile = "announcements/x.md"\n'
        'segments = ["students"]\n'
    )
    settings.write_text(settings.read_text("utf-8") + table, encoding="utf-8")
    with name_server(ZONE) as server:
        done = doctor(society, server, "--json")
    assert found(done)["schedules"] == ["wrong"], done.output
    assert done.exit_code == Exit.NOT_ALL_SENT


def test_a_provider_without_its_key_is_wrong_and_the_rest_is_looked_at(society: Path) -> None:
    with name_server(ZONE) as server:
        done = doctor(society, server, "--json", "--provider", "sendgrid")
    subjects = found(done)
    assert subjects["provider"] == ["wrong"]
    assert subjects["database"] == ["good"]
    # Its customary keys are not there, which need not be wrong.
    assert subjects["dkim"] == ["advice"]


def test_a_ledger_that_is_no_database_is_wrong(society: Path) -> None:
    (society / ".newsletter").mkdir()
    (society / ".newsletter/ledger.sqlite3").write_bytes(b"no database" * 500)
    with name_server(ZONE) as server:
        done = doctor(society, server, "--json")
    assert found(done)["database"] == ["wrong"]
    assert done.exit_code == Exit.NOT_ALL_SENT


def test_a_server_of_postgresql_is_looked_at(society: Path, postgresql: str) -> None:
    settings = society / "newsletter.toml"
    url = f"{postgresql}/postgres"
    settings.write_text(f'{settings.read_text("utf-8")}\n[ledger]\nurl = "{url}"\n', "utf-8")
    with name_server(ZONE) as server:
        done = doctor(society, server, "--json")
    database = next(each for each in json.loads(done.stdout) if each["subject"] == "database")
    assert "PostgreSQL" in database["words"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('dkim_selectors = ["a b"]\n', "holds no selector"),
        ("unknown = 1\n", "unknown key 'unknown'"),
    ],
)
def test_settings_that_cannot_be_are_told(society: Path, table: str, words: str) -> None:
    with name_server(ZONE) as server:
        done = doctor(society, server, table=table)
    assert done.exit_code == Exit.INPUT
    assert words in done.stderr
