"""The tables of the ledger, the same on SQLite and PostgreSQL.

A dispatch freezes everything it needs: its compiled issue (`contents`), and one row of
`deliveries` for every member of the list, the excluded ones with their reason. Recipients come
first, sorted by variant, so a request is a run of positions: `first` to `first + size - 1`.
"""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from newsletter.audience.consent import Act
from newsletter.audience.exclusion import Exclusion, SuppressionReason
from newsletter.message.state import DeliveryState

metadata = MetaData()

VERSION = 2
"""Rises with every change of the tables; kept in `meta`."""


def _one_of(column: str, values: type[StrEnum]) -> str:
    quoted = ", ".join(f"'{value.value}'" for value in values)
    return f"{column} IN ({quoted})"


meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("member_id", String, nullable=False),
    Column("address", String, nullable=False, comment="as it goes to the provider, or as written"),
    Column("address_key", String, comment="null where the row cannot be mailed"),
    Column("name", String, nullable=False),
    Column("fault", String, nullable=False, comment="why the row cannot be mailed, or empty"),
    Column("bar", String, comment="why the list itself says that they are never mailed"),
    Column("attributes", JSON, nullable=False),
    Index("members_by_address", "address_key"),
    Index("members_by_id", "member_id"),
    CheckConstraint(_one_of("bar", SuppressionReason), name="bar_is_known"),
)

twins = Table(
    "twins",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=False),
    comment="rows of the list that share an address or an id with another",
)

# Who opted out is known by address and, where the list has ids of its own, by member (empty where
# it has none): neither a new export of the list nor a new address in it brings somebody back. Two
# members may share an address, and one person may have several reasons: each is a row.

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", String, primary_key=True),
    Column("member_id", String, primary_key=True, server_default=""),
    Column("reason", String, primary_key=True),
    Column("source", String, nullable=False, comment="who or what said so"),
    Column("since", String, nullable=False, comment="ISO 8601, UTC"),
    CheckConstraint(_one_of("reason", SuppressionReason), name="reason_is_known"),
    Index("suppressions_by_member", "member_id"),
    sqlite_with_rowid=False,
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("address_key", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("member_id", String, primary_key=True, server_default=""),
    Column("since", String, nullable=False, comment="ISO 8601, UTC"),
    Index("opt_outs_by_member", "member_id"),
    sqlite_with_rowid=False,
)

preferences = Table(
    "preferences",
    metadata,
    Column("address_key", String, primary_key=True),
    Column("member_id", String, primary_key=True, server_default=""),
    Column("lang", String, nullable=False, server_default="", comment="BCP 47, or empty"),
    Column("paused_until", String, comment="the last day without mail; ISO 8601"),
    Index("preferences_by_member", "member_id"),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_key", String, nullable=False, comment="or `#` and a hash, when forgotten"),
    Column("member_id", String, nullable=False, server_default=""),
    Column("act", String, nullable=False),
    Column("topic", String, comment="null for everything"),
    Column("source", String, nullable=False, comment="how: the link, the page, the command"),
    Column("words", Text, nullable=False, comment="what they were shown, or asked"),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    CheckConstraint(_one_of("act", Act), name="act_is_known"),
    Index("consents_by_address", "address_key"),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("mark", String, primary_key=True, comment="a keyed hash of the address"),
    Column("since", String, nullable=False, comment="ISO 8601, UTC"),
    sqlite_with_rowid=False,
)

sign_ups = Table(
    "sign_ups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False, unique=True),
    Column("name", String, nullable=False, server_default=""),
    Column("asked", String, nullable=False, comment="ISO 8601, UTC"),
    Column("confirmed", String, comment="when they proved that the address is theirs"),
    # A number is never given twice: the link of an erased sign-up must not let in somebody else.
    sqlite_autoincrement=True,
)

contents = Table(
    "contents",
    metadata,
    Column("content_hash", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("documents", LargeBinary, nullable=False, comment="zlib of documents_to_json"),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
)

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ref", String, nullable=False, unique=True, comment="the id the outside sees"),
    Column("issue", ForeignKey("issues.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("copy", Integer, comment="0, more where somebody said --again; null for a proof"),
    Column("content_hash", ForeignKey("contents.content_hash"), nullable=False),
    Column("envelope", JSON, nullable=False),
    Column("provider", String, nullable=False),
    Column("audience", JSON, nullable=False, comment="the segments it was opened for"),
    Column("topic", String, nullable=False, server_default="", comment="or empty: all get it"),
    Column("is_notice", Boolean, nullable=False, server_default=false()),
    Column("opened", String, nullable=False, comment="ISO 8601, UTC"),
    Column("listed", Integer, nullable=False),
    Column("recipients", Integer, nullable=False),
    CheckConstraint("kind IN ('issue', 'proof')", name="kind_is_known"),
)

requests = Table(
    "requests",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("variant", String, nullable=False),
    Column("first", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("begun", String, comment="when the last attempt was committed; ISO 8601, UTC"),
    CheckConstraint("state IN ('pending', 'sending', 'settled')", name="state_is_known"),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("issue", Integer, nullable=False),
    Column("copy", Integer),
    Column("member_id", String, nullable=False),
    Column("address", String, nullable=False),
    Column("address_key", String),
    Column("name", String, nullable=False),
    Column("variant", String),
    Column("slot_values", JSON, nullable=False, comment="what fills the slots, frozen"),
    Column("state", String, nullable=False),
    Column("reason", String, comment="why it is excluded"),
    Column("note", String, nullable=False, server_default=""),
    Column("reference", String, nullable=False, server_default=""),
    CheckConstraint(_one_of("state", DeliveryState), name="state_is_known"),
    CheckConstraint(
        f"(state = 'excluded') = (reason IS NOT NULL) AND "
        f"(reason IS NULL OR {_one_of('reason', Exclusion)})",
        name="the_excluded_have_a_reason",
    ),
    sqlite_with_rowid=False,
)

MAY_HAVE_IT = text("state IN ('pending', 'sending', 'accepted', 'unsure')")

# The database itself refuses to plan the same issue for the same member, or for the same
# address, twice. A proof has no copy number, and no null equals another. Written out, because
# SQLAlchemy would load both of its dialects to hear of the condition.
ONE_ISSUE_EACH = tuple(
    f"CREATE UNIQUE INDEX IF NOT EXISTS one_issue_per_{what} ON deliveries"
    f" (issue, copy, {column}) WHERE {MAY_HAVE_IT}"
    for what, column in (("member", "member_id"), ("address", "address_key"))
)
