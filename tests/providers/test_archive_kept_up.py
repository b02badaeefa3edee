"""A dispatch that is really sent keeps the archive up, and never suffers from it."""

import json
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from click.testing import CliRunner, Result
from smtp_server import Post, running_smtp

from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample

TEXT = "---\ntitle: Ferns\n---\nSpores.\n"


@pytest.fixture
def society(tmp_path: Path) -> Path:
    folder = tmp_path / "society"
    copy_sample(folder)
    members = folder / "recipients/members.csv"
    members.write_text(
        "member_id,email,first_name,last_name,country,time_zone,membership,career_stage,joined,"
        "expires,interests,city\n"
        "M1,ann@example.net,Ann,Moss,US,,regular,mid,2025-10-16,2099-12-31,,Baltimore\n",
        encoding="utf-8",
    )
    (folder / "announcements/ferns.md").write_text(TEXT, encoding="utf-8")
    return folder


def settings(folder: Path, port: int, more: str = "") -> None:
    path = folder / "newsletter.toml"
    text = path.read_text("utf-8").replace("port = 587", f"port = {port}")
    text = text.replace('security = "starttls"', 'security = "none"')
    table = f'\n[archive]\nurl = "https://news.meridian.example.org/archive"\n{more}'
    path.write_text(text + table, encoding="utf-8")


def send(folder: Path) -> Result:
    environment = {"NEWSLETTER_SECRET": "a secret of the tests, long enough"}
    runner = CliRunner(env={**environment, "NEWSLETTER_LEDGER": None})
    command = ("--workspace", str(folder), "send", str(folder / "announcements/ferns.md"))
    through = ("--provider", "smtp", "--for-real", "--yes-to", "1")
    return runner.invoke(cli, [*command, *through], catch_exceptions=False)


class Reader(Post):
    """Opens the page of the archive as soon as a message is on its way."""

    page: Path
    seen: bool = False

    async def _answer(self, server: SMTP, command: str, address: str, usual: str) -> str:
        self.seen = self.page.is_file()
        return await super()._answer(server, command, address, usual)


def test_the_page_is_there_when_the_first_message_arrives(society: Path) -> None:
    post = Reader()
    post.page = society / "archive/ferns/index.html"
    with running_smtp(post) as port:
        settings(society, port)
        done = send(society)
    assert done.exit_code == Exit.DONE, done.output
    assert len(post.arrived) == 1
    assert post.seen
    assert post.page.is_file()


def test_what_nobody_got_is_gone_again(society: Path) -> None:
    post = Post(faults={("RCPT", "ann"): "550 5.1.1 no"})
    with running_smtp(post) as port:
        settings(society, port)
        done = send(society)
    assert done.exit_code == Exit.NOT_ALL_SENT, done.output
    assert not (society / "archive/ferns").exists()
    assert "No issue" in (society / "archive/index.html").read_text("utf-8")


def test_an_archive_that_cannot_be_built_does_not_make_a_dispatch_fail(society: Path) -> None:
    (society / "archive").mkdir()
    (society / "archive/mine.txt").write_text("keep", encoding="utf-8")
    with running_smtp(Post()) as port:
        settings(society, port)
        done = send(society)
    assert done.exit_code == Exit.DONE, done.output
    assert "the archive could not be built" in done.stderr
    assert (society / "archive/mine.txt").read_text("utf-8") == "keep"


def test_the_settings_can_leave_it_to_the_command(society: Path) -> None:
    with running_smtp(Post()) as port:
        settings(society, port, "automatic = false\n")
        assert send(society).exit_code == Exit.DONE
    assert not (society / "archive").exists()
    runner = CliRunner(env={"NEWSLETTER_LEDGER": None})
    built = runner.invoke(cli, ["--workspace", str(society), "archive", "build", "--json"])
    assert json.loads(built.stdout)["issues"] == 1
