import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from newsletter.audience.heading import Wanted
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.members import bring_in

EVERY_LENGTH = Wanted(shrink=100)
"""A property test brings in one list after another, the next perhaps of nobody: no shrinking
is too much for it. What is refused has tests of its own."""
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Give the place of a fresh ledger, on each of the two databases in turn."""
    if request.param == "sqlite":
        return tmp_path / "ledger.sqlite3"
    url = request.getfixturevalue("postgresql")
    name = f"ledger_{next(_numbers)}"
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{url}/{name}"


@pytest.fixture
def ledger(where: Path | str) -> Iterator[Ledger]:
    opened = open_ledger(where)
    yield opened
    opened.close()


@pytest.fixture
def listed(ledger: Ledger, tmp_path: Path) -> Callable[[str], Ledger]:
    """Give a function that makes the ledger hold a list written as CSV."""

    def make(text: str) -> Ledger:
        path = tmp_path / "members.csv"
        path.write_text(text, encoding="utf-8")
        bring_in(ledger, path, NOW, wanted=EVERY_LENGTH)
        return ledger

    return make
