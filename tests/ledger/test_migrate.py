"""A ledger of an earlier version is carried over with everything it knows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.errors import LedgerError
from newsletter.issue.item import Item
from newsletter.ledger.claiming import Attempt, claim, pending_requests
from newsletter.ledger.course import resume
from newsletter.ledger.database import open_ledger
from newsletter.ledger.decisions import Author, decisions_of
from newsletter.ledger.dispatches import balance_of, find_dispatch
from newsletter.ledger.items import items_of, told
from newsletter.ledger.journal import count_entries, entries
from newsletter.ledger.metadata import VERSION, meta
from newsletter.ledger.occurrences import taken_since
from newsletter.ledger.schema import Course, issues
from newsletter.ledger.settling import settle
from newsletter.ledger.suppressions import suppression_of
from newsletter.ledger.unsure import recover
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = (Path(__file__).parent / "version_1.sql").read_text(encoding="utf-8")
SECOND = (Path(__file__).parent / "version_2.sql").read_text(encoding="utf-8")
THIRD = (Path(__file__).parent / "version_3.sql").read_text(encoding="utf-8")
FOURTH = (Path(__file__).parent / "version_4.sql").read_text(encoding="utf-8")


def _write(where: Path | str, script: str) -> None:
    engine = create_engine(f"sqlite:///{where}" if isinstance(where, Path) else where)
    with engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                blob = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
                written = statement.replace(":", r"\:").replace(" BLOB ", f" {blob} ")
                connection.execute(text(written))
    engine.dispose()


def test_opt_outs_and_deliveries_of_the_first_version_are_still_there(where: Path | str) -> None:
    _write(where, FIRST)
    for time in range(2):
        ledger = open_ledger(where)
        ann = Person("ann@example.org", "1")
        assert suppression_of(ledger, ann) is SuppressionReason.UNSUBSCRIBED
        dispatch = find_dispatch(ledger, 1)
        assert dispatch is not None
        assert not dispatch.is_notice
        assert dispatch.topic == ""
        balance = balance_of(ledger, dispatch)
        assert str(balance) == (
            "2 listed = 1 excluded + 1 accepted + 0 rejected + 0 unsure + 0 pending"
        )
        with ledger.read() as connection:
            found = connection.scalar(select(meta.c.value).where(meta.c.key == "version"))
        assert found == str(VERSION)
        with ledger.write() as connection:
            connection.execute(insert(issues).values(slug=f"new-{time}"))
        ledger.close()


def test_a_dispatch_of_the_second_version_that_was_broken_off_goes_on(where: Path | str) -> None:
    _write(where, SECOND)
    ledger = open_ledger(where)
    dispatch = find_dispatch(ledger, 1)
    assert dispatch is not None
    assert str(balance_of(ledger, dispatch)) == (
        "10 listed = 1 excluded + 3 accepted + 1 rejected + 1 unsure + 4 pending"
    )
    assert recover(ledger, 1) == 2
    assert pending_requests(ledger, 1) == (3, 5)
    for number, positions in ((3, [5]), (5, [8])):
        claimed = claim(ledger, 1, number, Attempt(NOW))
        assert claimed is not None
        assert [each.delivery for each in claimed.deliveries] == positions
        settle(ledger, claimed, (Outcome(DeliveryState.ACCEPTED),))
    assert str(balance_of(ledger, dispatch)) == (
        "10 listed = 1 excluded + 5 accepted + 1 rejected + 3 unsure + 0 pending"
    )
    ledger.close()


def test_a_paused_dispatch_of_the_third_version_is_still_paused_and_has_a_log(
    where: Path | str,
) -> None:
    _write(where, THIRD)
    for _ in range(2):
        ledger = open_ledger(where)
        dispatch = find_dispatch(ledger, 1)
        assert dispatch is not None
        assert dispatch.course is Course.PAUSED
        assert str(balance_of(ledger, dispatch)) == (
            "10 listed = 1 excluded + 3 accepted + 1 rejected + 1 unsure + 4 pending"
        )
        assert [each.author for each in decisions_of(ledger, 1)] == ["bo"]
        ledger.close()
    ledger = open_ledger(where)
    assert count_entries(ledger) == 0
    resume(ledger, 1, Author("ada", NOW))
    assert [(each.who, each.act, each.about) for each in entries(ledger)] == [
        ("ada", "resume", "dispatch 1")
    ]
    ledger.close()


def test_what_an_issue_of_the_fourth_version_carried_is_known_by_its_name(
    where: Path | str,
) -> None:
    _write(where, FOURTH)
    for _ in range(2):
        ledger = open_ledger(where)
        dispatch = find_dispatch(ledger, 1)
        assert dispatch is not None
        carried = [each.item for each in items_of(ledger, dispatch.content_hash)]
        assert carried == [
            Item(announcement=name, title="Spring") for name in ("early-spring", "spring")
        ]
        with ledger.read() as connection:
            told_in = connection.execute(told("spring", but="digest")).all()
        # Rejected and malformed is not told; pending, under way, unsure and accepted is.
        assert sorted(each.member_id for each in told_in) == [*"02345677", "8"]
        assert taken_since(ledger, datetime(2026, 11, 1, tzinfo=UTC)) == (2,)
        ledger.close()


@pytest.mark.parametrize("script", [FIRST, SECOND, THIRD])
def test_every_earlier_version_gets_one_item_an_issue(where: Path | str, script: str) -> None:
    _write(where, script)
    ledger = open_ledger(where)
    dispatch = find_dispatch(ledger, 1)
    assert dispatch is not None
    carried = items_of(ledger, dispatch.content_hash)
    assert [(each.item.announcement, each.full) for each in carried] == [(dispatch.slug, None)]
    ledger.close()


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    ledger = open_ledger(path)
    with ledger.write() as connection:
        connection.execute(meta.update().where(meta.c.key == "version").values(value="99"))
    ledger.close()
    with pytest.raises(LedgerError, match="newer version"):
        open_ledger(path)
