"""Links by which calendars follow the schedules: one for each of the staff, kept as a hash."""

from sqlalchemy import ColumnElement, delete, insert, select

from newsletter.ledger.colleagues import count_colleagues, find_colleague
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import Entry, note
from newsletter.ledger.schedule_tables import calendar_links
from newsletter.ledger.sessions import mark_of


def make_link(ledger: Ledger, colleague: int, token: str, by: Author) -> None:
    """Let calendars with `token` follow the schedules, in the name of one of the staff.

    Their last link ends. The number 0 is whoever works alone at this machine.
    """
    with ledger.write() as connection:
        connection.execute(delete(calendar_links).where(_is_of(colleague)))
        connection.execute(
            insert(calendar_links).values(
                mark=mark_of(token),
                colleague=colleague or None,
                since=by.at.isoformat(timespec="seconds"),
            )
        )
        note(connection, Entry(at=by.at, who=by.name, act="made their calendar link"))


def end_link(ledger: Ledger, colleague: int, by: Author) -> None:
    """Let the link of one of the staff work no more."""
    with ledger.write() as connection:
        connection.execute(delete(calendar_links).where(_is_of(colleague)))
        note(connection, Entry(at=by.at, who=by.name, act="ended their calendar link"))


def has_link(ledger: Ledger, colleague: int) -> bool:
    """Tell whether one of the staff has a link."""
    with ledger.read() as connection:
        found = connection.scalar(select(calendar_links.c.since).where(_is_of(colleague)))
    return found is not None


def may_follow(ledger: Ledger, token: str) -> bool:
    """Tell whether a calendar with `token` may follow: its owner made it, and is there still."""
    query = select(calendar_links).where(calendar_links.c.mark == mark_of(token))
    with ledger.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return False
    if row.colleague is None:
        return not count_colleagues(ledger)
    return find_colleague(ledger, number=row.colleague) is not None


def _is_of(colleague: int) -> ColumnElement[bool]:
    column = calendar_links.c.colleague
    return column == colleague if colleague else column.is_(None)
