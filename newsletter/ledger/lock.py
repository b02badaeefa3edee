"""One run of a dispatch at a time, wherever it runs: a lock in the database that machines share."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from newsletter.errors import TakenElsewhere
from newsletter.ledger.database import Ledger, translated_errors

_OF_DISPATCHES = 0x6E6C64
"""The first of the two numbers of our advisory locks in PostgreSQL."""


@contextmanager
def held(ledger: Ledger, dispatch: int) -> Iterator[None]:
    """Hold the lock of a dispatch for as long as this process is connected to the server.

    A ledger in a file needs none: a lock beside it does.

    Raises:
        TakenElsewhere: another run holds it.
        LedgerError: the server cannot be asked.
    """
    if not ledger.is_shared:
        yield
        return
    alone = ledger.engine.execution_options(isolation_level="AUTOCOMMIT")
    with translated_errors():
        connection = alone.connect()
    try:
        with translated_errors():
            got = connection.scalar(select(func.pg_try_advisory_lock(_OF_DISPATCHES, dispatch)))
        if not got:
            raise TakenElsewhere(
                "another run of this dispatch is going on, maybe on another machine",
                hint="watch it with `newsletter status`",
            )
        yield
    finally:
        # Closed for good, not given back: the lock ends with the connection.
        connection.invalidate()
        connection.close()
