"""A society that sent an announcement, and the links of it."""

import email
import email.policy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from web_samples import SECRET, Answer, Program, running

from newsletter.audience.consent import Person, Record
from newsletter.audience.exclusion import SuppressionReason
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.ledger.consent import Wishes, record_of, wishes_of
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.suppressions import suppression_of
from newsletter.workspace.secrets import read_secrets

FILE = "announcements/travel-awards.md"
ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = """--b\r
Content-Disposition: form-data; name="List-Unsubscribe"\r
\r
One-Click\r
--b--\r
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOW = datetime(2027, 6, 3, tzinfo=UTC)


class Society:
    """A society that sent an announcement, and answers its links."""

    def __init__(self, program: Program, ledger: Ledger, links: dict[str, str]) -> None:
        self.program = program
        self.ledger = ledger
        self._links = links

    def somebody(self) -> tuple[str, str]:
        """An address and its token; nobody is given twice."""
        address = next(iter(self._links))
        return address, self._links.pop(address)

    def any_token(self) -> str:
        """A token that nobody uses up."""
        return next(reversed(self._links.values()))

    def wishes(self, address: str) -> Wishes:
        return wishes_of(self.ledger, Person(address))

    def record(self, address: str) -> tuple[Record, ...]:
        return record_of(self.ledger, address)

    def submit(self, path: str, fields: Any = (), **headers: str) -> Answer:
        """Send a form as a browser does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode(list(fields))
        return self.program.ask(path, method="POST", body=body, headers={**FORM, **named})

    def reason(self, address: str) -> SuppressionReason | None:
        return suppression_of(self.ledger, Person(address))


def newsletter(folder: Path, command: str, *arguments: str) -> Result:
    environment = {"NEWSLETTER_SECRET": SECRET, "SENDGRID_API_KEY": "SG.wrong"}
    file = (str(folder / FILE),) if command == "send" else ()
    return CliRunner(env={**environment, "NEWSLETTER_LEDGER": None}).invoke(
        cli, ["--workspace", str(folder), command, *file, *arguments], catch_exceptions=False
    )


def links_of(folder: Path) -> dict[str, str]:
    links = {}
    for path in folder.glob("outbox/*/messages/*.eml"):
        message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        address = message["To"].addresses[0].addr_spec
        links[address] = str(message["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    return links


def key() -> bytes:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NEWSLETTER_SECRET", SECRET)
        found = read_secrets().links_key
    assert found is not None
    return found


@contextmanager
def sending(folder: Path) -> Iterator[Society]:
    """Send the sample announcement in `folder` and answer its links."""
    chosen = ("--segment", "students", "--segment", "early-career")
    plan = json.loads(newsletter(folder, "send", *chosen, "--json").stdout)
    number = str(plan["recipients"])
    done = newsletter(folder, "send", *chosen, "--for-real", "--yes-to", number)
    assert done.exit_code == Exit.DONE, done.stderr
    ledger = open_ledger(folder / ".newsletter/ledger.sqlite3")
    with running(folder, "serve", "--port", "0") as program:
        yield Society(program, ledger, links_of(folder))
    ledger.close()
