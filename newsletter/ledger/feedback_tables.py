"""The tables of what happened after a provider accepted.

Events are only ever added: they are what was said. `feedback_stages` and `feedback_counts` follow
from them and could be made anew; they are kept so that a run of a million can ask every few
seconds how it goes. None of it names anybody, but for the addresses of soft bounces, which
`forget` erases.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
    text,
)

from newsletter.ledger.metadata import metadata

feedback_events = Table(
    "feedback_events",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, primary_key=True),
    Column("moment", String, primary_key=True, comment="when it happened; ISO 8601, UTC"),
    Column("mark", String, primary_key=True, comment="`Event.mark`"),
    Column("reason", String, nullable=False, server_default=""),
    Column("note", String, nullable=False, server_default=""),
    Column("agent", String, nullable=False, server_default="", comment="who opened or clicked"),
    Column("link", String, nullable=False, server_default="", comment="what, less its query"),
    Column("is_machine", Boolean, nullable=False, server_default=false()),
    Column("source", String, nullable=False, comment="the provider, or the mailbox"),
    Column("told_id", String, nullable=False, server_default="", comment="the provider's id of it"),
    Column("heard", String, nullable=False, comment="ISO 8601, UTC"),
    sqlite_with_rowid=False,
)

feedback_stages = Table(
    "feedback_stages",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False, comment="`Stage.kind`"),
    Column("moment", String, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    Column("note", String, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

feedback_counts = Table(
    "feedback_counts",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("deliveries", Integer, nullable=False, comment="how many are at this stage"),
    sqlite_with_rowid=False,
)

soft_bounces = Table(
    "soft_bounces",
    metadata,
    Column("address_key", String, primary_key=True),
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("moment", String, nullable=False, comment="of the first one of this delivery"),
    Index("soft_bounces_of_delivery", "dispatch", "position"),
    sqlite_with_rowid=False,
)

_REFUSAL = "events of deliveries are only ever added to"
_SQLITE = tuple(
    f"""CREATE TRIGGER IF NOT EXISTS feedback_events_{what} BEFORE {act} ON feedback_events
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for what, act in (("stay", "DELETE"), ("stand", "UPDATE"))
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION feedback_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
    "DROP TRIGGER IF EXISTS feedback_events_stay ON feedback_events",
    """CREATE TRIGGER feedback_events_stay BEFORE DELETE OR UPDATE ON feedback_events
    FOR EACH ROW EXECUTE FUNCTION feedback_only_grows()""",
)


def keep_events(connection: Connection) -> None:
    """Make the database refuse to change or delete an event, whoever asks for it."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(text(statement))
