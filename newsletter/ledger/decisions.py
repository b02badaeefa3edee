"""What people decided about a dispatch: written in the same transaction as what follows from it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from newsletter.ledger.database import Ledger
from newsletter.ledger.journal import Entry, note
from newsletter.ledger.schema import decisions


class Act(StrEnum):
    """What somebody decided."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    UNDO = "undo"
    ASSUME_SENT = "assume sent"
    RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Author:
    """Who decides, and when."""

    name: str
    """As the system or the desk knows them."""
    at: dt.datetime
    """Aware and in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision, as the ledger keeps it."""

    act: Act
    author: str
    at: str
    """ISO 8601, UTC."""
    deliveries: int
    """How many it was about."""


def record(
    connection: Connection, dispatch: int, act: Act, author: Author, deliveries: int = 0
) -> None:
    """Write a decision down."""
    connection.execute(
        insert(decisions).values(
            dispatch=dispatch,
            act=act.value,
            author=author.name,
            at=author.at.isoformat(timespec="seconds"),
            deliveries=deliveries,
        )
    )
    details = f"{deliveries:,} deliveries" if deliveries else ""
    note(
        connection,
        Entry(
            at=author.at,
            who=author.name,
            act=act.value,
            about=f"dispatch {dispatch}",
            details=details,
        ),
    )


def decisions_of(ledger: Ledger, dispatch: int) -> tuple[Decision, ...]:
    """List what was decided about a dispatch, the first one first."""
    query = (
        select(decisions.c.act, decisions.c.author, decisions.c.at, decisions.c.deliveries)
        .where(decisions.c.dispatch == dispatch)
        .order_by(decisions.c.id)
    )
    with ledger.read() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Decision(act=Act(row.act), author=row.author, at=row.at, deliveries=row.deliveries)
        for row in rows
    )
