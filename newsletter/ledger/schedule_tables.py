"""The tables of schedules: since when each is known, and what became of its occurrences."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, String, Table, Text

from newsletter.ledger.metadata import metadata, one_of
from newsletter.ledger.staff_tables import colleagues


class Fate(StrEnum):
    """What became of an occurrence."""

    TAKEN = "taken"
    """Its dispatch was opened, in the same transaction."""
    MISSED = "missed"
    """It was too late, or a later one went out in its stead."""


class StepFate(StrEnum):
    """What became of a step before an occurrence."""

    DONE = "done"
    LATE = "late"
    """Its time passed while nobody looked, and it was of no use any more."""


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

steps = Table(
    "steps",
    metadata,
    Column("schedule", String, primary_key=True),
    Column("wall", String, primary_key=True, comment="of the occurrence that it comes before"),
    Column("step", String, primary_key=True),
    Column("due", Double, nullable=False, comment="its occurrence; seconds since 1970"),
    Column("fate", String, nullable=False),
    Column("note", Text, nullable=False, server_default="", comment="what came of it"),
    Column("at", Double, nullable=False, comment="when that was decided; seconds since 1970"),
    CheckConstraint(one_of("fate", StepFate), name="fate_is_known"),
    comment="what is done before an occurrence; each once, as occurrences are",
    sqlite_with_rowid=False,
)

step_letters = Table(
    "step_letters",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True, autoincrement=False),
    Column("schedule", String, nullable=False),
    Column("wall", String, nullable=False),
    Column("step", String, nullable=False),
    comment="letters and proofs that a step opened, in the transaction that took it",
    sqlite_with_rowid=False,
)

calendar_links = Table(
    "calendar_links",
    metadata,
    Column("mark", String, primary_key=True, comment="SHA-256 of the link's token"),
    Column("colleague", ForeignKey(colleagues.c.id), comment="null for whoever works alone"),
    Column("since", String, nullable=False, comment="ISO 8601, UTC"),
    comment="by which the calendars of the staff follow the schedules; a row less ends a link",
    sqlite_with_rowid=False,
)

OF_SCHEDULES = (schedules, occurrences, steps, step_letters, calendar_links)
"""In the order in which they are made."""
