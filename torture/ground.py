"""The workspace that is tortured: a list with everything that lists have, and a small issue."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from breaking import PATIENCE

from newsletter.cli.sample import copy_sample

SECRET = sha256(b"the links of the torture").hexdigest()
"""Signs nothing real."""
FILE = "announcements/torture.md"
_HEADINGS = (
    *("member_id", "email", "first_name", "last_name", "country", "time_zone", "membership"),
    *("career_stage", "joined", "expires", "interests", "city"),
)
_REST = ("DE", "Europe/Berlin", "regular", "late", "2024-01-06", "2027-12-31", "clinical", "Ulm")
_BROKEN, _TWICE, _REFUSED = 211, 307, 997
"""Of so many members one has no address, one that another has, one that the carrier refuses."""
_TEXT = """\
---
title: Everybody once
preheader: And nobody twice.
---
Dear {{ first_name or "colleague" }}, this is yours.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A workspace."""

    folder: Path
    provider: str
    listed: int
    recipients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a workspace is to be like."""

    provider: str
    """`sendgrid` or `smtp`."""
    port: int
    """Of the carrier."""
    ledger: str
    """The URL of a database; empty for a file."""
    listed: int
    batch_size: int


def lay_out(folder: Path, layout: Layout) -> Ground:
    """Make the workspace in `folder`."""
    copy_sample(folder)
    (folder / FILE).write_text(_TEXT, encoding="utf-8")
    members = list(_members(layout.listed))
    with (folder / "recipients/members.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADINGS)
        writer.writerows(members)
    settings = folder / "newsletter.toml"
    text = settings.read_text(encoding="utf-8").partition("[providers.")[0]
    text = text.replace("[dispatch]", "[dispatch]\nattempts = 20")
    settings.write_text(text + _settings(layout), encoding="utf-8")
    addresses = {row[1] for row in members if "@" in row[1]}
    return Ground(
        folder=folder,
        provider=layout.provider,
        listed=layout.listed,
        recipients=len(addresses),
    )


def _members(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(1, count + 1):
        address = f"member{number}@mail{number % 7}.example.org"
        if number % _BROKEN == 0:
            address = "no address"
        elif number % _TWICE == 0:
            address = f"member{number - 1}@mail{(number - 1) % 7}.example.org"
        elif number % _REFUSED == 0:
            address = f"refused{number}@example.org"
        yield (f"M{number}", address, f"Ada {number}", "<b>O'Neil</b>", *_REST)


def _settings(layout: Layout) -> str:
    ledger = f'[ledger]\nurl = "{layout.ledger}"\n' if layout.ledger else ""
    return f"""
{ledger}
[providers.sendgrid]
host = "http://127.0.0.1:{layout.port}"
timeout = {PATIENCE}
batch_size = {layout.batch_size}
[providers.smtp]
host = "127.0.0.1"
port = {layout.port}
security = "none"
timeout = {PATIENCE}
final_timeout = {PATIENCE}
batch_size = {layout.batch_size}
"""
