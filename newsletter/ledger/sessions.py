"""Who is signed in where: rows with the hash of a cookie, which end and can be ended."""

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, insert, select, update

from newsletter.ledger.colleagues import Colleague, find_colleague
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import Entry, note
from newsletter.ledger.staff_tables import passes_used, sessions

LONGEST = dt.timedelta(days=7)
"""After that one signs in again, however busy."""
IDLE = dt.timedelta(hours=24)
_NOTICED = dt.timedelta(minutes=5)
"""How often it is written down that somebody is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in."""

    mark: str
    colleague: int
    began: dt.datetime
    seen: dt.datetime
    browser: str


def mark_of(secret: str) -> str:
    """Give what the ledger keeps of a secret of 32 random octets: 64 hex digits."""
    return sha256(secret.encode()).hexdigest()


def begin_session(
    ledger: Ledger, who: Colleague, cookie: str, *, browser: str, now: dt.datetime
) -> None:
    """Let a browser with `cookie` be somebody; sessions that are over are forgotten."""
    at = now.isoformat(timespec="seconds")
    with ledger.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.until < at))
        connection.execute(
            insert(sessions).values(
                mark=mark_of(cookie),
                colleague=who.number,
                began=at,
                seen=at,
                until=(now + LONGEST).isoformat(timespec="seconds"),
                browser=browser[:200],
            )
        )
        note(connection, Entry(at=now, who=who.name, act="signed in"))


def signed_in(ledger: Ledger, cookie: str, now: dt.datetime) -> Colleague | None:
    """Tell who a browser with `cookie` is; None for nobody, and for whom it is too long ago."""
    query = select(sessions).where(sessions.c.mark == mark_of(cookie))
    with ledger.read() as connection:
        row = connection.execute(query).first()
    if row is None or now >= dt.datetime.fromisoformat(row.until):
        return None
    seen = dt.datetime.fromisoformat(row.seen)
    if now - seen > IDLE:
        return None
    if now - seen > _NOTICED:
        with ledger.write() as connection:
            at = now.isoformat(timespec="seconds")
            connection.execute(update(sessions).where(sessions.c.mark == row.mark).values(seen=at))
    return find_colleague(ledger, number=row.colleague)


def end_session(ledger: Ledger, cookie: str) -> None:
    """Sign a browser out."""
    with ledger.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.mark == mark_of(cookie)))


def end_sessions(ledger: Ledger, who: Colleague, by: Author) -> int:
    """Sign somebody out everywhere; tell of how many browsers."""
    with ledger.write() as connection:
        ended = connection.execute(
            delete(sessions).where(sessions.c.colleague == who.number)
        ).rowcount
        act = "signed out everywhere"
        note(connection, Entry(at=by.at, who=by.name, act=act, about=who.address.wire))
    return ended


def sessions_of(ledger: Ledger, now: dt.datetime) -> tuple[Session, ...]:
    """List who is signed in where, the last one seen first."""
    query = (
        select(sessions)
        .where(sessions.c.until > now.isoformat(timespec="seconds"))
        .order_by(sessions.c.seen.desc())
    )
    with ledger.read() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Session(
            mark=row.mark,
            colleague=row.colleague,
            began=dt.datetime.fromisoformat(row.began),
            seen=dt.datetime.fromisoformat(row.seen),
            browser=row.browser,
        )
        for row in rows
    )


def use_pass(ledger: Ledger, token: str, now: dt.datetime) -> bool:
    """Use up a link that works once; tell whether this was the first time."""
    values = {"mark": mark_of(token), "at": now.isoformat(timespec="seconds")}
    with ledger.write() as connection:
        known = connection.scalar(
            select(passes_used.c.at).where(passes_used.c.mark == values["mark"])
        )
        if known is None:
            connection.execute(insert(passes_used).values(**values))
    return known is None


def was_used(ledger: Ledger, token: str) -> bool:
    """Tell whether a link or a button that works once was used."""
    query = select(passes_used.c.at).where(passes_used.c.mark == mark_of(token))
    with ledger.read() as connection:
        return connection.scalar(query) is not None
