"""The clock of the database: the one that all machines share."""

from typing import Any

from sqlalchemy import Double, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from newsletter.errors import LedgerError
from newsletter.ledger.database import Ledger


class Moment(GenericFunction[float]):
    """Gives the seconds since 1970, in UTC, at the time of the statement."""

    type = Double()
    name = "newsletter_moment"
    inherit_cache = True


@compiles(Moment, "sqlite")
def _on_sqlite(_element: Moment, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own keywords
    # The day 2440587.5 of the Julian count is the first of January 1970.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(Moment, "postgresql")
def _on_postgresql(_element: Moment, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own keywords
    # Not now(), which stands still for the length of a transaction.
    return "extract(epoch FROM clock_timestamp())"


def is_there(ledger: Ledger) -> bool:
    """Tell whether the database answers."""
    try:
        with ledger.read() as connection:
            return connection.scalar(select(Moment())) is not None
    except LedgerError:
        return False
