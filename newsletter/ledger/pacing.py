"""The pace that all workers keep together: one row of the ledger for each thing that has one.

A limit by the second is kept by handing out moments (GCRA): whoever takes a turn moves the moment
of the next one on by what their messages cost. Limits by hour and day are sliding: what was taken
is counted by the minute, and the last 60, or 1440, of them, with the one that they begin in, may
not exceed the limit.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, delete, insert, select, text, update

from newsletter.ledger.database import Ledger
from newsletter.ledger.databaseclock import Moment
from newsletter.ledger.schema import turns, turns_taken

_MINUTES_AN_HOUR, _MINUTES_A_DAY = 60, 1440
_SLOWER, _FASTER = 0.7, 1.1
"""After a provider said that it was too much, and after each request that it bore."""
_SLOWEST = 1.0
"""Messages a second, however often it says so."""
_MEASURED = 1.0
"""Seconds over which a rate has to be seen, to be called one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many messages may go; None where there is no limit."""

    name: str
    """The provider, or one dispatch: `sendgrid`, `dispatch 7`."""
    per_second: float | None = None
    per_hour: int | None = None
    per_day: int | None = None

    @property
    def is_limited(self) -> bool:
        """Tell whether anything limits it."""
        return bool(self.per_second or self.per_hour or self.per_day)


def is_unpaced(connection: Connection, pace: Pace) -> bool:
    """Tell whether nothing can hold messages of `pace` back now."""
    return not pace.is_limited and connection.execute(_TURN, {"name": pace.name}).first() is None


def take_turn(connection: Connection, pace: Pace, messages: int) -> float:
    """Take the turn of `messages`; return for how many seconds to wait first, 0 where it is taken.

    Where one has to wait, the transaction must not be kept.
    """
    row = connection.execute(_TURN, {"name": pace.name}).first()
    if row is None:
        if not pace.is_limited:
            return 0.0  # and the provider has not complained
        _begin(connection, pace.name)
        return take_turn(connection, pace, messages)
    wait = max(float(row.next - row.now), _full_for(connection, pace, messages, row.now))
    if wait > 0:
        return wait
    rate = _slowest_of(pace.per_second, row.rate)
    after = row.now + messages / rate if rate else row.now
    connection.execute(
        update(turns)
        .where(turns.c.pace == pace.name)
        .values(
            next=after,
            rate=_recovered(row.rate, pace.per_second),
            taken=turns.c.taken + messages,
        )
    )
    _count(connection, pace.name, int(row.now // 60), messages)
    return 0.0


_TURN = (
    select(turns.c.next, turns.c.rate, Moment().label("now"))
    .where(turns.c.pace == bindparam("name"))
    .with_for_update()
)


def put_off(ledger: Ledger, name: str, seconds: float) -> None:
    """Let nothing of the pace `name` go for `seconds`, and then more slowly than before.

    A provider that says that it is too much speaks to all workers, not to the one that heard it.
    """
    with ledger.write() as connection:
        query = select(turns, Moment().label("now")).where(turns.c.pace == name).with_for_update()
        row = connection.execute(query).first()
        if row is None:
            _begin(connection, name)
            row = connection.execute(query).one()
        # Several workers hear the same no at once; it slows them down once.
        is_said_before = row.now < row.since + _MEASURED and row.rate is not None
        rate = _seen(row.taken, row.now - row.since) or row.rate
        later = Moment() + seconds
        connection.execute(
            update(turns)
            .where(turns.c.pace == name)
            .values(
                next=case((turns.c.next > later, turns.c.next), else_=later),
                rate=row.rate if is_said_before else _slower(rate),
                since=later,
                taken=0,
            )
        )


def _begin(connection: Connection, name: str) -> None:
    """Make the row of a pace; two who begin at once make one, and the other waits for it."""
    now = connection.execute(select(Moment())).scalar_one()
    connection.execute(_BEGIN, {"pace": name, "next": now - 1.0, "since": now})


_BEGIN = text(
    "INSERT INTO turns (pace, next, since) VALUES (:pace, :next, :since) ON CONFLICT DO NOTHING"
)


def _slower(rate: float | None) -> float | None:
    return None if rate is None else max(_SLOWEST, rate * _SLOWER)


def _seen(messages: int, seconds: float) -> float | None:
    """Tell the rate at which so many messages went; None where that says nothing."""
    return messages / seconds if messages and seconds >= _MEASURED else None


def _full_for(connection: Connection, pace: Pace, messages: int, now: float) -> float:
    """Tell for how many seconds the limits by hour and by day leave no room."""
    limits = ((pace.per_hour, _MINUTES_AN_HOUR), (pace.per_day, _MINUTES_A_DAY))
    return max(
        (
            _until_room(connection, pace.name, limit - messages, now=now, span=span)
            for limit, span in limits
            if limit is not None
        ),
        default=0.0,
    )


def _until_room(connection: Connection, name: str, most: int, *, now: float, span: int) -> float:
    """Tell how long it takes until the last `span` minutes hold `most` messages or fewer."""
    taken = connection.execute(
        select(turns_taken.c.minute, turns_taken.c.messages)
        .where(turns_taken.c.pace == name, turns_taken.c.minute >= int(now // 60) - span)
        .order_by(turns_taken.c.minute)
    ).all()
    total, wait = sum(row.messages for row in taken), 0.0
    for row in taken:
        if total <= most:
            break
        total -= row.messages
        # The last of a minute may have gone at its very end.
        wait = (row.minute + span + 1) * 60.0 - now
    return max(0.0, wait)


def _count(connection: Connection, name: str, minute: int, messages: int) -> None:
    here = (turns_taken.c.pace == name, turns_taken.c.minute == minute)
    more = update(turns_taken).where(*here).values(messages=turns_taken.c.messages + messages)
    if connection.execute(more).rowcount:
        return
    connection.execute(insert(turns_taken).values(pace=name, minute=minute, messages=messages))
    connection.execute(
        delete(turns_taken).where(
            turns_taken.c.pace == name, turns_taken.c.minute < minute - _MINUTES_A_DAY
        )
    )


def _slowest_of(limit: float | None, rate: float | None) -> float | None:
    known = [each for each in (limit, rate) if each]
    return min(known) if known else None


def _recovered(rate: float | None, limit: float | None) -> float | None:
    """Let the rate grow again little by little; none is kept once the limit is reached."""
    if rate is None:
        return None
    faster = rate * _FASTER
    return None if limit is not None and faster >= limit else faster
