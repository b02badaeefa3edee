"""The table of docs/providers/README.md is what the code says of itself."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from test_registry import WORKING

from newsletter.errors import InputErrors
from newsletter.providers.protocol import Provider, Rationed, Recallable, Traceable
from newsletter.providers.registry import build, names

PAGE = Path(__file__).parents[2] / "docs" / "providers" / "README.md"
KEYS = {**WORKING["ses"][1], "NEWSLETTER_SMTP_PASSWORD": ""}


def rows() -> dict[str, list[str]]:
    told = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in told}


def megabytes(size: int | None) -> str:
    return f"{size // 1_000_000} MB" if size else ""


def yes(*, able: bool) -> str:
    return "yes" if able else "no"


def period(length: timedelta | None) -> str:
    if length is None:
        return ""
    hours = length // timedelta(hours=1)
    return f"{hours} hours" if hours else f"{length // timedelta(minutes=1)} minutes"


def most_of(name: str) -> str:
    """Ask for too many, and read in the complaint how many there may be."""
    with pytest.raises(InputErrors) as caught:
        build(name, {"batch_size": 1_000_000}, KEYS)
    problems = "\n".join(error.problem for error in caught.value.errors)
    found = re.search(r"batch_size has to be a whole number from 1 to (\d+)", problems)
    return found[1] if found else ""


def row_of(name: str, provider: Provider) -> list[str]:
    able = provider.capabilities
    return [
        str(able.batch_size),
        most_of(name),
        str(able.connections),
        megabytes(able.max_request_bytes),
        megabytes(able.max_message_bytes),
        f"{able.max_values_bytes:,} bytes" if able.max_values_bytes else "",
        yes(able=able.carries_files),
        yes(able=able.carries_files and able.shows_files_within),
        period(able.remembers_keys),
        *(yes(able=isinstance(provider, each)) for each in (Recallable, Traceable, Rationed)),
    ]


@pytest.mark.parametrize("name", names())
def test_the_table_tells_what_each_provider_can_carry(name: str) -> None:
    needed = {"host": "mail.example.org"} if name == "smtp" else {}

    assert rows()[name] == row_of(name, build(name, needed, KEYS))


def test_the_table_has_every_provider_once() -> None:
    assert sorted(rows()) == sorted(names())
