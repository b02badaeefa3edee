"""`bounces import`: what came back, from each kind of mailbox."""

import email
import email.policy
import json
import mailbox
import os
import shutil
import sys
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from program import SECRET, Newsletter

sys.path.insert(0, str(Path(__file__).parents[1] / "feedback"))

import imap_server
from returned_samples import HOLIDAY, LETTER, RIDDLE, complaint, dsn

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample
from newsletter.ledger.database import open_ledger
from newsletter.ledger.suppressions import suppression_of

FILE = "announcements/travel-awards.md"


class Sent(NamedTuple):
    """One message that went out."""

    address: str
    headers: str


@pytest.fixture(scope="module")
def dispatched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A society that sent the sample announcement, to copy."""
    folder = tmp_path_factory.mktemp("dispatched") / "society"
    copy_sample(folder)
    runner = CliRunner(env={"NEWSLETTER_SECRET": SECRET, "NEWSLETTER_LEDGER": None})
    chosen = ["--workspace", str(folder), "send", str(folder / FILE), "--segment", "students"]
    plan = json.loads(runner.invoke(cli, [*chosen, "--json"]).stdout)
    number = str(plan["recipients"])
    done = runner.invoke(cli, [*chosen, "--for-real", "--yes-to", number])
    assert done.exit_code == Exit.DONE, done.stderr
    return folder


@pytest.fixture
def sent(workspace: Path, dispatched: Path) -> list[Sent]:
    """Be that society, and give what went out."""
    shutil.rmtree(workspace)
    shutil.copytree(dispatched, workspace)
    os.chdir(workspace)  # the folder that stood here is gone
    found = []
    for path in sorted(workspace.glob("outbox/*/messages/*.eml")):
        message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        raw = email.message_from_bytes(path.read_bytes())
        text = "".join(f"{name}: {' '.join(str(raw[name]).split())}\n" for name in raw)
        found.append(Sent(message["To"].addresses[0].addr_spec, text))
    assert len(found) > 5
    return found


def reason(workspace: Path, address: str) -> SuppressionReason | None:
    ledger = open_ledger(workspace / ".newsletter/ledger.sqlite3")
    try:
        return suppression_of(ledger, Person(address.lower()))
    finally:
        ledger.close()


def only(text: str, *names: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(names))


def bounced(of: Sent, *names: str) -> str:
    """A hard bounce that returns some of our headers, or all."""
    said = f"smtp; 550 5.1.1 <{of.address}>: unknown"
    return dsn(said=said, to=of.address, returned=only(of.headers, *names) if names else of.headers)


def maildir(folder: Path, *texts: str) -> Path:
    made = mailbox.Maildir(folder)
    for text in texts:
        made.add(text)
    made.close()
    return folder


def imported(newsletter: Newsletter, *arguments: str) -> dict[str, Any]:
    done = newsletter("bounces", "import", *arguments, "--json")
    assert done.exit_code == Exit.DONE, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_maildir_is_read_once_however_often(
    workspace: Path, newsletter: Newsletter, sent: list[Sent]
) -> None:
    first, second, third = sent[:3]
    folder = maildir(
        workspace / "mail",
        bounced(first),
        complaint(returned=only(second.headers, "List-Unsubscribe:", "Subject:")),
        dsn("failed 4.2.2", "smtp; mailbox full", to=third.address, returned=third.headers),
        HOLIDAY,
        LETTER,
        RIDDLE,
    )
    looked = imported(newsletter, str(folder), "--dry-run")
    assert looked["events"] == {"hard bounce": 1, "complained": 1, "soft bounce": 1}
    assert looked["taken"]["new"] == 0
    assert reason(workspace, first.address) is None
    found = imported(newsletter, str(folder))
    assert found["messages"] == 6
    assert found["sorts"] == {"bounce": 2, "complaint": 1, "no bounce": 2, "undecided": 1}
    assert (found["taken"]["new"], found["taken"]["suppressed"]) == (3, 2)
    (undecided,) = found["undecided"]
    assert undecided["subject"] == "Delivery failed"
    assert reason(workspace, first.address) is SuppressionReason.HARD_BOUNCE
    assert reason(workspace, second.address) is SuppressionReason.COMPLAINT
    assert reason(workspace, third.address) is None
    again = imported(newsletter, str(folder))
    assert (again["taken"]["new"], again["taken"]["known"]) == (0, 3)


@pytest.mark.parametrize(
    "names",
    [
        ("Message-ID:", "To:"),
        ("List-Unsubscribe:",),
        ("Feedback-ID:",),
        ("Subject:",),
    ],
    ids=["message id", "link", "feedback id", "address alone"],
)
def test_the_delivery_is_found_by_whatever_is_left_of_ours(
    workspace: Path, newsletter: Newsletter, sent: list[Sent], names: tuple[str, ...]
) -> None:
    path = workspace / "one.eml"
    # The address alone leads to the last dispatch of the days before.
    today = json.loads(newsletter("status", "--json").stdout)[0]["opened"]
    date = format_datetime(datetime.fromisoformat(today))
    path.write_text(bounced(sent[4], *names).replace("Mon, 23 Nov 2026 12:00:05 +0000", date))
    assert imported(newsletter, str(path))["events"] == {"hard bounce": 1}
    assert reason(workspace, sent[4].address) is SuppressionReason.HARD_BOUNCE


def test_a_bounce_with_somebody_elses_message_id_suppresses_nobody(
    workspace: Path, newsletter: Newsletter, sent: list[Sent]
) -> None:
    path = workspace / "forged.eml"
    said = "smtp; 550 5.1.1 unknown"
    returned = only(sent[0].headers, "Message-ID:")
    path.write_text(dsn(said=said, to="stranger@example.net", returned=returned))
    found = imported(newsletter, str(path))
    assert found["events"] == {}
    assert found["undecided"][0]["why"] == "it is about nobody whom we wrote to"
    assert reason(workspace, sent[0].address) is None


def test_an_mbox_is_read_message_by_message(
    workspace: Path, newsletter: Newsletter, sent: list[Sent]
) -> None:
    path = workspace / "bounces.mbox"
    made = mailbox.mbox(path)
    for each in sent[:5]:
        made.add(bounced(each))
    made.close()
    before = path.read_bytes()
    assert imported(newsletter, str(path))["taken"]["new"] == 5
    assert path.read_bytes() == before


def test_people_read_it_in_words(workspace: Path, newsletter: Newsletter, sent: list[Sent]) -> None:
    folder = maildir(workspace / "mail", bounced(sent[0]), RIDDLE)
    done = newsletter("bounces", "import", str(folder))
    assert done.exit_code == Exit.DONE
    assert "       2  messages" in done.stdout
    assert "           1  hard bounce" in done.stdout
    assert "1 new, 0 known, 1 suppressed" in done.stderr
    assert "undecided: it does not say clearly who failed and why: 'Delivery failed'" in done.stderr


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere", "cannot be read: No such file"),
        (".", "is a folder, but no Maildir"),
        ("imap://a@example.org", "only over TLS"),
        ("imaps://a:secret@example.org/", "stays in the history"),
        ("imaps://example.org/", "no host or no user"),
        ("imaps://a@example.org:x/", "port of the mailbox"),
        ("imaps://a@example.org/", "NEWSLETTER_IMAP_PASSWORD is not set"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told(
    newsletter: Newsletter, source: str, words: str
) -> None:
    done = newsletter("bounces", "import", source)
    assert done.exit_code == Exit.INPUT
    assert words in done.stderr
    assert "secret" not in done.stderr


# --- IMAP --------------------------------------------------------------------------------------


@pytest.fixture
def imap(monkeypatch: pytest.MonkeyPatch) -> imap_server.Imap:
    made = imap_server.Imap()
    monkeypatch.setenv("NEWSLETTER_IMAP_PASSWORD", made.password)
    return made


def url(imap: imap_server.Imap, folder: str = "") -> str:
    return f"imaps://bounces%40example.org@127.0.0.1:{imap.port}/{folder}"


def test_a_mailbox_on_a_server_is_read_over_verified_tls_and_left_as_it_is(
    workspace: Path,
    newsletter: Newsletter,
    sent: list[Sent],
    imap: imap_server.Imap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imap.letters = [bounced(each).encode() for each in sent[:3]]
    with imap_server.running(workspace, imap) as certificate:
        untrusted = newsletter("bounces", "import", url(imap))
        assert untrusted.exit_code == Exit.REFUSED
        assert "certificate has to be valid" in untrusted.stderr
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert imported(newsletter, url(imap))["taken"]["new"] == 3
        assert imported(newsletter, url(imap))["taken"]["known"] == 3
    assert {each.split(" ")[0] for each in imap.said} <= {
        "CAPABILITY",
        "LOGIN",
        "EXAMINE",
        "UID",
        "LOGOUT",
    }
    assert any("SEARCH SINCE" in each for each in imap.said)
    assert all("BODY.PEEK" in each for each in imap.said if "FETCH" in each)


def test_a_server_that_refuses_or_breaks_off_is_told(
    workspace: Path,
    newsletter: Newsletter,
    imap: imap_server.Imap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imap.letters = [LETTER.encode()] * 3
    with imap_server.running(workspace, imap) as certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        elsewhere = newsletter("bounces", "import", url(imap, "Nowhere"))
        assert "no folder 'Nowhere'" in elsewhere.stderr
        imap.drops_after = len(imap.said) + 4
        broken = newsletter("bounces", "import", url(imap))
        assert "does not answer" in broken.stderr
        imap.drops_after = None
        monkeypatch.setenv("NEWSLETTER_IMAP_PASSWORD", "wrong")
        refused = newsletter("bounces", "import", url(imap))
        assert "does not let bounces@example.org in" in refused.stderr
    assert {elsewhere.exit_code, broken.exit_code, refused.exit_code} == {Exit.REFUSED}
    assert "wrong" not in refused.stderr
