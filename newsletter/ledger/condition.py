"""In which condition the database is: whether what it says is kept is kept."""

from dataclasses import dataclass

from sqlalchemy import text

from newsletter.ledger.database import Ledger

_KEEPS = {"synchronous_commit", "fsync", "full_page_writes"}
_LOOKED_INTO = 500_000_000
"""Bytes up to which a file of SQLite is read as a whole: beyond, that takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the database says of itself."""

    name: str
    """With its version."""
    is_server: bool
    faults: tuple[str, ...]
    """What may lose a commit, or is lost already, each as a part of a sentence."""


def condition_of(ledger: Ledger) -> Condition:
    """Ask the database.

    Raises:
        LedgerError: it cannot be read.
    """
    return _of_server(ledger) if ledger.is_shared else _of_file(ledger)


def _of_server(ledger: Ledger) -> Condition:
    with ledger.read() as connection:
        version = connection.scalar(text("SHOW server_version"))
        said = {name: connection.scalar(text(f"SHOW {name}")) for name in sorted(_KEEPS)}
    faults = tuple(f"{name} is off" for name, value in said.items() if value == "off")
    return Condition(name=f"PostgreSQL {version}", is_server=True, faults=faults)


def _of_file(ledger: Ledger) -> Condition:
    with ledger.read() as connection:

        def pragma(name: str) -> object:
            return connection.scalar(text(f"PRAGMA {name}"))

        version = connection.scalar(text("SELECT sqlite_version()"))
        journal, synchronous = pragma("journal_mode"), pragma("synchronous")
        size = int(str(pragma("page_count"))) * int(str(pragma("page_size")))
        said = pragma("quick_check(1)") if size <= _LOOKED_INTO else "ok"
    faults = (
        *([f"its journal is {journal} and not wal"] if journal != "wal" else []),
        *(["it does not wait for the disk (synchronous)"] if synchronous not in (2, 3) else []),
        *([f"its file is damaged: {said}"] if said != "ok" else []),
    )
    return Condition(name=f"SQLite {version}", is_server=False, faults=faults)
