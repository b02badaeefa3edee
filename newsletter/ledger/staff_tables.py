"""The tables of the desk: who of the staff may do what, what was agreed to, and who did what.

The log, what was asked to be approved and what was said to it are only ever added to. Secrets lie
here as hashes alone: whoever reads the database can sign in with none of it.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from newsletter.ledger.metadata import metadata

colleagues = Table(
    "colleagues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("password", String, nullable=False, server_default="", comment="Argon2id, or empty"),
    Column("subject", String, unique=True, comment="issuer and subject of OpenID Connect"),
    Column("since", String, nullable=False, comment="ISO 8601, UTC"),
    Column("gone", String, comment="when they were taken off; ISO 8601, UTC"),
    comment="staff, by number; nobody is deleted, because the log names them",
)

sessions = Table(
    "sessions",
    metadata,
    Column("mark", String, primary_key=True, comment="SHA-256 of the cookie"),
    Column("colleague", ForeignKey("colleagues.id"), nullable=False),
    Column("began", String, nullable=False, comment="ISO 8601, UTC"),
    Column("seen", String, nullable=False, comment="ISO 8601, UTC; to a few minutes"),
    Column("until", String, nullable=False, comment="ISO 8601, UTC"),
    Column("browser", String, nullable=False, server_default=""),
    Index("sessions_by_colleague", "colleague"),
    sqlite_with_rowid=False,
)

passes_used = Table(
    "passes_used",
    metadata,
    Column("mark", String, primary_key=True, comment="SHA-256 of the link's token"),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    comment="links of letters to staff that work once",
    sqlite_with_rowid=False,
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mark", String, nullable=False, comment="of content, audience rule, sender and time"),
    Column("slug", String, nullable=False),
    Column("title", String, nullable=False),
    Column("wanted", JSON, nullable=False, comment="the file, and the options of its dispatch"),
    Column("recipients", Integer, nullable=False, comment="as many as when it was asked for"),
    Column("author", String, nullable=False, comment="who asks"),
    Column("author_id", Integer, nullable=False, server_default="0"),
    Column("approvers", JSON, nullable=False, comment="the numbers of those who are asked"),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    Index("approvals_by_mark", "mark"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("approval", ForeignKey("approvals.id"), primary_key=True),
    Column("colleague", ForeignKey("colleagues.id"), primary_key=True),
    Column("agrees", Boolean, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    CheckConstraint("agrees OR reason <> ''", name="a_refusal_has_a_reason"),
    sqlite_with_rowid=False,
)

log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    Column("who", String, nullable=False),
    Column("act", String, nullable=False),
    Column("about", String, nullable=False, server_default=""),
    Column("details", Text, nullable=False, server_default=""),
    Index("log_by_about", "about"),
    comment="who did what",
    sqlite_autoincrement=True,
)

_ONLY_GROW = (log.name, approvals.name, verdicts.name)
_REFUSAL = "the record of who did what is only ever added to"
_SQLITE = tuple(
    f"""CREATE TRIGGER IF NOT EXISTS {table}_{what} BEFORE {act} ON {table}
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for table in _ONLY_GROW
    for what, act in (("stay", "DELETE"), ("stand", "UPDATE"))
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION staff_record_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
    *(
        statement
        for table in _ONLY_GROW
        for statement in (
            f"DROP TRIGGER IF EXISTS {table}_stays ON {table}",
            f"""CREATE TRIGGER {table}_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION staff_record_only_grows()""",
        )
    ),
)


def keep_record(connection: Connection) -> None:
    """Make the database refuse to change or delete what was done, whoever asks for it."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(text(statement))
