"""The society of the benchmarks: the sample workspace with a list and an issue of given sizes."""

import csv
import itertools
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from peers.job import MARKS

from newsletter.cli.sample import copy_sample
from newsletter.message.frozen import Document, Frozen

SECRET = sha256(b"the links of the benchmarks").hexdigest()
"""The same in every run, so that links have the same bytes; it signs nothing real."""
FILE = "announcements/benchmark.md"

_FIRST = ("Ada", "José", "Nguyễn", "Zoë", "D'Arcy", "<b>Bobby</b>", "Мария", "", "Anna-Lena", "翔")
_LAST = ("O'Neil", "Müller", "Thị Minh", "Lovelace", "渡邉", "King, Jr.", "van der Berg", "Özdemir")
_COUNTRIES = ("US", "CA", "DE", "JP", "BR", "IN")
_MEMBERSHIPS = ("student", "regular", "postdoc", "emeritus")
HEADINGS = (
    *("member_id", "email", "first_name", "last_name", "country", "time_zone", "membership"),
    *("career_stage", "joined", "expires", "interests", "city"),
)

_OPENING = """\
---
title: News of the section, all of it
subject: News of the section, {{ first_name or "colleague" }}
preheader: Nine items, one of them for you.
image: images/helix.jpg
image_alt: A double helix
---
Dear {{ first_name or "colleague" }},

this went to {{ email }}, {{ first_name or "colleague" }}.

"""
_ITEM = """\
## Item {number}: what the **section** did

The committee met in *June* and agreed on [three changes](https://meridian.example.org/i/{number}).
Members in every country take part: the survey of the spring had more answers than ever before.

- A longer deadline for abstracts, as many of you asked for.
- Lower fees for members from countries where money is short.
- A register of mentors, with {{{{ first_name or "colleague" }}}} in mind.

> We asked, you answered, and now we act on it. That is what a society is for.

| What | When | Who |
|---|---|---|
| Abstracts | 11 June | everybody |
| Awards | 18 June | early career |

"""


_SCREEN = """\
## {number}. What the section did in the month

The committee met in *June* and agreed on [three changes](https://meridian.example.org/i/{number}).
Members in every country take part: the survey of the spring had more answers than ever before. We
thank Dr. Ada Okafor and all who helped.

- A longer deadline for abstracts, as many of you asked for, until **11 June**.
- Lower fees where money is short; see <https://meridian.example.org/fees/{number}>.
- A register of mentors, with early career members in mind.

> We asked, you answered, and now we act on it. That is what a society is for.

### What comes next

| What | When | Who |
|---|---|---|
| Abstracts | 11 June | everybody |
| Awards | 18 June | early career |

Write to [the office](mailto:office@meridian.example.org) if you have questions. The next meeting
of the committee is open to all members and takes place online.

"""


def write_long(folder: Path, screens: int = 40) -> Path:
    """Write a newsletter of so many screens into the announcements of `folder`."""
    keys = "---\ntitle: Forty screens\npreheader: All that happened, item by item.\n---\n"
    text = "".join(_SCREEN.format(number=number) for number in range(1, screens + 1))
    path = folder / "announcements/long.md"
    path.write_text(f"{keys}Dear colleague,\n\n{text}", encoding="utf-8")
    return path


def make(folder: Path, members: int, *, items: int = 9) -> Path:
    """Make a workspace with `members` members and an issue of `items` items."""
    copy_sample(folder)
    text = _OPENING + "".join(_ITEM.format(number=n) for n in range(1, items + 1))
    (folder / FILE).write_text(text, encoding="utf-8")
    write_list(folder / "recipients/members.csv", members)
    return folder


def write_list(path: Path, members: int) -> Path:
    """Write a list of `members` members."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        writer.writerows(rows(members))
    return path


def rows(members: int) -> Iterator[tuple[str, ...]]:
    """Give the rows of the list, always the same ones."""
    for number in range(members):
        yield (
            f"M{number:07d}",
            f"member.{number:07d}@mail{number % 97}.example.org",
            _FIRST[number % len(_FIRST)],
            _LAST[number % len(_LAST)],
            _COUNTRIES[number % len(_COUNTRIES)],
            "Europe/Berlin",
            _MEMBERSHIPS[number % len(_MEMBERSHIPS)],
            "early" if number % 3 else "late",
            "2024-01-06",
            "2027-12-31",
            "genetic counselling;bioinformatics",
            "Göteborg",
        )


def point_at(folder: Path, *, port: int, connections: int, batch_size: int = 1000) -> None:
    """Let SendGrid and the SMTP server of the workspace be a sink on this machine."""
    path = folder / "newsletter.toml"
    text = path.read_text(encoding="utf-8")
    kept = "".join(
        itertools.takewhile(lambda line: "[providers" not in line, text.splitlines(keepends=True))
    )
    path.write_text(
        f"""{kept}
[providers.outbox]
folder = "outbox"
[providers.sendgrid]
host = "http://127.0.0.1:{port}"
connections = {connections}
batch_size = {batch_size}
[providers.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
messages_per_connection = 100000
""",
        encoding="utf-8",
    )


def write_documents(folder: Path, document: Document) -> None:
    """Write `document` as files with marks to replace, for scripts that know no slots."""
    marks = {mark.strip("-"): mark for mark in MARKS}
    for name, frozen in (("document.html", document.html), ("document.txt", document.text)):
        pieces = [
            piece
            for pair in zip(frozen.literals, _marks(frozen, marks), strict=True)
            for piece in pair
        ]
        (folder / name).write_text("".join(pieces), encoding="utf-8")


def _marks(frozen: Frozen, marks: Mapping[str, str]) -> Iterator[str]:
    for slot in frozen.slots:
        yield marks.get(slot.name, marks["unsubscribe_url"])
    yield ""
