"""A machine that falls asleep in the middle of a transaction, on a ledger that others share."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from postgres import fresh_database
from sqlalchemy import create_engine, insert, text, update

from newsletter.errors import LedgerLost
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.metadata import meta


@pytest.fixture
def url(postgresql: str) -> str:
    return fresh_database(postgresql)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(open_ledger(url)) as opened:
        yield opened


def gives_up_after(ledger: Ledger) -> str:
    with ledger.read() as connection:
        return str(connection.scalar(text("SHOW idle_in_transaction_session_timeout")))


def let_it_give_up_sooner(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = engine.url.database
    with engine.connect() as connection:
        of_all = f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '300ms'"
        connection.execute(text(of_all))
    engine.dispose()


def test_a_sleeper_keeps_what_it_locked_for_a_minute(ledger: Ledger) -> None:
    assert gives_up_after(ledger) == "1min"


def test_what_the_owner_of_the_server_has_set_stays(url: str) -> None:
    let_it_give_up_sooner(url)
    with closing(open_ledger(url)) as opened:
        assert gives_up_after(opened) == "300ms"


def test_the_others_go_on_and_the_sleeper_finds_out(url: str) -> None:
    let_it_give_up_sooner(url)
    mine = meta.c.key == "mine"
    with closing(open_ledger(url)) as awake, closing(open_ledger(url)) as asleep:
        with awake.write() as connection:
            connection.execute(insert(meta).values(key="mine", value="at first"))

        def fall_asleep() -> None:
            with asleep.write() as sleeping:
                sleeping.execute(update(meta).where(mine).values(value="the sleeper's"))
                with awake.write() as other:  # waits until the server gives the sleeper up
                    other.execute(update(meta).where(mine).values(value="the other's"))
                sleeping.execute(update(meta).where(mine).values(value="in vain"))

        with pytest.raises(LedgerLost, match="broke"):
            fall_asleep()
        with awake.read() as connection:
            assert connection.scalar(meta.select().with_only_columns(meta.c.value).where(mine)) == (
                "the other's"
            )


def test_nobody_waits_to_open_a_ledger_that_somebody_writes_to(url: str, ledger: Ledger) -> None:
    with ledger.write() as connection:
        connection.execute(text("LOCK TABLE meta IN ROW EXCLUSIVE MODE"))
        connection.execute(text("SELECT pg_advisory_xact_lock(28268)"))
        with closing(open_ledger(url)) as opened, opened.read() as other:
            assert other.scalar(text("SELECT 1")) == 1
