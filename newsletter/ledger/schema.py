"""The tables of dispatches, the same on SQLite and PostgreSQL.

A dispatch freezes everything it needs: its compiled issue (`contents`), and one row of
`deliveries` for every member of the list, the excluded ones with their reason. Recipients come
first, sorted by variant, so a request is a run of positions: `first` to `first + size - 1`.

A delivery without a state of its own stands as its request stands. That is what makes a claim and
an accepted request one row each, however many members it carries; `standing_of` says how to read
it, and `moves` which changes the database lets through.
"""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    text,
)

from newsletter.audience.exclusion import Exclusion
from newsletter.ledger.metadata import metadata, one_of
from newsletter.message.state import OWN_STATES, RequestState


class Course(StrEnum):
    """Whether requests of a dispatch may be begun."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


contents = Table(
    "contents",
    metadata,
    Column("content_hash", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("documents", LargeBinary, nullable=False, comment="zlib of documents_to_json"),
)

items = Table(
    "items",
    metadata,
    Column("content_hash", ForeignKey("contents.content_hash"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="from 0"),
    Column("announcement", String, nullable=False, comment="its slug"),
    Column("title", String, nullable=False),
    Column("announcement_hash", String, nullable=False, server_default="", comment="of its file"),
    Column("section", String, nullable=False, server_default=""),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("digest", String, nullable=False, server_default="", comment="that assembled itself"),
    Column("flag", Integer, comment="which digit of a variant shows it; null: each variant does"),
    Column("full", LargeBinary, comment="zlib of documents_to_json; null: the issue shows it all"),
    Index("items_by_announcement", "announcement"),
    comment="the announcements that a frozen issue carries",
    sqlite_with_rowid=False,
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
    Column("course", String, nullable=False, server_default=Course.RUNNING.value),
    Column("course_note", String, nullable=False, server_default="", comment="why it is so"),
    Column("release", Double, comment="nothing leaves before; seconds since 1970"),
    Column("not_after", Double, comment="nothing leaves after; seconds since 1970"),
    Column("spread", Double, comment="seconds over which it is spread"),
    Column("by_workers", Boolean, nullable=False, server_default=false()),
    Column("wishes_seen", Integer, comment="the last of `wishes` that the selection knew of"),
    CheckConstraint("kind IN ('issue', 'proof')", name="kind_is_known"),
    CheckConstraint(one_of("course", Course), name="course_is_known"),
)

requests = Table(
    "requests",
    metadata,
    Column("dispatch", ForeignKey("dispatches.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("variant", String, nullable=False),
    Column("first", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("shared", Integer, nullable=False, comment="how many deliveries stand as it stands"),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("begun", String, comment="when the last attempt was committed; ISO 8601, UTC"),
    Column("lease", Double, comment="until when the attempt is its worker's; seconds since 1970"),
    Column("due", Double, comment="not to be sent before; seconds since 1970"),
    Column("note", String, nullable=False, server_default=""),
    Column("reference", String, nullable=False, server_default=""),
    CheckConstraint(one_of("state", RequestState), name="state_is_known"),
    CheckConstraint("shared BETWEEN 0 AND size", name="shares_with_its_own"),
    CheckConstraint("(state = 'settled') = (shared = 0)", name="settled_shares_with_none"),
    Index("requests_by_first", "dispatch", "first"),
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
    Column("due", Double, comment="its member's hour; seconds since 1970"),
    Column("state", String, comment="its own; null: as its request stands"),
    Column("reason", String, comment="why it is excluded"),
    Column("note", String, nullable=False, server_default=""),
    Column("reference", String, nullable=False, server_default="", comment="or its request's"),
    CheckConstraint(f"state IS NULL OR {one_of('state', OWN_STATES)}", name="state_is_known"),
    CheckConstraint(
        f"(coalesce(state, '') = 'excluded') = (reason IS NOT NULL) AND "
        f"(reason IS NULL OR {one_of('reason', Exclusion)})",
        name="the_excluded_have_a_reason",
    ),
    sqlite_with_rowid=False,
)

HAS_OWN_STATE = text("state IS NOT NULL")

Index(
    "deliveries_by_own_state",
    deliveries.c.dispatch,
    deliveries.c.state,
    deliveries.c.reason,
    sqlite_where=HAS_OWN_STATE,
    postgresql_where=HAS_OWN_STATE,
)

moves = Table(
    "moves",
    metadata,
    Column("of", String, primary_key=True, comment="delivery, or request"),
    Column("old", String, primary_key=True),
    Column("new", String, primary_key=True),
    comment="which changes of state there are; triggers refuse all others",
    sqlite_with_rowid=False,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dispatch", ForeignKey("dispatches.id"), nullable=False),
    Column("act", String, nullable=False),
    Column("author", String, nullable=False, comment="who of the staff"),
    Column("at", String, nullable=False, comment="ISO 8601, UTC"),
    Column("deliveries", Integer, nullable=False),
    Index("decisions_by_dispatch", "dispatch"),
    comment="what people decided about a dispatch",
)

turns = Table(
    "turns",
    metadata,
    Column("pace", String, primary_key=True, comment="the provider, or a dispatch"),
    Column("next", Double, nullable=False, comment="when the next may go; seconds since 1970"),
    Column("rate", Double, comment="messages a second that the provider bears, where it said no"),
    Column("since", Double, nullable=False, comment="when it last said no; seconds since 1970"),
    Column("taken", Integer, nullable=False, server_default=text("0"), comment="messages since"),
    comment="so that all workers together keep to one pace",
    sqlite_with_rowid=False,
)

turns_taken = Table(
    "turns_taken",
    metadata,
    Column("pace", String, primary_key=True),
    Column("minute", Integer, primary_key=True, autoincrement=False, comment="since 1970, UTC"),
    Column("messages", Integer, nullable=False),
    comment="what limits by hour and by day are held against",
    sqlite_with_rowid=False,
)

MAY_HAVE_IT = text("coalesce(state, '') NOT IN ('excluded', 'rejected')")

# The database itself refuses to plan the same issue for the same member, or for the same
# address, twice. A proof has no copy number, and no null equals another. Written out, because
# SQLAlchemy would load both of its dialects to hear of the condition.
ONE_ISSUE_EACH = tuple(
    f"CREATE UNIQUE INDEX IF NOT EXISTS one_issue_per_{what} ON deliveries"
    f" (issue, copy, {column}) WHERE {MAY_HAVE_IT}"
    for what, column in (("member", "member_id"), ("address", "address_key"))
)
