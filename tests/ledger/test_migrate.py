"""A ledger of the first version is carried over with everything it knows."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.errors import LedgerError
from newsletter.ledger.database import open_ledger
from newsletter.ledger.dispatches import balance_of, find_dispatch
from newsletter.ledger.schema import VERSION, issues, meta
from newsletter.ledger.suppressions import suppression_of

FIRST = (Path(__file__).parent / "version_1.sql").read_text(encoding="utf-8")


def test_opt_outs_and_deliveries_of_the_first_version_are_still_there(where: Path | str) -> None:
    engine = create_engine(f"sqlite:///{where}" if isinstance(where, Path) else where)
    with engine.begin() as connection:
        for statement in FIRST.split(";\n"):
            if statement.strip():
                blob = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
                written = statement.replace(":", r"\:").replace(" BLOB ", f" {blob} ")
                connection.execute(text(written))
    engine.dispose()
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


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    ledger = open_ledger(path)
    with ledger.write() as connection:
        connection.execute(meta.update().where(meta.c.key == "version").values(value="99"))
    ledger.close()
    with pytest.raises(LedgerError, match="newer version"):
        open_ledger(path)
