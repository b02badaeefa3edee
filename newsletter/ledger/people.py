"""The tables of the list, of what its members wish, and of who signs up."""

from sqlalchemy import JSON, CheckConstraint, Column, Index, Integer, String, Table, Text

from newsletter.audience.consent import Act
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.metadata import metadata, one_of

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
    CheckConstraint(one_of("bar", SuppressionReason), name="bar_is_known"),
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
    CheckConstraint(one_of("reason", SuppressionReason), name="reason_is_known"),
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
    CheckConstraint(one_of("act", Act), name="act_is_known"),
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

wishes = Table(
    "wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_key", String, nullable=False),
    Column("member_id", String, nullable=False),
    comment="of whom suppressions, opt_outs or preferences changed; written by triggers",
    # A number is never given twice: a dispatch keeps the last that its selection knew of.
    sqlite_autoincrement=True,
)
