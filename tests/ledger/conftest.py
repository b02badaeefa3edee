from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.members import bring_in

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def listed(ledger: Ledger, tmp_path: Path) -> Callable[[str], Ledger]:
    """Give a function that makes the ledger hold a list written as CSV."""

    def make(text: str) -> Ledger:
        path = tmp_path / "members.csv"
        path.write_text(text, encoding="utf-8")
        bring_in(ledger, path, NOW)
        return ledger

    return make
