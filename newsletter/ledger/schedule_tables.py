"""The tables of schedules: since when each is known, and what became of its occurrences."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, String, Table, Text

from newsletter.ledger.metadata import metadata, one_of


class Fate(StrEnum):
    """What became of an occurrence."""

    TAKEN = "taken"
    """Its dispatch was opened, in the same transaction."""
    MISSED = "missed"
    """It was too late, or a later one went out in its stead."""


schedules = Table(
    "schedules",
    metadata,
    Column("name", String, primary_key=True),
    Column("terms", Text, nullable=False, comment="when it is due, as its settings say it"),
    Column("since", Double, nullable=False, comment="nothing before; seconds since 1970"),
    sqlite_with_rowid=False,
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("schedule", String, primary_key=True),
    Column("wall", String, primary_key=True, comment="ISO 8601 on the clock of its place"),
    Column("due", Double, nullable=False, comment="seconds since 1970"),
    Column("fate", String, nullable=False),
    Column("dispatch", ForeignKey("dispatches.id")),
    Column("at", Double, nullable=False, comment="when that was decided; seconds since 1970"),
    CheckConstraint(one_of("fate", Fate), name="fate_is_known"),
    CheckConstraint("(fate = 'taken') = (dispatch IS NOT NULL)", name="taken_by_a_dispatch"),
    comment="each goes out once, whoever looks and however often: that is the key",
    sqlite_with_rowid=False,
)

OF_SCHEDULES = (schedules, occurrences)
"""In the order in which they are made."""
