from datetime import UTC, datetime
from pathlib import Path

import pytest
from dispatch_samples import DOCUMENT, ENVELOPE

from newsletter.audience.segment import Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.dispatch.envelope import to_json
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Dispatch
from newsletter.ledger.members import bring_in
from newsletter.ledger.opening import Opening, open_dispatch
from newsletter.ledger.selection import Choice

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path: Path) -> tuple[Ledger, Dispatch]:
    """Open a dispatch of seven members in requests of two."""
    return _opened(tmp_path, members=7, batch_size=2)


@pytest.fixture
def opened_large(tmp_path: Path) -> tuple[Ledger, Dispatch]:
    """Open a dispatch of 1,600 members in requests of a hundred."""
    return _opened(tmp_path, members=1_600, batch_size=100)


def _opened(tmp_path: Path, *, members: int, batch_size: int) -> tuple[Ledger, Dispatch]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    path = tmp_path / "members.csv"
    path.write_text("email\n" + "".join(f"m{number}@example.org\n" for number in range(members)))
    bring_in(ledger, path, NOW)
    opening = Opening(
        compiled=CompiledIssue(slug="spring", title="Spring", documents={"-": DOCUMENT}),
        envelope=to_json(ENVELOPE),
        ref=ENVELOPE.dispatch,
        provider="journal",
        batch_size=batch_size,
        audience={},
        now=NOW,
    )
    choice = Choice(slug="spring", selection=Selection(included=()))
    dispatch = open_dispatch(ledger, opening, choice, expected=members)
    ledger.close()
    return ledger, dispatch
