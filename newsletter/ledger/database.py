"""The door to the database: connections, transactions and their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from newsletter.errors import LedgerError, LedgerLost
from newsletter.ledger.feedback_tables import keep_events
from newsletter.ledger.guards import set_guards
from newsletter.ledger.metadata import VERSION, meta, metadata
from newsletter.ledger.schedule_tables import OF_SCHEDULES
from newsletter.ledger.staff_tables import keep_record
from newsletter.ledger.twins import mark_twins

_BUSY_MS = 30_000
_FROZEN_MS = 60_000
"""A machine that sleeps in the middle of a transaction keeps what it locked; the server gives it
up after so long, and the sleeper finds its connection broken. None of ours rests nearly so long."""
_ONE_MAKES_THE_TABLES = 0x6E6C
"""A number of our own among PostgreSQL's advisory locks."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The open database."""

    engine: Engine = field(repr=False)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that holds the write lock from its start; commit at the end.

        Raises:
            LedgerError: it could not be written; nothing of the transaction is kept.
        """
        with translated_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that sees one state of the database.

        Raises:
            LedgerError: it could not be read.
        """
        # PostgreSQL would let each statement see what was committed before it; a balance whose
        # parts are of two moments is none.
        one_state = {"isolation_level": "REPEATABLE READ"} if self.is_shared else {}
        reading = self.engine.execution_options(newsletter_reading=True, **one_state)
        with translated_errors(), reading.connect() as connection:
            yield connection

    @property
    def is_shared(self) -> bool:
        """Tell whether several machines may work on it: it lies on a server."""
        return self.engine.dialect.name != "sqlite"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_ledger(where: Path | str) -> Ledger:
    """Open the ledger at a path (SQLite) or a URL, and make its tables where there are none.

    Raises:
        LedgerError: it cannot be opened, or was written by a newer version of this program.
    """
    with translated_errors():
        if isinstance(where, Path):
            _make_folder(where.parent)
            url = make_url("sqlite://").set(database=str(where))
        else:
            url = make_url(where)
        # A server may have been restarted since a connection was used last.
        engine = create_engine(url, pool_pre_ping=not url.drivername.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        elif engine.dialect.name == "postgresql":
            _prepare_postgresql(engine)
        _make_tables(engine)
    return Ledger(engine)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise every failure of the database as a `LedgerError` that says what to do."""
    try:
        yield
    except ArgumentError as error:
        raise LedgerError(
            "the ledger's URL cannot be read",
            hint="write it like postgresql+psycopg://user@host/database",
        ) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise LedgerLost("the connection to the ledger broke") from error
        words = _first_line(error.orig)
        raise LedgerError(f"the ledger failed: {words}", hint=_hint(words)) from error
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger failed: {_first_line(error)}") from error


def _hint(words: str) -> str:
    if "not a database" in words or "malformed" in words:
        return "restore it from a backup: without it nobody knows who got what"
    return (
        "check that its disk has space and that it may be written; nothing was sent that the "
        "ledger does not know of"
    )


def _first_line(error: object) -> str:
    # Values of statements stay out of it: they are addresses.
    return str(error).partition("\n")[0]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"the ledger's folder {folder} cannot be made: {error.strerror}",
            hint="choose another place: `url` of [ledger] in newsletter.toml",
        ) from error


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_up(raw: Any, _record: object) -> None:  # noqa: ANN401 - whatever the driver gives
        raw.isolation_level = None  # the driver must not begin transactions behind our back
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            # NORMAL may lose the last commits when the power fails: a claim would be forgotten,
            # and its batch sent again.
            "synchronous=FULL",
            "foreign_keys=ON",
            # In KiB, for each worker's connection: they read each page once, one after the other.
            "cache_size=-1000",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("newsletter_reading")
        # A transaction that reads first and writes later can lose its place to another writer.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_up(raw: Any, _record: object) -> None:  # noqa: ANN401 - whatever the driver gives
        # What the server's owner has set for it stays.
        raw.autocommit = True
        raw.execute(
            "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s AND setting = '0'",
            [str(_FROZEN_MS), "idle_in_transaction_session_timeout"],
        )
        raw.autocommit = False


def _make_tables(engine: Engine) -> None:
    """Make the tables, or bring them to today's form, where that is not done yet.

    Mostly it is, and then nobody waits for whoever writes.
    """
    with engine.execution_options(newsletter_reading=True).connect() as connection:
        if _is_up_to_date(connection):
            return
    with engine.begin() as connection:
        _bring_up_to_date(connection)


def _is_up_to_date(connection: Connection) -> bool:
    known = set(inspect(connection).get_table_names())
    return metadata.tables.keys() <= known and _version(connection) == VERSION


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Several machines may open a new ledger at once; only one of them makes the tables.
        connection.execute(select(func.pg_advisory_xact_lock(_ONE_MAKES_THE_TABLES)))
    found = _version(connection)
    if found is not None and found > VERSION:
        raise LedgerError(
            f"the ledger was written by a newer version of this program ({found} > {VERSION})",
            hint="update newsletter",
        )
    if found is not None and found < VERSION:
        from newsletter.ledger.migrate import carry_over

        carry_over(connection, found)
    metadata.create_all(connection)
    for table in OF_SCHEDULES:
        table.create(connection, checkfirst=True)
    if found != VERSION:
        set_guards(connection)
        keep_events(connection)
        keep_record(connection)
        mark_twins(connection)
        connection.execute(delete(meta).where(meta.c.key == "version"))
        connection.execute(insert(meta).values(key="version", value=str(VERSION)))


def _version(connection: Connection) -> int | None:
    """Tell of which version the tables are; None where there are none."""
    if not inspect(connection).has_table(meta.name):
        return None
    found = connection.scalar(select(meta.c.value).where(meta.c.key == "version"))
    return None if found is None else int(found)
