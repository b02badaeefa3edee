"""Reading the ledger while others write it."""

from sqlalchemy import insert, select

from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import issues


def test_a_reader_sees_one_state_however_many_statements_it_takes(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert connection.scalars(select(issues.c.slug)).all() == []
        with ledger.write() as other:
            other.execute(insert(issues).values(slug="meanwhile"))
        assert connection.scalars(select(issues.c.slug)).all() == []
    with ledger.read() as connection:
        assert connection.scalars(select(issues.c.slug)).all() == ["meanwhile"]
    with ledger.write() as connection:
        connection.execute(insert(issues).values(slug="afterwards"))
