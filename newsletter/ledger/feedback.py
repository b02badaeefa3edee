"""Events of deliveries in the ledger: taken in once, whatever is told twice and in any order.

One transaction takes in one request of a provider: the events, the stages that follow from them,
what they prove of unsure deliveries, and what they mean for further mail to the member. The row of
the dispatch is locked meanwhile, so that two web servers do not count the same delivery twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, insert, select

from newsletter.feedback.event import Event
from newsletter.feedback.policy import Policy
from newsletter.ledger.aftermath import Aftermath
from newsletter.ledger.database import Ledger
from newsletter.ledger.feedback_tables import feedback_events, feedback_stages
from newsletter.ledger.schema import deliveries, dispatches
from newsletter.ledger.stages import AT_ONCE, advance, runs
from newsletter.ledger.states import standing_of
from newsletter.ledger.unsure import accept_on_evidence
from newsletter.message.state import DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of events that were told."""

    new: int = 0
    known: int = 0
    """Told before."""
    unwanted: int = 0
    """Opens and clicks that the workspace does not want to know of."""
    foreign: int = 0
    """About deliveries that this ledger does not have."""
    settled: int = 0
    """Deliveries that turned out to be accepted: unsure ones, and any that was to be sent yet."""
    suppressed: int = 0
    """Members or addresses that are not mailed from now on."""

    def __add__(self, other: "Taken") -> "Taken":
        """Add up."""
        return Taken(**{name: getattr(self, name) + getattr(other, name) for name in _COUNTS})


_COUNTS = ("new", "known", "unwanted", "foreign", "settled", "suppressed")


def take_in(
    ledger: Ledger, events: Iterable[Event], *, source: str, policy: Policy, now: datetime
) -> Taken:
    """Take in events that `source` told, and all that follows from them; or nothing.

    Raises:
        LedgerError: it could not be written; nothing of it was.
    """
    told = list(events)
    wanted = sorted({_key(e): e for e in told if policy.keeps(e)}.items())
    unwanted = sum(not policy.keeps(event) for event in told)
    taken = Taken(unwanted=unwanted, known=len(told) - unwanted - len(wanted))
    by_ref = {ref: [e for _k, e in own] for ref, own in groupby(wanted, lambda pair: pair[0][0])}
    if not by_ref:
        return taken
    with ledger.write() as connection:
        ids = _lock(connection, by_ref)
        for ref, dispatch in ids.items():
            aftermath = Aftermath(connection, dispatch, source=source, policy=policy, now=now)
            by_position = groupby(by_ref[ref], lambda event: event.delivery)
            grouped = {position: tuple(own) for position, own in by_position}
            for some in runs(grouped, AT_ONCE):
                taken += _take_in_some(aftermath, {each: grouped[each] for each in some})
    lost = sum(len(own) for ref, own in by_ref.items() if ref not in ids)
    return taken + Taken(foreign=lost)


def settle_by_events(ledger: Ledger, dispatch: int) -> int:
    """Count as accepted the unsure deliveries of which a provider told anything; return how many.

    Events may come while a delivery is still under way; when its worker dies, they are the proof.

    Raises:
        LedgerError: it could not be written.
    """
    doubted = (
        select(deliveries.c.position)
        .join(
            feedback_stages,
            (feedback_stages.c.dispatch == deliveries.c.dispatch)
            & (feedback_stages.c.position == deliveries.c.position),
        )
        .where(deliveries.c.dispatch == dispatch, standing_of() == DeliveryState.UNSURE.value)
    )
    with ledger.write() as connection:
        found = list(connection.scalars(doubted))
        return sum(accept_on_evidence(connection, dispatch, some) for some in runs(found))


_Key = tuple[str, int, str, str, str]


def _key(event: Event) -> _Key:
    return event.dispatch, event.delivery, event.kind.value, event.moment, event.mark


def _lock(connection: Connection, refs: Iterable[str]) -> dict[str, int]:
    """Find dispatches by their refs and keep others from taking in events of them meanwhile."""
    query = (
        select(dispatches.c.ref, dispatches.c.id)
        .where(dispatches.c.ref.in_(sorted(refs)))
        .order_by(dispatches.c.id)  # always in one order: nobody waits for each other
        .with_for_update(key_share=True)
    )
    return {row.ref: row.id for row in connection.execute(query)}


def _take_in_some(aftermath: Aftermath, told: Mapping[int, Sequence[Event]]) -> Taken:
    connection, dispatch = aftermath.connection, aftermath.dispatch
    here = _here(connection, dispatch, told)
    known = _known(connection, dispatch, list(told))
    new = {
        position: fresh
        for position, events in told.items()
        if position in here
        and (fresh := [e for e in events if (position, *_key(e)[2:]) not in known])
    }
    count = sum(map(len, told.values()))
    foreign = sum(len(own) for position, own in told.items() if position not in here)
    events = [event for own in new.values() for event in own]
    if events:
        connection.execute(insert(feedback_events), list(_rows(aftermath, events)))
        advance(connection, dispatch, new)
    return Taken(
        new=len(events),
        known=count - foreign - len(events),
        foreign=foreign,
        settled=_accept(connection, dispatch, new),
        suppressed=aftermath.follow(events),
    )


def _here(connection: Connection, dispatch: int, positions: Iterable[int]) -> set[int]:
    query = select(deliveries.c.position).where(
        deliveries.c.dispatch == dispatch, deliveries.c.position.in_(list(positions))
    )
    return set(connection.scalars(query))


def _known(
    connection: Connection, dispatch: int, positions: Sequence[int]
) -> set[tuple[int, str, str, str]]:
    table = feedback_events.c
    query = select(table.position, table.kind, table.moment, table.mark).where(
        table.dispatch == dispatch, table.position.in_(positions)
    )
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def _rows(aftermath: Aftermath, events: Iterable[Event]) -> Iterator[dict[str, object]]:
    heard = aftermath.now.isoformat(timespec="seconds")
    for event in events:
        yield {
            "dispatch": aftermath.dispatch,
            "position": event.delivery,
            "kind": event.kind.value,
            "moment": event.moment,
            "mark": event.mark,
            "reason": event.reason.value,
            "note": event.note,
            "agent": event.agent,
            "link": event.link,
            "is_machine": event.is_machine,
            "source": aftermath.source,
            "told_id": event.id[:200],
            "heard": heard,
        }


def _accept(connection: Connection, dispatch: int, new: Mapping[int, Sequence[Event]]) -> int:
    """Settle deliveries: an event of any kind proves that the provider has them."""
    by_reference: dict[str, list[int]] = {}
    for position, events in new.items():
        by_reference.setdefault(max(event.reference for event in events), []).append(position)
    return sum(
        accept_on_evidence(connection, dispatch, positions, reference)
        for reference, positions in by_reference.items()
    )
