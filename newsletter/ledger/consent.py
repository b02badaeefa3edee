"""What members want: to leave, to come back, which topics, a pause, a language.

Every act is added to the record in the transaction that gives it effect.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.schema import Table
from sqlalchemy.sql.elements import ColumnElement

from newsletter.audience.consent import Act, Circumstance, Person, Record
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.database import Ledger
from newsletter.ledger.people import consents, opt_outs, preferences
from newsletter.ledger.suppressions import (
    is_of,
    lift_unsubscription,
    read_suppression,
    write_suppression,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a member stands."""

    suppression: SuppressionReason | None = None
    """Why they get nothing at all; None where they do."""
    opted_out: frozenset[str] = frozenset()
    """The names of the topics they do not want."""
    paused_until: dt.date | None = None
    """The last day without mail."""
    lang: str = ""
    """BCP 47, or empty: as the society writes."""


def wishes_of(ledger: Ledger, person: Person) -> Wishes:
    """Tell how a member stands; a pause that is over may still be among it."""
    with ledger.read() as connection:
        row = connection.execute(
            select(preferences).where(is_of(person, preferences)).limit(1)
        ).first()
        until = row.paused_until if row else None
        return Wishes(
            suppression=read_suppression(connection, person),
            opted_out=frozenset(
                connection.scalars(select(opt_outs.c.topic).where(is_of(person, opt_outs)))
            ),
            paused_until=dt.date.fromisoformat(until) if until else None,
            lang=row.lang if row else "",
        )


def leave(ledger: Ledger, person: Person, how: Circumstance) -> bool:
    """Unsubscribe from everything; tell whether that is new.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        return write_leaving(connection, person, how)


def come_back(ledger: Ledger, person: Person, how: Circumstance) -> bool:
    """Take an unsubscription back; other reasons stay. Tell whether they may be mailed now.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        return _come_back(connection, person, how)


def choose_topics(
    ledger: Ledger,
    person: Person,
    *,
    known: Iterable[str],
    wanted: Iterable[str],
    how: Circumstance,
) -> None:
    """Opt in to the `wanted` of the `known` topics and out of the others.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        _choose(connection, person, set(known), set(wanted), how)


def pause(ledger: Ledger, person: Person, until: dt.date | None, how: Circumstance) -> None:
    """Send nothing up to and with the day `until`; None ends a pause.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        _pause(connection, person, until, how)


def speak(ledger: Ledger, person: Person, lang: str) -> None:
    """Keep the language (BCP 47) that a member asks for; empty for the society's own.

    Raises:
        LedgerError: it could not be written.
    """
    with ledger.write() as connection:
        _prefer(connection, person, lang=lang)


def record_of(ledger: Ledger, address_key: str) -> tuple[Record, ...]:
    """List what somebody ever said about being mailed, in order."""
    query = select(consents).where(consents.c.address_key == address_key).order_by(consents.c.id)
    with ledger.read() as connection:
        return tuple(
            Record(at=row.at, act=Act(row.act), topic=row.topic, source=row.source, words=row.words)
            for row in connection.execute(query)
        )


class Mail(StrEnum):
    """Whether and when somebody wants to be mailed."""

    ON = "on"
    STAY = "stay"
    """As it stands: paused, or gone."""
    PAUSE = "pause"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a member chose on one page, with the words that offered each of it."""

    mail: Mail
    until: dt.date | None = None
    """The last day of the pause that was chosen."""
    offered: frozenset[str] = frozenset()
    """The topics that were shown, and no others, change."""
    wanted: frozenset[str] = frozenset()
    lang: str = ""
    topic_words: str = ""
    mail_words: str = ""


def choose(ledger: Ledger, person: Person, choice: Choice, *, source: str, at: dt.datetime) -> bool:
    """Keep all that a member chose on one page, or nothing; tell whether it was kept.

    It is not for somebody who may be mailed no more whatever they wish (a complaint, a bounce).

    Raises:
        LedgerError: it could not be written; then nothing was.
    """
    how = Circumstance(source=source, words=choice.mail_words, at=at)
    about_topics = Circumstance(source=source, words=choice.topic_words, at=at)
    with ledger.write() as connection:
        was = read_suppression(connection, person)
        if was not in (None, SuppressionReason.UNSUBSCRIBED):
            return False
        _choose(connection, person, set(choice.offered), set(choice.wanted), about_topics)
        _prefer(connection, person, lang=choice.lang)
        if choice.mail is Mail.OFF:
            write_leaving(connection, person, how)
        elif choice.mail is not Mail.STAY:
            _come_back(connection, person, how)
            _pause(connection, person, choice.until, how)
        return True


def note_opt_in(connection: Connection, person: Person, how: Circumstance) -> None:
    """Add to the record that somebody signed up, within the transaction that lets them in."""
    _note(connection, person, Act.OPT_IN, how)


def write_leaving(connection: Connection, person: Person, how: Circumstance) -> bool:
    """Do what `leave` does, within a transaction."""
    is_new = write_suppression(
        connection, person, SuppressionReason.UNSUBSCRIBED, source=how.source, now=how.at
    )
    if is_new:
        _note(connection, person, Act.OPT_OUT, how)
    return is_new


def _come_back(connection: Connection, person: Person, how: Circumstance) -> bool:
    was = read_suppression(connection, person)
    may_be_mailed = lift_unsubscription(connection, person)
    if was is SuppressionReason.UNSUBSCRIBED:
        _note(connection, person, Act.OPT_IN, how)
    return may_be_mailed


def _choose(
    connection: Connection, person: Person, known: set[str], wanted: set[str], how: Circumstance
) -> None:
    out = set(connection.scalars(select(opt_outs.c.topic).where(is_of(person, opt_outs))))
    own = set(connection.scalars(select(opt_outs.c.topic).where(*_exactly(person, opt_outs))))
    unwanted = known - wanted
    for topic in sorted(unwanted - own):
        connection.execute(
            insert(opt_outs).values(
                address_key=person.address_key,
                member_id=person.member_id,
                topic=topic,
                since=_moment(how.at),
            )
        )
        _note(connection, person, Act.OPT_OUT, how, topic)
    for topic in sorted(out & (known - unwanted)):
        connection.execute(
            delete(opt_outs).where(is_of(person, opt_outs), opt_outs.c.topic == topic)
        )
        _note(connection, person, Act.OPT_IN, how, topic)


def _pause(
    connection: Connection, person: Person, until: dt.date | None, how: Circumstance
) -> None:
    if _prefer(connection, person, paused_until=until.isoformat() if until else None):
        _note(connection, person, Act.PAUSE if until else Act.RESUME, how)


def _prefer(connection: Connection, person: Person, **values: str | None) -> bool:
    """Write preferences; tell whether they changed."""
    mine = is_of(person, preferences)
    known = connection.execute(select(preferences).where(mine)).mappings().all()
    whole: dict[str, str | None] = {"lang": "", "paused_until": None}
    whole |= dict(known[0]) if known else {}
    whole |= values
    whole |= {"address_key": person.address_key, "member_id": person.member_id}
    if any(dict(row) == whole for row in known) or not (known or any(values.values())):
        return False
    # What is known under an old address of theirs changes, too.
    connection.execute(update(preferences).where(mine).values(**values))
    connection.execute(delete(preferences).where(*_exactly(person, preferences)))
    connection.execute(insert(preferences).values(**whole))
    return True


def _exactly(person: Person, table: Table) -> tuple[ColumnElement[bool], ...]:
    """Find what is known of this member at this address: two members may share one."""
    return (
        table.c.address_key == person.address_key,
        table.c.member_id == person.member_id,
    )


def _note(
    connection: Connection, person: Person, act: Act, how: Circumstance, topic: str | None = None
) -> None:
    connection.execute(
        insert(consents).values(
            address_key=person.address_key,
            member_id=person.member_id,
            act=act.value,
            topic=topic,
            source=how.source,
            words=how.words,
            at=_moment(how.at),
        )
    )


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
