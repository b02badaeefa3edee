"""What a report reads, on both databases."""

import datetime as dt
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from report_samples import ALL, NOON, handed_over, opened, told

from newsletter.ledger.database import Ledger
from newsletter.report.outcome import outcome_of


def test_a_report_is_the_same_on_both_databases(ledger: Ledger, tmp_path: Path) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    handed_over(ledger, dispatch, unsure=3)
    told(ledger, dispatch)
    found = outcome_of(ledger, dispatch, ALL, NOON + dt.timedelta(days=3))
    assert found.balance.balances
    assert found.failed == sum(cause.deliveries for cause in found.causes) == 46
    assert sum(domain.failed for domain in found.domains) == 46
    assert found.timeline.points[-1].accepted == found.balance.accepted
    assert found.leavers.everything == 4
    assert found.opens
    assert found.clicks
    assert found.opens.people
    assert found.clicks.machines
